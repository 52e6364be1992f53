"""Many segments of one conversation in; how long each sender waited for the window of its receiver or for acknowledgements out.

A sender reacts to an acknowledgement when it arrives, not when it passes the capture point. Seen from here, its next segment
comes one round trip between here and the sender later: with acknowledgements moved by that much, every point of capture
shows what the sender saw (catalogue part 3.4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.tcp.meter import Meter, Stretch, least_way
from dicomsniff.tcp.options import SynOptions, least_mss, scale_of
from dicomsniff.tcp.pace import PAUSES, WITHIN_NS, Pace, Told
from dicomsniff.tcp.segments import ACK, I64, SYN, Segments

ENOUGH = 24
"""Fewer segments are not worth it: their pauses are told one by one."""
NOISE_NS = 100_000
"""Segments nearer to each other than this follow at once."""
JITTER_NS = 300_000
AT_ONCE_NS = 1_000_000
WORTH_NS = 1_000_000
KEPT = 64
WIDE_SEGMENTS = 4
QUEUE_NS = 5_000_000
_WRAP, _HALF = 1 << 32, 1 << 31
Mask = npt.NDArray[np.bool_]


class Terms(NamedTuple):
    """Of the data of one direction: the round trip between here and its sender, and between the ends (None: not known), the
    shift of its receiver's windows (likewise), its longest segment."""

    way_ns: int
    round_ns: int | None
    scale: int | None
    mss: int


def terms_of(
    meters: tuple[Meter, Meter],
    handshake: tuple[int | None, int | None],
    syns: tuple[SynOptions | None, SynOptions | None],
) -> tuple[Terms | None, Terms | None]:
    """For the data of both directions; `handshake`: the round trips to the initiator and to the responder."""
    ways = [least_way(handshake[end], meters[1 - end].trips) for end in (0, 1)]
    round_ns = None if ways[0] is None or ways[1] is None else ways[0] + ways[1]
    mss = least_mss(*syns)
    there = None if ways[0] is None else Terms(ways[0], round_ns, scale_of(*syns), mss)
    return there, None if ways[1] is None else Terms(ways[1], round_ns, scale_of(*reversed(syns)), mss)


class Table(NamedTuple):
    """Segments of one conversation in packet order; `out`: from the initiator."""

    number: I64
    time_ns: I64
    seq: I64
    ack: I64
    flags: I64
    window: I64
    length: I64
    out: Mask


def table_of(segments: Segments, rows: I64, up: bool) -> Table:
    """These rows; `up`: the initiator's endpoint id is the lower one."""
    out = (segments.source[rows] < segments.target[rows]) == up
    return Table(
        segments.number[rows],
        segments.time_ns[rows],
        segments.seq[rows],
        segments.ack[rows],
        segments.flags[rows],
        segments.window[rows],
        segments.length[rows],
        out,
    )


def tell(table: Table, pace: Pace, terms: tuple[Terms | None, Terms | None]) -> None:
    """Add what these segments tell to the meters of a pace, and to what it is told of the pauses in them."""
    meters = pace.metering()
    data = table.length > 0
    group = np.cumsum(np.diff(table.out[data], prepend=table.out[data][:1]) != 0)
    for direction in DIRECTIONS:
        known, mine = terms[direction], table.out == (direction is Direction.TO_RESPONDER)
        if known is None or not (mine & data).any():
            continue
        acks = _Acks(table, np.flatnonzero(~mine & (table.flags & (ACK | SYN) == ACK)), meters[direction].recent)
        rows = np.flatnonzero(mine & data)
        meters[direction].recent = acks.last()
        if len(acks.time):
            told = _direction(table, rows, acks, known, group[mine[data]], meters[direction].wait)
            if len(pace.told) < PAUSES:
                pace.told.update(told)


class _Acks:
    """What came back, oldest first; with the last of it from before."""

    def __init__(self, table: Table, rows: I64, before: tuple[I64, I64, I64] | None) -> None:
        self.time, self.ack, self.window = table.time_ns[rows], table.ack[rows], table.window[rows]
        if before is not None:
            self.time, self.ack, self.window = (
                np.concatenate(pair) for pair in zip(before, (self.time, self.ack, self.window), strict=True)
            )

    def last(self) -> tuple[I64, I64, I64]:
        return self.time[-KEPT:].copy(), self.ack[-KEPT:].copy(), self.window[-KEPT:].copy()


def _direction(
    table: Table, rows: I64, acks: _Acks, terms: Terms, group: I64, wait: Callable[[Stretch], None]
) -> dict[int, Told]:
    time, base = table.time_ns[rows], int(table.seq[rows[0]])
    highest = np.maximum.accumulate(_signed(table.seq[rows] + table.length[rows] - base))
    confirmed = np.maximum.accumulate(_signed(acks.ack - base))
    reached = np.maximum.accumulate(acks.time) + terms.way_ns
    passed = np.searchsorted(np.maximum.accumulate(acks.time), time, side="right")
    # the last that can have reached the sender by then
    by = np.minimum(np.searchsorted(reached, time + JITTER_NS, side="right"), passed) - 1
    at, known = np.maximum(by, 0), by >= 0
    gap = time[1:] - time[:-1]
    together = group[1:] == group[:-1]
    same = together & (gap > NOISE_NS) & known[:-1]
    full = same & _waited_for_room(time, highest, confirmed, acks, reached, terms)[1:]
    answer = same & (at[1:] > at[:-1]) & (time[1:] - reached[at[1:]] < AT_ONCE_NS)
    short = gap < WITHIN_NS
    _keep(time, gap, full & short, answer & short & ~full, group, wait)
    long = np.flatnonzero(~short & together & known[1:])
    if not len(long):
        return {}
    shut = _shut(acks, reached, terms)
    last = np.minimum(np.searchsorted(reached, time[long + 1] + WITHIN_NS, side="right"), passed[long + 1]) - 1
    columns = (
        table.number[rows[long + 1]], full[long], acks.time[last], last > by[long],
        shut(time[long + 1]) - shut(time[long]),
    )  # fmt: skip
    return {
        number: Told(filled, when if new else None, max(0, closed))
        for number, filled, when, new, closed in zip(*(column.tolist() for column in columns), strict=True)
    }


def _waited_for_room(time: I64, ends: I64, confirmed: I64, acks: _Acks, reached: I64, terms: Terms) -> Mask:
    """Which segments were sent as soon as the window let them: the first acknowledgement that offered so much had reached
    the sender just before, and had not taken its time because a queue was before the receiver anyway."""
    if terms.scale is None or terms.round_ns is None:
        return np.zeros(len(time), bool)
    offered = confirmed + (acks.window << terms.scale)
    edge = np.maximum.accumulate(offered)
    first = np.searchsorted(edge, ends)
    at = np.minimum(first, len(edge) - 1)
    recent = max(AT_ONCE_NS, terms.round_ns // 2)
    waited = (
        (first > 0)
        & (first < len(edge))
        & (time - reached[at] < recent)
        & ~_queued(at, ends, time, confirmed, acks, terms)
    )
    # or the window was taken back, so that what was offered once says nothing
    had = np.maximum(np.searchsorted(reached, time, side="right") - 1, 0)
    full = offered[had] - ends < terms.mss
    late = (had[1:] > had[:-1]) & (time[1:] - reached[had[1:]] < AT_ONCE_NS)
    waited[1:] |= full[:-1] & late & ~_queued(had[1:], ends, time, confirmed, acks, terms)
    return waited


def _queued(at: I64, ends: I64, time: I64, confirmed: I64, acks: _Acks, terms: Terms) -> Mask:
    """Whether these acknowledgements came late because a queue was before the receiver, and not late on purpose."""
    forth = (terms.round_ns or 0) - terms.way_ns
    sent = np.minimum(np.searchsorted(ends, confirmed[at]), len(time) - 1)
    late: Mask = acks.time[at] - time[sent] > forth + max(QUEUE_NS, forth // 2)
    late &= time[np.minimum(sent + 1, len(time) - 1)] < acks.time[at]
    return late


def _shut(acks: _Acks, reached: I64, terms: Terms) -> Callable[[I64], I64]:
    """For how long, up to a time, the window was shorter than a segment although it is wide enough for several."""
    offered = acks.window << (terms.scale or 0)
    small = (offered < terms.mss) & (int(offered.max()) >= WIDE_SEGMENTS * terms.mss) & (terms.scale is not None)
    small |= acks.window == 0
    before = np.append(0, np.cumsum(np.where(small[:-1], np.diff(reached), 0)))

    def upto(time: I64) -> I64:
        at = np.maximum(np.searchsorted(reached, time, side="right") - 1, 0)
        return before[at] + np.where(small[at], np.maximum(0, time - reached[at]), 0)

    return upto


def _keep(time: I64, gap: I64, full: Mask, answer: Mask, group: I64, wait: Callable[[Stretch], None]) -> None:
    """Add up by message (or what of it is here)."""
    if not (full.any() or answer.any()):
        return
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    ends = np.append(begins[1:], len(time)) - 1
    whole = np.append(np.where(full, gap, 0), 0), np.append(np.where(answer, gap, 0), 0)
    filled, waited = (np.add.reduceat(each, begins) for each in whole)
    for at in np.flatnonzero(filled + waited >= WORTH_NS).tolist():
        values = int(time[begins[at]]), int(time[ends[at]]), int(filled[at]), int(waited[at])
        wait(Stretch(*values))


def _signed(numbers: I64) -> I64:
    """Distances of sequence numbers as signed numbers."""
    return (numbers + _HALF) % _WRAP - _HALF
