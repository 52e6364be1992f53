"""Many files as one timeline: files in, blocks of packets in order of time and numbered throughout out."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from dicomsniff.capture.block import I64, PacketBlock
from dicomsniff.capture.capture_file import CaptureFile


def merge(files: Sequence[CaptureFile]) -> Iterator[PacketBlock]:
    """One pass over the packets of all files, which are given by the time of their first packet.

    Packets are ordered by time, and by file where times are equal. Within a file the order is kept: a packet whose
    time steps back counts as late as the latest before it. A file is opened when the timeline reaches it.
    """
    waiting = deque(files)
    active: list[_Track] = []
    count = 0
    while waiting or active:
        while waiting and (not active or waiting[0].first_ns < min(track.until for track in active)):
            _start(waiting.popleft(), active)
        if not active:
            return
        # Nothing can come before the end of the block that ends first, so all up to there may go.
        pace = min(active, key=lambda track: track.until)
        at = active.index(pace)
        runs = [
            run for i, track in enumerate(active) if (run := track.take(pace.until, "right" if i <= at else "left"))
        ]
        block, count = _joined(runs, count)
        del runs
        yield block
        del block
        if not pace.advance():
            active.remove(pace)
            _share(active)


class _Run(NamedTuple):
    """Packets of one file that are next in the timeline: their keys in time, and how far each is numbered from the last."""

    file: CaptureFile
    block: PacketBlock
    keys: I64
    steps: I64


class _Track:
    """One file being read: the block at hand, of which the packets before `_start` are gone. `until` is its last key."""

    def __init__(self, file: CaptureFile) -> None:
        self.file = file
        self.until = -1
        self._blocks = file.packets()
        self._block: PacketBlock | None = None
        self._keys: I64 = np.zeros(0, np.int64)
        self._start = 0
        self._number = 0

    def advance(self) -> bool:
        """Goes on to the next block; False at the end of the file."""
        self._block = None
        self._block = next(self._blocks, None)
        if self._block is None:
            return False
        self._keys = np.maximum.accumulate(np.maximum(self._block.time_ns, self.until))
        self._start = 0
        self.until = int(self._keys[-1])
        return True

    def take(self, until: int, side: Literal["left", "right"]) -> _Run | None:
        """The packets at hand before `until`, with (`side` right) or without (left) those that are at it."""
        stop = int(np.searchsorted(self._keys, until, side))
        if self._block is None or stop == self._start:
            return None
        rows = slice(self._start, stop)
        block = _rows(self._block, rows)
        steps = np.diff(block.number, prepend=self._number)
        self._start, self._number = stop, int(block.number[-1])
        return _Run(self.file, block, self._keys[rows], steps)


def _start(file: CaptureFile, active: list[_Track]) -> None:
    track = _Track(file)
    if track.advance():
        active.append(track)
        _share(active)


def _share(active: list[_Track]) -> None:
    for track in active:
        track.file.share(len(active))


def _joined(runs: list[_Run], count: int) -> tuple[PacketBlock, int]:
    """The packets of all runs in the order of their keys, numbered on from `count`; and the last number."""
    order = np.argsort(np.concatenate([run.keys for run in runs]), kind="stable") if len(runs) > 1 else None
    steps = np.concatenate([run.steps for run in runs])
    number = count + np.cumsum(steps if order is None else steps[order])
    final = number
    if order is not None:
        final = np.empty_like(number)
        final[order] = number
    start = 0
    for run in runs:
        stop = start + len(run.block)
        run.file.tally.renumber(run.block.number, final[start:stop])
        start = stop
    block = _interleaved([run.block for run in runs], order)
    return _numbered(block, number), int(number[-1])


def _interleaved(blocks: list[PacketBlock], order: I64 | None) -> PacketBlock:
    """One block over a buffer with the used bytes of all; a single block keeps its buffer and nothing is copied."""
    if order is None:
        return blocks[0]
    pieces, shifts, length = [], [], 0
    for block in blocks:
        low, high = int(block.offset[0]), int(block.offset[-1] + block.captured[-1])
        pieces.append(block.data[low:high])
        shifts.append(np.full(len(block), length - low))
        length += high - low
    data = np.concatenate(pieces)
    data.flags.writeable = False

    def column(name: str) -> I64:
        return np.concatenate([getattr(block, name) for block in blocks])[order]

    return PacketBlock(
        data=data,
        number=column("number"),
        time_ns=column("time_ns"),
        offset=(np.concatenate([block.offset for block in blocks]) + np.concatenate(shifts))[order],
        captured=column("captured"),
        wire=column("wire"),
        link_type=column("link_type"),
    )


def _rows(block: PacketBlock, rows: slice) -> PacketBlock:
    return PacketBlock(
        block.data,
        block.number[rows],
        block.time_ns[rows],
        block.offset[rows],
        block.captured[rows],
        block.wire[rows],
        block.link_type[rows],
    )


def _numbered(block: PacketBlock, number: I64) -> PacketBlock:
    return PacketBlock(block.data, number, block.time_ns, block.offset, block.captured, block.wire, block.link_type)
