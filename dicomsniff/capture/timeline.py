"""Many files as one timeline: files in, blocks of packets in order of time and numbered throughout out."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from dicomsniff.capture.block import I64, ORIGIN, PacketBlock, join_blocks
from dicomsniff.capture.capture_file import CaptureFile
from dicomsniff.capture.overlap import Overlap
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple


def merge(
    files: Sequence[CaptureFile], count: int = 0, place: int = 0, several: bool = False, final: bool = True
) -> Iterator[PacketBlock]:
    """One pass over the packets of all files, which are given by the time of their first packet.

    Packets are ordered by time, and by file where times are equal. Within a file the order is kept: a packet whose
    time steps back counts as late as the latest before it. A file is opened when the timeline reaches it. A packet that
    stands in several files with the same time comes once. Numbers go on from `count`; where there are `several` files,
    here or elsewhere, packets carry their origin, the first file being number `place`. `final`: files are told the numbers.
    """
    waiting = deque(enumerate(files, place))
    active: list[_Track] = []
    overlap = Overlap()
    while waiting or active:
        while waiting and (not active or waiting[0][1].first_ns < min(track.until for track in active)):
            number, file = waiting.popleft()
            _start(_Track(file, number if several or len(files) > 1 else None), active)
        if not active:
            return
        # Nothing can come before the end of the block that ends first, so all up to there may go.
        pace = min(active, key=lambda track: track.until)
        at = active.index(pace)
        runs = [
            run for i, track in enumerate(active) if (run := track.take(pace.until, "right" if i <= at else "left"))
        ]
        block, count = _joined(runs, count, overlap, final)
        del runs
        if len(block):
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

    def __init__(self, file: CaptureFile, place: int | None) -> None:
        self.file = file
        self._place = place
        self.until = -1
        self._blocks = file.packets()
        self._block: PacketBlock | None = None
        self._keys: I64 = np.zeros(0, np.int64)
        self._start = 0
        self._number = 0

    def advance(self) -> bool:
        """Goes on to the next block; False at the end of the file."""
        self._block = None
        block = next(self._blocks, None)
        if block is None:
            return False
        self._block = block if self._place is None else replace(block, origin=self._place << ORIGIN | block.number)
        self._keys = np.maximum.accumulate(np.maximum(block.time_ns, self.until))
        self._start = 0
        self.until = int(self._keys[-1])
        return True

    def take(self, until: int, side: Literal["left", "right"]) -> _Run | None:
        """The packets at hand before `until`, with (`side` right) or without (left) those that are at it."""
        stop = int(np.searchsorted(self._keys, until, side))
        if self._block is None or stop == self._start:
            return None
        rows = slice(self._start, stop)
        block = self._block.take(rows)
        steps = np.diff(block.number, prepend=self._number)
        self._start, self._number = stop, int(block.number[-1])
        return _Run(self.file, block, self._keys[rows], steps)


def _start(track: _Track, active: list[_Track]) -> None:
    if track.advance():
        active.append(track)
        _share(active)


def _share(active: list[_Track]) -> None:
    for track in active:
        track.file.share(len(active))


def _joined(runs: list[_Run], count: int, overlap: Overlap, settled: bool) -> tuple[PacketBlock, int]:
    """The packets of all runs in the order of their keys, numbered on from `count`, those that came in another file
    left out; and the last number."""
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
        if settled:
            run.file.tally.renumber(run.block.number, final[start:stop])
        start = stop
    block = join_blocks([run.block for run in runs])
    keep, rows = overlap.once(block, np.arange(len(block)) if order is None else order)
    if not keep.all():
        _tell(runs, block, rows[~keep])
        number, rows, order = number[keep], rows[keep], rows
    return replace(block if order is None else block.take(rows), number=number), int(final.max())


def _tell(runs: list[_Run], block: PacketBlock, rows: I64) -> None:
    """Let the files know how many of their packets came in another one."""
    ends = np.cumsum([len(run.block) for run in runs])
    for run, several in zip(runs, np.bincount(np.searchsorted(ends, rows, "right"), minlength=len(runs)), strict=True):
        run.file.tally.elsewhere += int(several)
