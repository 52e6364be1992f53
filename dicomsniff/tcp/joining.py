"""Blocks of two points of capture in, one stream of blocks out in which each packet stands once, at the time of the first.

What both captured keeps the place that it has at the first point. What only the second captured is put where it passed
the first, by the journey between them and by its neighbours on the way. Of two copies the one with more bytes stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from dicomsniff.capture.block import I64, PacketBlock, join_blocks
from dicomsniff.capture.source import CaptureSource
from dicomsniff.core.records import dataclass, replace
from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.matching import Rows, offloaded, packet_keys, pairs
from dicomsniff.tcp.points import Group, Journey

MOST_BYTES = 64 << 20
"""Packets that wait for their copies; where a queue on the way makes more of them, late copies count twice."""
NEVER = np.iinfo(np.int64).max
Settle = Callable[[I64, I64], None]


@dataclass(slots=True)
class _Waiting:
    """Packets of one point that are not passed on yet, with their keys and, for those matched, the origin of the copy. A
    matched packet of the second point is only kept to show others their place."""

    block: PacketBlock
    rows: Rows
    copy: I64

    def __len__(self) -> int:
        return len(self.block)

    def take(self, keep: I64) -> _Waiting:
        return _Waiting(self.block.take(keep), self.rows.take(keep), self.copy[keep])

    def join(self, other: _Waiting) -> _Waiting:
        if not len(self) or not len(other):
            return other if len(other) else self
        block = join_blocks([self.block, other.block])
        return _Waiting(block, self.rows.join(other.rows), np.concatenate([self.copy, other.copy]))


class _Stream:
    """One point as it is read: `latest` is the time before which nothing more will come."""

    def __init__(self, blocks: Iterator[PacketBlock], book: EndpointBook, journey: Journey | None) -> None:
        self._blocks, self._decoder, self._journey = blocks, Decoder(book), journey
        self.latest = -1
        self.waiting: _Waiting | None = None

    def advance(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self.latest = NEVER
            return
        rows = packet_keys(block, self._decoder.decode(block))
        clock = np.maximum.accumulate(np.maximum(block.time_ns, self.latest))
        self.latest = max(self.latest, int(clock[-1]) - (0 if self._journey is None else self._journey.delay_ns))
        if self._journey is not None:
            clock = clock + self._journey.shift(rows.source, rows.target)
            rows = replace(rows, rank=np.full(len(rows), NEVER))
        fresh = _Waiting(block, replace(rows, time_ns=clock), np.full(len(block), -1))
        self.waiting = fresh if self.waiting is None else self.waiting.join(fresh)


def join_points(
    first: Iterator[PacketBlock], second: Iterator[PacketBlock], journey: Journey, book: EndpointBook, settle: Settle
) -> Iterator[PacketBlock]:
    """One pass over both. Packets are numbered from 1 as they come; `settle` is told the origins of packets, also of
    those left out, and their numbers."""
    one, other = _Stream(first, book, None), _Stream(second, book, journey)
    count = 0
    while min(one.latest, other.latest) < NEVER:
        (one if one.latest <= other.latest else other).advance()
        horizon = min(one.latest, other.latest)
        if horizon < NEVER and _held(one) + _held(other) < MOST_BYTES:
            horizon -= journey.spread_ns
        block, copies = _emit(one, other, horizon, journey)
        if block is not None:
            block = replace(block, number=count + 1 + np.arange(len(block)))
            count += len(block)
            assert block.origin is not None
            origin = np.concatenate([block.origin, copies[copies >= 0]])
            settle(origin, np.concatenate([block.number, block.number[copies >= 0]]))
            yield block


def _held(stream: _Stream) -> int:
    return 0 if stream.waiting is None else int(stream.waiting.block.captured.sum())


def _emit(one: _Stream, other: _Stream, horizon: int, journey: Journey) -> tuple[PacketBlock | None, I64]:
    """The packets before `horizon`, in order, and the origins of their copies (-1 for none)."""
    a, b = one.waiting, other.waiting
    if a is not None and b is not None and len(a) and len(b):
        other.waiting = _matched(a, b, journey)
    parts = []
    for stream in (one, other):
        if stream.waiting is not None:
            ready = stream.waiting.rows.time_ns < horizon
            passed = ready if stream is one else ready & (stream.waiting.copy < 0)
            parts.append(stream.waiting.take(np.flatnonzero(passed)))
            stream.waiting = stream.waiting.take(np.flatnonzero(~ready))
    parts = [part for part in parts if len(part)]
    if not parts:
        return None, np.empty(0, np.int64)
    whole = parts[0] if len(parts) == 1 else parts[0].join(parts[1])
    order = np.lexsort((whole.rows.rank, whole.rows.time_ns))
    times = np.where(whole.block.time_ns > 0, whole.rows.time_ns, whole.block.time_ns)
    return replace(whole.block, time_ns=times).take(order), whole.copy[order]


def _matched(a: _Waiting, b: _Waiting, journey: Journey) -> _Waiting:
    """Finds the packets of `b` that the first point captured too and puts the others where they passed there. Copies with
    more bytes change places."""
    free, new = np.flatnonzero(a.copy < 0), np.flatnonzero(b.copy < 0)
    mine, theirs = pairs(a.rows.take(free), b.rows.take(new), journey.spread_ns)
    mine, theirs = free[mine], new[theirs]
    assert a.block.origin is not None and b.block.origin is not None
    a.copy[mine], b.copy[theirs] = b.block.origin[theirs], a.block.origin[mine]
    b.rows.time_ns[theirs], b.rows.rank[theirs] = a.rows.time_ns[mine], a.rows.rank[mine]
    fuller = b.block.captured[theirs] > a.block.captured[mine]
    if fuller.any():
        _exchange(a, b, mine[fuller], theirs[fuller])
    _place(b)
    left = np.ones(len(b), bool)
    left[offloaded(a.rows, b.rows, np.flatnonzero(b.copy < 0), journey.spread_ns)] = False
    return b if left.all() else b.take(np.flatnonzero(left))


def _exchange(a: _Waiting, b: _Waiting, mine: I64, theirs: I64) -> None:
    """Put packets of `b` in the place of their copies in `a`."""
    assert a.block.origin is not None
    joined = join_blocks([a.block, b.block])
    assert joined.origin is not None
    a.copy[mine] = a.block.origin[mine]
    rows = np.arange(len(a))
    rows[mine] = len(a) + theirs
    a.block = replace(joined.take(rows), time_ns=a.block.time_ns)


def _place(b: _Waiting) -> None:
    """Put packets that only the second point captured between those before and after them on the same way."""
    rows = b.rows
    order = np.lexsort((np.arange(len(b)), rows.target, rows.source))
    known, place = b.copy[order] >= 0, np.arange(len(b))
    new = (np.diff(rows.source[order], prepend=-9) != 0) | (np.diff(rows.target[order], prepend=-9) != 0)
    flow, alone = np.cumsum(new), ~known & (rows.source[order] >= 0)
    before = np.maximum.accumulate(np.where(known, place, -1))
    after = np.minimum.accumulate(np.where(known, place, len(order))[::-1])[::-1]
    for near, late in ((before, False), (after, True)):
        at = np.flatnonzero(alone & (near >= 0) & (near < len(order)))
        at = at[flow[near[at]] == flow[at]]
        bound, own = order[near[at]], order[at]
        beyond = rows.time_ns[own] >= rows.time_ns[bound] if late else rows.time_ns[own] <= rows.time_ns[bound]
        own, bound = own[beyond], bound[beyond]
        rows.time_ns[own], rows.rank[own] = rows.time_ns[bound], rows.rank[bound] + (-1 if late else 1)


def join_all(source: CaptureSource, groups: Sequence[Group], book: EndpointBook) -> Iterator[PacketBlock]:
    """The packets of all points, each once: to the first two the third is joined, and so on."""
    merged, *others = source.streams(together=True)
    for place, (stream, group) in enumerate(zip(others, groups[1:], strict=True), 1):
        assert group.journey is not None
        settle = source.settle if place == len(others) else _not_final
        merged = join_points(merged, stream, group.journey, book, settle)
    return merged


def _not_final(_origin: I64, _number: I64) -> None:
    """Numbers of packets that are joined with those of another point yet."""
