"""Many segments of one conversation in; how long each sender waited for the window of its receiver or for acknowledgements out.

A sender reacts to an acknowledgement when it arrives, not when it passes the capture point. Seen from here, its next segment
comes one round trip between here and the sender later: with acknowledgements moved by that much, every point of capture
shows what the sender saw (catalogue part 3.4).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.meter import Meter, Stretch, least_way
from dicomsniff.tcp.options import SynOptions, least_mss, scale_of
from dicomsniff.tcp.pace import PAUSES, WITHIN_NS, Pace, Told
from dicomsniff.tcp.room import Acks, Terms, room
from dicomsniff.tcp.segments import ACK, I64, SYN, Segments

ENOUGH = 24
"""Fewer segments are not worth it: their pauses are told one by one."""
NOISE_NS = 100_000
"""Segments nearer to each other than this follow at once."""
JITTER_NS = 300_000
WORTH_NS = 1_000_000
KEPT = 64
WIDE_SEGMENTS = 4
SHORT = 40
"""A segment that is shorter than the longest by no more than this may be whole, with options."""
_WRAP, _HALF = 1 << 32, 1 << 31
Mask = npt.NDArray[np.bool_]


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
    data = np.flatnonzero(table.length > 0)
    out, time = table.out[data], table.time_ns[data]
    change = np.diff(out, prepend=out[:1])
    apart = ~change[1:] & (np.diff(time) > NOISE_NS)
    group = np.cumsum(change)
    for direction in DIRECTIONS:
        known, meter, ours = terms[direction], meters[direction], direction is Direction.TO_RESPONDER
        mine = out == ours
        if known is None or not (apart & mine[1:]).any():  # each message followed at once: nobody waited
            meter.passed()
            continue
        heard = _Heard(table, np.flatnonzero((table.out != ours) & (table.flags & (ACK | SYN) == ACK)), meter)
        if len(heard.time):
            told = _direction(table, data[mine], heard, known, group[mine], meter)
            if len(pace.told) < PAUSES:
                pace.told.update(told)


class _Heard:
    """What came back, oldest first; with the last of it from before, which the meter keeps."""

    def __init__(self, table: Table, rows: I64, meter: Meter) -> None:
        self.time, self.ack, self.window = table.time_ns[rows], table.ack[rows], table.window[rows]
        if meter.recent is not None:
            self.time, self.ack, self.window = (
                np.concatenate(pair) for pair in zip(meter.recent, (self.time, self.ack, self.window), strict=True)
            )
        meter.recent = self.time[-KEPT:].copy(), self.ack[-KEPT:].copy(), self.window[-KEPT:].copy()

    def acks(self, base: int, way_ns: int, meter: Meter) -> Acks:
        """With numbers as distances from `base`."""
        time, widest = np.maximum.accumulate(self.time), np.maximum.accumulate(self.window)
        widest = np.maximum(widest, meter.widest)
        meter.widest = int(widest[-1])
        return Acks(time, time + way_ns, np.maximum.accumulate(_signed(self.ack - base)), self.window, widest)


def _direction(table: Table, rows: I64, heard: _Heard, terms: Terms, group: I64, meter: Meter) -> dict[int, Told]:
    time, base = table.time_ns[rows], int(table.seq[rows[0]])
    ends = np.maximum.accumulate(_signed(table.seq[rows] + table.length[rows] - base))
    acks = heard.acks(base, terms.way_ns, meter)
    passed = np.searchsorted(acks.time, time, side="right")
    # the last that can have reached the sender by then
    by = np.minimum(np.searchsorted(acks.reached, time + JITTER_NS, side="right"), passed) - 1
    at, known = np.maximum(by, 0), by >= 0
    gap = time[1:] - time[:-1]
    together = group[1:] == group[:-1]
    same = together & (gap > NOISE_NS) & known[:-1]
    found = room(time, ends, at, acks, terms, meter.filled)
    meter.filled = found.filled
    meter.hasty += _hasty(table.length[rows], ends, at, acks, terms)
    full = same & found.waited[1:]
    short = gap < WITHIN_NS
    _keep(time, gap, full & short, found.opening[1:], group, meter.wait)
    long = np.flatnonzero(~short & together & known[1:])
    if not len(long):
        return {}
    shut = _shut(acks, terms)
    last = np.minimum(np.searchsorted(acks.reached, time[long + 1] + WITHIN_NS, side="right"), passed[long + 1]) - 1
    columns = (
        table.number[rows[long + 1]], full[long], acks.time[last], last > by[long],
        np.maximum(0, shut(time[long + 1]) - shut(time[long])), found.nearly[long + 1], found.busy[long + 1],
        acks.confirmed[at[long + 1]] >= ends[long], found.opening[long + 1],
    )  # fmt: skip
    return {
        number: Told(filled, when if new else None, *rest)
        for number, filled, when, new, *rest in zip(*(column.tolist() for column in columns), strict=True)
    }


def _hasty(length: I64, ends: I64, at: I64, acks: Acks, terms: Terms) -> int:
    """How many short pieces were sent although another before them was not confirmed, and not for want of room."""
    short = length < terms.mss - SHORT
    both = np.flatnonzero(short[1:] & short[:-1])
    if not len(both) or terms.scale is None:
        return 0
    had = at[both + 1]
    fresh = (acks.confirmed[had] < ends[both]) & (ends[both + 1] > ends[both])
    return int(np.count_nonzero(fresh & (acks.window[had] << terms.scale >= WIDE_SEGMENTS * terms.mss)))


def _shut(acks: Acks, terms: Terms) -> Callable[[I64], I64]:
    """For how long, up to a time, the window was shorter than a segment although it is wide enough for several."""
    offered = acks.window << (terms.scale or 0)
    small = (offered < terms.mss) & (int(offered.max()) >= WIDE_SEGMENTS * terms.mss) & (terms.scale is not None)
    small |= acks.window == 0
    before = np.append(0, np.cumsum(np.where(small[:-1], np.diff(acks.reached), 0)))

    def upto(time: I64) -> I64:
        at = np.maximum(np.searchsorted(acks.reached, time, side="right") - 1, 0)
        return before[at] + np.where(small[at], np.maximum(0, time - acks.reached[at]), 0)

    return upto


def _keep(time: I64, gap: I64, full: Mask, opening: I64, group: I64, wait: Callable[[Stretch], None]) -> None:
    """Add up by message (or what of it is here)."""
    if not full.any():
        return
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    ends = np.append(begins[1:], len(time)) - 1
    opened = full & (opening > 0)
    filled, opened_ns = (np.add.reduceat(np.append(np.where(each, gap, 0), 0), begins) for each in (full, opened))
    window = np.maximum.reduceat(np.append(np.where(opened, opening, 0), 0), begins)
    for at in np.flatnonzero(filled >= WORTH_NS).tolist():
        sums = int(filled[at]), int(opened_ns[at]), int(window[at])
        wait(Stretch(int(time[begins[at]]), int(time[ends[at]]), *sums))


def _signed(numbers: I64) -> I64:
    """Distances of sequence numbers as signed numbers."""
    return (numbers + _HALF) % _WRAP - _HALF
