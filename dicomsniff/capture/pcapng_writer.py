"""Packets in, a pcapng file out: the bytes as they were captured, times to the nanosecond, comments on packets."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import BinaryIO

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
_COMMENT, _RESOLUTION, _END = 1, 9, 0
_NANOSECONDS = 9
_LONGEST_COMMENT = 4_000  # of 65,535 bytes: a reader shows it in one line

_block = Struct("<II").pack
_length = Struct("<I").pack
_option = Struct("<HH").pack
_section = Struct("<IHHq").pack
_interface = Struct("<HHI").pack
_packet = Struct("<IIIII").pack


class PcapngWriter:
    """Writes one section; an interface for every link type, in the order in which they are met."""

    def __init__(self, stream: BinaryIO, comment: str = "") -> None:
        self._stream = stream
        self._interfaces: dict[int, int] = {}
        body = _section(_BYTE_ORDER, 1, 0, -1) + _comments([comment] if comment else [])
        self._write(_SECTION, body)

    def packet(
        self, link_type: int, time_ns: int, data: bytes | memoryview, wire: int, comments: Sequence[str] = ()
    ) -> None:
        """One packet, of which `data` was captured and which was `wire` bytes long; a time before 1970 is written as 0."""
        interface = self._interfaces.get(link_type)
        if interface is None:
            interface = self._interfaces[link_type] = len(self._interfaces)
            resolution = _option(_RESOLUTION, 1) + bytes([_NANOSECONDS, 0, 0, 0]) + _option(_END, 0)
            self._write(_INTERFACE, _interface(link_type, 0, 0) + resolution)
        time_ns = max(time_ns, 0)
        head = _packet(interface, time_ns >> 32 & 0xFFFFFFFF, time_ns & 0xFFFFFFFF, len(data), wire)
        self._write(_PACKET, head + _padded(bytes(data)) + _comments(comments))

    def _write(self, kind: int, body: bytes) -> None:
        size = len(body) + 12
        self._stream.write(_block(kind, size) + body + _length(size))


def _comments(comments: Sequence[str]) -> bytes:
    if not comments:
        return b""
    texts = [comment.encode("utf-8", "replace")[:_LONGEST_COMMENT] for comment in comments]
    return b"".join(_option(_COMMENT, len(text)) + _padded(text) for text in texts) + _option(_END, 0)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
