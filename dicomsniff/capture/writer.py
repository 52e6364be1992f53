"""Packet blocks in, a pcapng file out that can be read while it grows; one interface for each link type met."""

import os
import struct
from io import FileIO

import numpy as np

from dicomsniff.capture.block import PacketBlock
from dicomsniff.capture.pcapng_section import ENHANCED_PACKET

_SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
_HEAD, _TAIL = 28, 4
_NANOSECONDS = struct.pack("<HHBxxxHH", 9, 1, 9, 0, 0)  # if_tsresol, end of options
_PADS = (b"", b"\0", b"\0\0", b"\0\0\0")


class PcapngWriter:
    """One file. A write that fails leaves what was written before whole. `size` is its length in bytes."""

    def __init__(self, path: str) -> None:
        """Raises OSError; a file of that name is begun anew."""
        self.path = path
        self.size = 0
        self.first_ns: int | None = None
        self.last_ns = 0
        self._file = FileIO(path, "w")
        self._interfaces: dict[int, int] = {}
        try:
            self._write([_SECTION])
        except OSError:
            self._file.close()
            os.unlink(path)
            raise

    def write(self, block: PacketBlock) -> None:
        """The packets of a block. Raises OSError, and then none of them is in the file."""
        known = dict(self._interfaces)
        pieces: list[bytes | memoryview] = [self._interface(link) for link in np.unique(block.link_type).tolist()]
        pieces += _packets(block, self._interfaces)
        try:
            self._write(pieces)
        except OSError:
            self._interfaces = known
            raise
        times = block.time_ns
        self.first_ns = int(times.min()) if self.first_ns is None else min(self.first_ns, int(times.min()))
        self.last_ns = max(self.last_ns, int(times.max()))

    def close(self) -> None:
        self._file.close()

    def _interface(self, link_type: int) -> bytes:
        if link_type in self._interfaces:
            return b""
        self._interfaces[link_type] = len(self._interfaces)
        length = 20 + len(_NANOSECONDS)
        return struct.pack("<IIHHI", 1, length, link_type, 0, 0) + _NANOSECONDS + struct.pack("<I", length)

    def _write(self, pieces: "list[bytes | memoryview]") -> None:
        left = memoryview(b"".join(pieces))
        size = self.size + len(left)
        try:
            while left:
                left = left[self._file.write(left) or 0 :]
        except OSError:
            self._file.truncate(self.size)
            self._file.seek(self.size)
            raise
        self.size = size


def _packets(block: PacketBlock, interfaces: "dict[int, int]") -> "list[bytes | memoryview]":
    """Enhanced Packet Blocks."""
    padding = -block.captured % 4
    length = _HEAD + block.captured + padding + _TAIL
    places = np.zeros(1 << 16, np.int64)
    for link, place in interfaces.items():
        places[link] = place
    time = np.maximum(block.time_ns, 0)
    words = np.stack(
        (
            np.full(len(block), ENHANCED_PACKET),
            length,
            places[block.link_type],
            time >> 32,
            time & 0xFFFFFFFF,
            block.captured,
            block.wire,
        ),
        axis=1,
    )
    heads, tails = memoryview(words.astype("<u4").tobytes()), memoryview(length.astype("<u4").tobytes())
    data = block.data.data
    pieces: list[bytes | memoryview] = []
    at = 0
    for offset, captured, pad in zip(block.offset.tolist(), block.captured.tolist(), padding.tolist(), strict=True):
        pieces.append(heads[7 * at : 7 * at + _HEAD])
        pieces.append(data[offset : offset + captured])
        pieces.append(_PADS[pad])
        pieces.append(tails[at : at + _TAIL])
        at += _TAIL
    return pieces
