"""The body of one handshake message in, what it says out (RFC 5246 §7.4, RFC 8446 §4); None where it is not sound."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.tls.certificate import read_certificate
from dicomsniff.tls.names import is_grease
from dicomsniff.tls.values import TLS13, Certificate, ClientHello, ServerHello

SERVER_NAME, PROTOCOLS, SUPPORTED_VERSIONS = 0, 16, 43
SUITES, CERTIFICATES, TEXT = 512, 8, 255
"""Most cipher suites and certificates that are kept of a message, and most characters of a name."""
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that is a HelloRetryRequest (RFC 8446 §4.1.3)."""


class ShortError(Exception):
    """The message ends before it should; never leaves this module."""


class _Reader:
    """Takes fields off the front of bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise ShortError
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def vector(self, width: int) -> bytes:
        """A field behind its length of `width` bytes."""
        return self.take(self.number(width))

    @property
    def more(self) -> bool:
        return self.at < len(self.data)


def client_hello(body: bytes, packet: int, time_ns: int) -> ClientHello | None:
    try:
        reader = _Reader(body)
        version, random = reader.number(2), reader.take(32)
        reader.vector(1)
        suites = tuple(s for s in _numbers(reader.vector(2)) if not is_grease(s))[:SUITES]
        reader.vector(1)
        extensions = dict(_extensions(reader))
        said = extensions.get(SUPPORTED_VERSIONS)
        versions = tuple(v for v in _numbers(said[1:]) if not is_grease(v)) if said else (version,)
        name, protocols = _server_name(extensions.get(SERVER_NAME)), _protocols(extensions.get(PROTOCOLS))
    except ShortError:
        return None
    offered = tuple(sorted(versions, reverse=True))
    return ClientHello(packet, time_ns, random, offered, suites, name, protocols, frozenset(extensions))


def server_hello(body: bytes, packet: int, time_ns: int) -> ServerHello | None:
    try:
        reader = _Reader(body)
        version, random = reader.number(2), reader.take(32)
        reader.vector(1)
        suite = reader.number(2)
        reader.take(1)
        extensions = dict(_extensions(reader))
    except ShortError:
        return None
    said = extensions.get(SUPPORTED_VERSIONS, b"")
    chosen = int.from_bytes(said, "big") if len(said) == 2 else version
    return ServerHello(packet, time_ns, random, chosen, suite, frozenset(extensions))


def certificates(body: bytes) -> tuple[Certificate, ...] | None:
    """Of a Certificate message up to TLS 1.2."""
    try:
        chain, found = _Reader(_Reader(body).vector(3)), list[Certificate]()
        while chain.more and len(found) < CERTIFICATES:
            found.append(read_certificate(chain.vector(3)))
    except ShortError:
        return None
    return tuple(found)


def is_tls13(hello: ServerHello | None) -> bool:
    """Whether all behind this hello is encrypted."""
    return hello is not None and hello.version >= TLS13


def _numbers(data: bytes) -> tuple[int, ...]:
    return tuple(data[at] << 8 | data[at + 1] for at in range(0, len(data) - 1, 2))


def _extensions(reader: _Reader) -> Iterator[tuple[int, bytes]]:
    """Type and contents of each; a hello may end without any."""
    if not reader.more:
        return
    inner = _Reader(reader.vector(2))
    while inner.more:
        kind = inner.number(2)
        yield kind, inner.vector(2)


def _server_name(data: bytes | None) -> str | None:
    """The host name of a server_name extension (RFC 6066 §3)."""
    if not data:
        return None
    entries = _Reader(_Reader(data).vector(2))
    while entries.more:
        kind, name = entries.number(1), entries.vector(2)
        if kind == 0:
            return _text(name)
    return None


def _protocols(data: bytes | None) -> tuple[str, ...]:
    """Of an application_layer_protocol_negotiation extension (RFC 7301 §3.1)."""
    if not data:
        return ()
    entries, found = _Reader(_Reader(data).vector(2)), list[str]()
    while entries.more and len(found) < CERTIFICATES:
        found.append(_text(entries.vector(1)))
    return tuple(found)


def _text(data: bytes) -> str:
    return "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in data[:TEXT].decode("ascii", "replace")
    )
