"""Memory that processes share: a block's buffer and the columns of every follower in at one end, out without a copy at the other."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing.shared_memory import SharedMemory
from typing import NamedTuple

import numpy as np

from dicomsniff.core.records import replace
from dicomsniff.tcp.segments import I64, U8, Segments, no_segments
from dicomsniff.tcp.sighting import Sighted

COLUMNS = len(no_segments().columns()) + 1  # and the clock
_NOTHING, _NO_TIME = np.empty(0, np.uint8), np.empty(0, np.int64)


class Parcel(NamedTuple):
    """What one follower sees of a block. Buffer (`size` bytes) and columns (`rows` rows from byte `start`) lie in `slot`;
    where that is None they did not fit and are in `seen` themselves."""

    slot: int | None
    size: int
    start: int
    rows: int
    seen: Sighted


class Slots:
    """A few pieces of shared memory; made by one process, opened by name in others."""

    def __init__(self, memories: Sequence[SharedMemory]) -> None:
        self._memories = memories

    @classmethod
    def make(cls, count: int, size: int) -> Slots:
        return cls([SharedMemory(create=True, size=size) for _ in range(count)])

    @classmethod
    def open(cls, names: Sequence[str]) -> Slots:
        return cls([SharedMemory(name) for name in names])

    @property
    def names(self) -> list[str]:
        return [memory.name for memory in self._memories]

    def close(self, unlink: bool = False) -> None:
        for memory in self._memories:
            memory.close()
            if unlink:
                memory.unlink()

    def pack(self, slot: int, shares: Sequence[Sighted]) -> list[Parcel]:
        """The shares of one block, which have its buffer in common, as parcels that lie in this slot."""
        memory = self._memories[slot]
        size = shares[0].data.nbytes
        starts = np.cumsum([-(-size // 8) * 8] + [len(each.segments) * COLUMNS * 8 for each in shares])
        if starts[-1] > memory.size:
            return [Parcel(None, 0, 0, 0, each) for each in shares]
        self._bytes(slot, size)[:] = shares[0].data
        return [self._pack(slot, size, start, each) for start, each in zip(starts[:-1].tolist(), shares, strict=True)]

    def _pack(self, slot: int, size: int, start: int, seen: Sighted) -> Parcel:
        rows = len(seen.segments)
        table = self._table(slot, start, rows)
        for place, column in enumerate((*seen.segments.columns(), seen.clock)):
            table[place] = column
        return Parcel(slot, size, start, rows, replace(seen, segments=no_segments(), clock=_NO_TIME, data=_NOTHING))

    def unpack(self, parcel: Parcel) -> Sighted:
        """What was packed; it must not be used any more once the slot has been given back."""
        if parcel.slot is None:
            return parcel.seen
        table = self._table(parcel.slot, parcel.start, parcel.rows)
        data = self._bytes(parcel.slot, parcel.size)
        data.flags.writeable = False
        return replace(parcel.seen, segments=Segments(*table[:-1]), clock=table[-1], data=data)

    def _table(self, slot: int, start: int, rows: int) -> I64:
        return self._bytes(slot, 8 * COLUMNS * rows, start).view(np.int64).reshape(COLUMNS, rows)

    def _bytes(self, slot: int, size: int, start: int = 0) -> U8:
        buffer = self._memories[slot].buf
        assert buffer is not None
        return np.frombuffer(buffer, np.uint8, size, start)
