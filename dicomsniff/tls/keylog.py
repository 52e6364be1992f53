"""Lines of a TLS key log in (the format of NSS, `SSLKEYLOGFILE`), the secrets of one session out. What is kept here is
never shown: no value prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from dicomsniff.core.records import dataclass

MASTER = "CLIENT_RANDOM"
"""Up to TLS 1.2: the master secret. TLS 1.3 has one label for each of the others."""
EARLY = "CLIENT_EARLY_TRAFFIC_SECRET"
HANDSHAKE = ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET")
TRAFFIC = ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0")
PREMASTER = "PMS_CLIENT_RANDOM"
_LENGTHS = {
    MASTER: range(48, 49),
    PREMASTER: range(32, 1025),  # of RSA 48, of a curve or a group as long as its numbers
    **dict.fromkeys((EARLY, *HANDSHAKE, *TRAFFIC), range(32, 49, 16)),  # of a hash
}
_RANDOM = 32
LARGEST = 256 << 20
"""Bytes of a key log that are read: a session of TLS 1.3 takes 1 kB."""


class KeyFileError(ValueError):
    """A file holds no keys that could be used; the message is for a user."""


@dataclass(slots=True, eq=False)
class Keys:
    """All secrets that were given: by client random and label; and the private RSA keys of servers, as DER (PKCS #8)."""

    secrets: dict[bytes, dict[str, bytes]] = field(default_factory=dict)
    server_keys: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.secrets or self.server_keys)

    def __repr__(self) -> str:
        return f"Keys({len(self.secrets)} sessions, {len(self.server_keys)} server keys)"

    def learn(self, lines: bytes) -> int:
        """Take what is sound of these lines; how many lines were."""
        found = 0
        for label, random, secret in _entries(lines):
            self.secrets.setdefault(random, {})[label] = secret
            found += 1
        return found

    def of(self, random: bytes) -> dict[str, bytes]:
        """The secrets of the session whose ClientHello has this random, by label."""
        return self.secrets.get(random, {})


NO_KEYS = Keys()
"""Nobody adds to these."""


def _entries(lines: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """Label, client random and secret; a line that is cut off (its secret is too short) or of another kind is passed over."""
    for line in lines.splitlines():
        parts = line.split()
        if len(parts) != 3:
            continue
        try:
            label, random, secret = parts[0].decode("ascii"), bytes.fromhex(parts[1].decode()), parts[2].decode()
            value = bytes.fromhex(secret)
        except ValueError:
            continue
        if len(random) == _RANDOM and len(value) in _LENGTHS.get(label, ()):
            yield label, random, value


def read_key_log(path: str | Path) -> bytes:
    """The lines of a key log file. Raises OSError as the file system does, KeyFileError where no line is one."""
    with Path(path).open("rb") as file:
        lines = file.read(LARGEST)
    if not Keys().learn(lines):
        raise KeyFileError(f"{path} is no TLS key log: not one line names a secret (CLIENT_RANDOM, …)")
    return lines


def read_server_key(path: str | Path) -> bytes:
    """A server's private RSA key (PEM or DER, without a password), as DER. Raises OSError as the file system does,
    KeyFileError where it holds none."""
    from dicomsniff.tls.library import serialization

    raw = Path(path).read_bytes()
    load = serialization.load_pem_private_key if b"-----BEGIN" in raw else serialization.load_der_private_key
    try:
        key = load(raw, None)
        return key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    except (ValueError, TypeError) as error:
        raise KeyFileError(f"{path} holds no private key that can be read without a password") from error
