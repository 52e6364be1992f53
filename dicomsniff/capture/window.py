"""A byte stream seen through a sliding window: a stream in, one array of bytes a block out, each going on where the last was left."""

from collections.abc import Callable

import numpy as np

from dicomsniff.capture.block import I64, U8
from dicomsniff.capture.compressed import ByteStream

SLACK = 32
"""Zero bytes kept behind the content, so that a record header may be gathered at any offset within it."""

PIECE = 512 << 10
"""Bytes read at once where somebody looks at them, who does it in half the time while they are in the processor's cache."""
SPARSE = 4
"""A window that holds less than this part of the room made for it gives the rest back: a live one waits in a queue, mostly empty."""


class Window:
    """The part of a stream that is in memory.

    `content` is a read-only array, shape (length,), `view` the same bytes with `SLACK` zeros behind, for unpacking. A
    window is never overwritten: `advance` makes a new array, as the blocks made from the old one may still be alive.
    `block_bytes` may be changed at any time and holds from the next `advance`.
    """

    __slots__ = ("_stream", "block_bytes", "content", "length", "padded", "view")

    def __init__(self, stream: ByteStream, block_bytes: int) -> None:
        self._stream = stream
        self.block_bytes = block_bytes
        self._show(np.zeros(SLACK, np.uint8), 0)

    def advance(self, consumed: int, wanted: int, look: Callable[[memoryview, int], None] | None = None) -> bool:
        """Drops `consumed` bytes and reads on: a block's worth, or as much as makes `wanted` bytes if that is more.

        False, and nothing changes, if the stream has no more. `look` is given the bytes, and how many they are, each time
        that some more have come.
        """
        kept = self.length - consumed
        size = max(self.block_bytes, wanted, kept + 1)
        fresh = np.empty(size + SLACK, np.uint8)
        fresh[:kept] = self.content[consumed:]
        filled = self._read(fresh.data, kept, size, look)
        if filled == kept:
            return False
        fresh[filled : filled + SLACK] = 0
        padded = fresh[: filled + SLACK]
        self._show(padded.copy() if filled < size // SPARSE else padded, filled)
        return True

    def _read(self, room: memoryview, filled: int, size: int, look: Callable[[memoryview, int], None] | None) -> int:
        """Fills the room up to `size`, of which some bytes may be there; how many there are then."""
        piece = size if look is None or self._stream.compression else PIECE  # what is inflated ahead is a block's worth
        while True:
            stop = min(filled + piece, size)
            filled += self._fill(room[filled:stop])
            if look is not None:
                look(room, filled)
            if filled < stop or stop == size:
                return filled

    def _fill(self, target: memoryview) -> int:
        done = 0
        while done < len(target) and (count := self._stream.readinto(target[done:])):
            done += count
        return done

    def _show(self, padded: U8, length: int) -> None:
        padded.flags.writeable = False
        self.padded = padded
        self.content = padded[:length]
        self.view = padded.data
        self.length = length


def gather(data: U8, offsets: I64, width: int) -> U8:
    """The `width` bytes at each offset, shape (n, width); offsets + width must lie within `data`.

    A structured view of every byte position lets numpy copy whole headers: five times faster than an index per byte.
    """
    if not len(offsets):
        return np.empty((0, width), np.uint8)
    every = np.ndarray((len(data) - width + 1,), f"V{width}", data, 0, (1,))
    return every[offsets].view(np.uint8).reshape(-1, width)
