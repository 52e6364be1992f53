"""Secrets in, record keys out: the pseudo-random functions of TLS (RFC 2246 §5, RFC 5246 §5, RFC 8446 §7.1, RFC 5869)."""

from __future__ import annotations

import hmac
from hashlib import new

from dicomsniff.tls.suites import Suite
from dicomsniff.tls.values import TLS12


def expand_label(hashed: str, secret: bytes, label: str, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446 §7.1)."""
    name = b"tls13 " + label.encode()
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    out, block, count = b"", b"", 0
    while len(out) < length:
        count += 1
        block = hmac.digest(secret, block + info + bytes([count]), hashed)
        out += block
    return out[:length]


def next_secret(suite: Suite, secret: bytes) -> bytes:
    """The traffic secret after a KeyUpdate (RFC 8446 §7.2)."""
    return expand_label(suite.hash, secret, "traffic upd", new(suite.hash).digest_size)


def prf(version: int, hashed: str, secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """The pseudo-random function of TLS 1.0 to 1.2."""
    if version >= TLS12:
        return _p_hash(hashed, secret, label + seed, length)
    half = (len(secret) + 1) // 2
    one = _p_hash("md5", secret[:half], label + seed, length)
    other = _p_hash("sha1", secret[len(secret) - half :], label + seed, length)
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _p_hash(hashed: str, secret: bytes, seed: bytes, length: int) -> bytes:
    out, a = b"", seed
    while len(out) < length:
        a = hmac.digest(secret, a, hashed)
        out += hmac.digest(secret, a + seed, hashed)
    return out[:length]


def key_block(version: int, suite: Suite, master: bytes, client_random: bytes, server_random: bytes) -> list[bytes]:
    """MAC keys, keys and initial vectors, of the client and the server in turn (RFC 5246 §6.3)."""
    iv = {"gcm": 4, "ccm": 4, "chacha": 12}.get(suite.cipher, 16)
    lengths = (suite.mac, suite.mac, suite.key, suite.key, iv, iv)
    block = prf(version, suite.hash, master, b"key expansion", server_random + client_random, sum(lengths))
    out, at = [], 0
    for length in lengths:
        out.append(block[at : at + length])
        at += length
    return out
