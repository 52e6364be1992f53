"""The keys of one direction and one epoch in; one protected record in, its content and content type out (RFC 5246
§6.2.3, RFC 7366, RFC 8446 §5.2). What does not authenticate gives None, never bytes."""

from __future__ import annotations

import hmac
from typing import Protocol

from dicomsniff.tls.schedule import expand_label, next_secret
from dicomsniff.tls.suites import Suite
from dicomsniff.tls.values import TLS10, TLS11

Body = bytes | memoryview
Opened = tuple[int, Body]
"""Content type, content."""


class Opener(Protocol):
    """Opens records of one direction under one set of keys. `prefix` bytes of a record come before the content,
    `overhead` bytes are not content; `exact`: whether that holds for every record."""

    prefix: int
    overhead: int
    exact: bool

    def open(self, sequence: int, kind: int, version: int, body: Body) -> Opened | None: ...

    def passed(self, body: Body | None) -> None:
        """A record has gone by, opened or not; None where it was not captured whole."""

    def updated(self) -> Opener | None:
        """What opens the records after a KeyUpdate; None where there is no such thing."""

    def content_length(self, length: int, tail: bytes) -> int | None:
        """What a record whose body is so long holds, of which only the last bytes are there; None where they do not
        tell. Nothing vouches for it."""


def _aead(suite: Suite, key: bytes) -> object:
    from dicomsniff.tls.library import AESCCM, AESGCM, ChaCha20Poly1305

    if suite.cipher == "gcm":
        return AESGCM(key)
    return ChaCha20Poly1305(key) if suite.cipher == "chacha" else AESCCM(key, suite.tag)


def _opened(aead: object, nonce: bytes, body: Body, known: bytes) -> bytes | None:
    from dicomsniff.tls.library import InvalidTag

    try:
        content: bytes = aead.decrypt(nonce, body, known)  # type: ignore[attr-defined]
        return content
    except (InvalidTag, ValueError):
        return None


class Tls13:
    """RFC 8446 §5.2; the content type is the last byte that is not zero."""

    prefix = 0
    exact = True  # padding, which nobody sends, would show in what follows

    def __init__(self, suite: Suite, secret: bytes) -> None:
        self._suite, self._secret = suite, secret
        self._aead = _aead(suite, expand_label(suite.hash, secret, "key", suite.key))
        self._iv = int.from_bytes(expand_label(suite.hash, secret, "iv", 12), "big")
        self.overhead = suite.tag + 1

    def open(self, sequence: int, kind: int, version: int, body: Body) -> Opened | None:
        known = bytes([kind]) + version.to_bytes(2, "big") + len(body).to_bytes(2, "big")
        content = _opened(self._aead, (self._iv ^ sequence).to_bytes(12, "big"), body, known)
        if not content:
            return None
        if content[-1]:
            return content[-1], memoryview(content)[:-1]
        bare = content.rstrip(b"\0")
        return (bare[-1], bare[:-1]) if bare else None

    def passed(self, body: Body | None) -> None:
        """Nothing is carried over."""

    def updated(self) -> Opener | None:
        return Tls13(self._suite, next_secret(self._suite, self._secret))

    def content_length(self, length: int, tail: bytes) -> int | None:
        return max(0, length - self.overhead)


class Aead:
    """TLS 1.2 with AES-GCM, AES-CCM (RFC 5288, RFC 6655: eight bytes of nonce in the record) or ChaCha20 (RFC 7905)."""

    exact = True

    def __init__(self, suite: Suite, key: bytes, iv: bytes) -> None:
        self._aead, self._iv, self._tag = _aead(suite, key), iv, suite.tag
        self.prefix = 0 if suite.cipher == "chacha" else 8
        self.overhead = self.prefix + suite.tag

    def open(self, sequence: int, kind: int, version: int, body: Body) -> Opened | None:
        if len(body) < self.overhead:
            return None
        if self.prefix:
            nonce = self._iv + bytes(body[:8])
        else:
            nonce = (int.from_bytes(self._iv, "big") ^ sequence).to_bytes(12, "big")
        known = _known(sequence, kind, version, len(body) - self.overhead)
        content = _opened(self._aead, nonce, body[self.prefix :], known)
        return None if content is None else (kind, content)

    def passed(self, body: Body | None) -> None:
        """Nothing is carried over."""

    def updated(self) -> Opener | None:
        return None

    def content_length(self, length: int, tail: bytes) -> int | None:
        return max(0, length - self.overhead)


class Cbc:
    """TLS 1.0 to 1.2 with AES in CBC mode and a MAC, over the content or (RFC 7366) over what is encrypted. How long the
    padding of a record is only the record itself tells."""

    exact = False

    def __init__(
        self, suite: Suite, version: int, mac_key: bytes, key: bytes, iv: bytes, encrypt_then_mac: bool
    ) -> None:
        from dicomsniff.tls.library import Cipher, algorithms, modes

        self._mac_key, self._hash, self._mac = mac_key, suite.mac_hash, suite.mac
        self._running = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
        self._chain: bytes | None = iv if version <= TLS10 else None  # TLS 1.0: the last block of the record before
        self._fresh, self._proven = True, False
        self._etm = encrypt_then_mac
        self.prefix = 16 if version >= TLS11 else 0
        self.overhead = self.prefix + suite.mac + 8  # and half a block of padding

    def open(self, sequence: int, kind: int, version: int, body: Body) -> Opened | None:
        mac = self._mac
        inner = body[: len(body) - mac] if self._etm else body
        if len(inner) < 16 + self.prefix or len(inner) % 16:
            return None
        if self._etm and not self._proves(sequence, kind, version, inner, body[len(body) - mac :]):
            return None
        self._proven = self._etm
        if not self.prefix:
            before = self._before(sequence)
            if before is None:
                return None
            inner = before + bytes(inner)
        plain = self._decrypt(inner)
        fill = plain[-1] + 1
        end = len(plain) - fill - (0 if self._etm else mac)
        if end < 0 or bytes(plain[-fill:]).count(plain[-1]) != fill:
            return None
        content = plain[:end]
        if not self._etm and not self._proves(sequence, kind, version, content, plain[end : end + mac]):
            return None
        return kind, content

    def _before(self, sequence: int) -> bytes | None:
        """What the first block of a record of TLS 1.0 was joined with: before all others that of the keys."""
        return None if self._fresh and sequence else self._chain

    def passed(self, body: Body | None) -> None:
        """With encrypt-then-MAC nothing in a record vouches for the block before it but its own MAC."""
        if self.prefix:
            return
        end = 0 if body is None else len(body) - (self._mac if self._etm else 0)
        known = body is not None and end >= 16 and (self._proven or not self._etm)
        self._chain = bytes(body[end - 16 : end]) if known and body is not None else None
        self._fresh = self._proven = False

    def _decrypt(self, blocks: Body) -> memoryview:
        """Blocks behind the one that the first of them was joined with. One context decrypts everything: what it joins
        that first one with is of no interest."""
        return memoryview(self._running.update(blocks))[16:]

    def _proves(self, sequence: int, kind: int, version: int, covered: Body, mac: Body) -> bool:
        known = _known(sequence, kind, version, len(covered))
        return hmac.compare_digest(hmac.digest(self._mac_key, b"".join((known, covered)), self._hash), bytes(mac))

    def updated(self) -> Opener | None:
        return None

    def content_length(self, length: int, tail: bytes) -> int | None:
        """The last block of a record tells how long its padding is."""
        blocks = tail[: len(tail) - self._mac] if self._etm else tail
        if len(blocks) < 32:
            return None
        content = length - self.prefix - self._mac - self._decrypt(blocks[-32:])[-1] - 1
        return content if content >= 0 else None


def _known(sequence: int, kind: int, version: int, length: int) -> bytes:
    """What the protection of TLS 1.2 covers besides the content (RFC 5246 §6.2.3.1, §6.2.3.3)."""
    return sequence.to_bytes(8, "big") + bytes([kind]) + version.to_bytes(2, "big") + length.to_bytes(2, "big")
