"""A cipher suite's number in; how its records are protected, and with which hash its keys are made, out."""

from __future__ import annotations

from functools import lru_cache

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tls.names import suite_name


class Suite(NamedTuple):
    """`cipher` is "gcm", "ccm", "chacha" or "cbc"; `key`, `mac` (of the MAC key) and `tag` are lengths in bytes; `mac_hash`
    protects CBC records, `hash` makes the keys (from TLS 1.2 on). `rsa`: the client encrypts the premaster secret for the
    server's RSA key."""

    cipher: str
    key: int
    hash: str
    mac_hash: str = ""
    mac: int = 0
    tag: int = 16
    rsa: bool = False


_MACS = {"SHA": ("sha1", 20), "SHA256": ("sha256", 32), "SHA384": ("sha384", 48)}


@lru_cache(maxsize=64)
def suite_of(number: int) -> Suite | None:
    """None for suites that are not decrypted: those without encryption, RC4, DES, Camellia, ARIA and unknown ones."""
    name = suite_name(number)
    rsa = name.startswith("TLS_RSA_WITH_")
    if "CHACHA20_POLY1305" in name:
        return Suite("chacha", 32, "sha256", rsa=rsa)
    key = 16 if "AES_128" in name else 32 if "AES_256" in name else 0
    if not key:
        return None
    hashed = name.rpartition("_")[2]
    if "_GCM_" in name:
        return Suite("gcm", key, hashed.lower(), rsa=rsa)
    if "_CCM" in name:
        return Suite("ccm", key, "sha256", tag=8 if "CCM_8" in name else 16, rsa=rsa)
    if "_CBC_" in name and hashed in _MACS:
        mac_hash, length = _MACS[hashed]
        return Suite("cbc", key, "sha384" if hashed == "SHA384" else "sha256", mac_hash, length, rsa=rsa)
    return None
