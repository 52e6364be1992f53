"""The segments of a block in; which conversations simply go on, and what each direction of them says, out: in columns.

Nearly every conversation is in order nearly always: each segment begins where the one before in its direction ended.
That is asked of all conversations of a block at once, so that 5,000 short ones cost a few numpy calls together and not
a method call for each of their packets.
"""

from __future__ import annotations

from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from dicomsniff.core import DIRECTIONS, Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.connection import LINGER_NS, Row, Tracker
from dicomsniff.tcp.measure import terms
from dicomsniff.tcp.segments import ACK, FIN, I64, RST, SEQUENCE, SYN, Segments
from dicomsniff.tcp.steps import Steps
from dicomsniff.tcp.stream import FARTHEST, HALF, WRAP, Stream
from dicomsniff.tcp.watch import SILENCE_NS

Mask = npt.NDArray[np.bool_]
_NOTHING = memoryview(b"")


class Lane(NamedTuple):
    """What one direction of a conversation sends in a block, its SYN left out: the rows `start` to `stop`, of which those
    with bytes are `fresh` to `fresh_stop` among all such; `seq`, `ack` and `time_ns` are those of the first."""

    start: int
    stop: int
    seq: int
    ack: int
    time_ns: int
    last_ack: int
    rise: int  # how far its acknowledgements go from the first to the last
    fresh: int
    fresh_stop: int
    total: int  # bytes
    captured: int  # of these
    longest: int  # segment
    risen: int  # how far acknowledgements had gone up to the first, counted from anywhere
    last: tuple[int, int]  # packet and time


class Special(NamedTuple):
    """A SYN or FIN, the row `at` of the block, sent by the end with the higher id (1) or the lower (0)."""

    higher: int
    number: int
    time_ns: int
    clock_ns: int
    seq: int
    ack: int
    flags: int
    window: int
    length: int
    at: int

    def facing(self, up: bool) -> Row:
        """With its direction, told by whether the initiator's id is the lower one."""
        _, number, time_ns, clock_ns, seq, ack, flags, window, length, _ = self
        direction = DIRECTIONS[self.higher == up]
        return Row(number, time_ns, clock_ns, direction, seq, ack, flags, window, length, _NOTHING)


_NONE: tuple[list[Special], list[Special]] = ([], [])


class Runs:
    """All segments of a block by conversation, and by direction within each.

    `order` sorts the segments by conversation, those of one in packet order; `starts` are the places in it where
    conversations begin; `clock` is the latest time of any packet up to each segment.
    """

    def __init__(self, segments: Segments, order: I64, starts: I64, clock: I64, buffer: memoryview) -> None:
        self._segments, self._clock, self._buffer = segments, clock, buffer
        self._order, self._starts = order, starts
        group = np.zeros(len(order), np.int64)
        group[starts[1:]] = 1
        lane = np.cumsum(group) * 2 + (segments.source[order] > segments.target[order])
        counts = np.bincount(lane, minlength=2 * len(starts))
        self._stop = np.cumsum(counts)
        self._start = self._stop - counts
        # by lane: two for each conversation, the lower source first
        self._rows = order[np.argsort(lane, kind="stable")]
        self._flags = segments.flags[self._rows]
        self._length = segments.length[self._rows]
        self._rise = np.zeros(len(order), np.int64)
        plain = np.empty(len(segments), bool)
        plain[self._rows] = self._plain()
        place = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
        times = segments.time_ns[order]
        silent = np.diff(times, prepend=times[:1]) > SILENCE_NS
        plain[order] &= ((place < 2) | (segments.flags[order] & SYN == 0)) & ~((place > 0) & silent)
        self.whole: list[bool] = np.logical_and.reduceat(plain[order], starts).tolist()
        """For each conversation, whether none of its segments must be looked at by itself."""
        ends = np.append(starts[1:], len(order)) - 1
        self._bounds: list[tuple[int, int, int, int]] = list(
            zip(
                times[starts].tolist(),
                segments.number[order[ends]].tolist(),
                np.maximum.reduceat(times, starts).tolist(),
                clock[order[ends]].tolist(),
                strict=True,
            )
        )

    def follow(self, place: int, tracker: Tracker, up: bool) -> int:
        """Give the tracker of the conversation at this place its segments of the block. How many it has taken then: all
        (-1), or only its leading SYNs, because what follows does not follow from what the tracker knows. `up`: the
        initiator's endpoint id is the lower one."""
        low, high = self._lanes[2 * place], self._lanes[2 * place + 1]
        opening, closing = self._special.get(place, _NONE)
        if opening and not self._open(tracker, opening, up):
            return 0
        taken = len(opening)
        first_ns, number, time_ns, clock = self._bounds[place]
        if not tracker.in_order or first_ns - tracker.last_ns > SILENCE_NS:
            return taken
        if closing and clock - closing[0].clock_ns > LINGER_NS:
            return taken
        lanes = (low, high) if up else (high, low)
        streams = tracker.streams
        for lane, stream, back in zip(lanes, streams, reversed(streams), strict=True):
            if lane.stop > lane.start and not _continues(lane, stream, back):
                return taken
        for lane, direction in zip(lanes, DIRECTIONS, strict=True):
            if lane.stop > lane.start:
                self._add(lane, tracker, direction)
        for special in closing:
            tracker.close(special.facing(up))
        if not streams[0].ignored:
            self._steps.show(place, taken, tracker.pace, up, partial(terms, tracker))
        tracker.last_packet, tracker.last_ns = number, max(tracker.last_ns, time_ns)
        return -1

    def _open(self, tracker: Tracker, opening: list[Special], up: bool) -> bool:
        """Take the SYN of the initiator and the answer to it, if that is what there is."""
        if len(opening) != 2 or tracker.packets:
            return False
        syn, answer = opening[0].facing(up), opening[1].facing(up)
        if syn.direction is not Direction.TO_RESPONDER or syn.flags & ACK or not answer.flags & ACK:
            return False
        for row, special in zip((syn, answer), opening, strict=True):
            tracker.look(row, self._segments, special.at, self._buffer)
            tracker.add(row)
        return True

    def _add(self, lane: Lane, tracker: Tracker, direction: Direction) -> None:
        stream, begin, stop = tracker.streams[direction], lane.fresh, lane.fresh_stop
        tracker.add_run(direction, lane.stop - lane.start, stop - begin, lane.last_ack, lane.time_ns)
        tracker.watch.last[direction] = lane.last
        if lane.longest >= tracker.watch.notable_length[direction]:
            tracker.watch.look_along(direction, self._segments, self._rows[lane.start : lane.stop], self._buffer)
        if begin == stop:
            return
        if stream.ignored:
            stream.pass_over(lane.total, lane.captured, int(self._fresh_times[begin:stop].max()))
            return
        starts, stops, offsets, numbers, times, risen = (column[begin:stop] for column in self._fresh)
        buffer, first = self._buffer, stream.next - offsets[0]
        confirmed = tracker.streams[1 - direction].offset_of(lane.ack) - lane.risen
        pieces = [buffer[a:b] for a, b in zip(starts, stops, strict=True)]
        places = [offset + first for offset in offsets]
        heard = [confirmed + rise for rise in risen]
        if lane.captured < lane.total:
            lengths = self._segments.length[self._fresh_rows[begin:stop]].tolist()
            stream.add_cut_run(pieces, places, lengths, numbers, times, heard)
        else:
            stream.add_run(lane.total, max(times), pieces, places, numbers, times, heard)

    def _plain(self) -> Mask:
        """Which rows are a leading SYN, or ordinary, follow the one before and take back no acknowledgement."""
        segments, rows, flags, length = self._segments, self._rows, self._flags, self._length
        first = np.zeros(len(rows), bool)
        first[self._start[self._stop > self._start]] = True
        syn, fin = flags & SYN != 0, flags & FIN
        seq, ack = segments.seq[rows], segments.ack[rows]
        jump = (seq[1:] - seq[:-1] - length[:-1] - syn[:-1] - fin[:-1]) & SEQUENCE
        self._rise[1:] = np.where(first[1:] | (flags[:-1] & ACK == 0), 0, (ack[1:] - ack[:-1]) & SEQUENCE)
        follows = first.copy()
        follows[1:] |= jump == 0
        ended = np.cumsum(fin) - fin
        ended -= np.repeat(
            ended[self._start[self._stop > self._start]], np.diff(np.flatnonzero(np.append(first, True)))
        )
        speaks = (length > 0) | (fin > 0)
        plain: Mask = follows & ~(speaks & (ended > 0)) & (self._rise <= FARTHEST)
        plain &= (flags & (ACK | RST) == ACK) & (segments.window[rows] > 0)
        plain &= ~syn
        plain |= syn & first & ~speaks & (flags & RST == 0)
        return plain

    @cached_property
    def _lanes(self) -> list[Lane]:
        """Every lane; one without packets but a SYN holds nothing."""
        segments, rows, length = self._segments, self._rows, self._length
        known = self._stop > self._start
        first = np.where(known, self._start, 0)
        first = first + (known & (self._flags[first] & SYN > 0))
        some = known & (first < self._stop)
        at, last = np.where(some, first, 0), np.where(some, self._stop - 1, 0)
        rise, sent = self._risen, np.append(0, np.cumsum(length))
        seen = np.append(0, np.cumsum(segments.captured[rows]))
        fresh = np.append(0, np.cumsum(length > 0))
        longest = np.zeros(len(known), np.int64)
        longest[known] = np.maximum.reduceat(length, self._start[known])
        columns = (
            at, np.where(some, self._stop, at), segments.seq[rows[at]], segments.ack[rows[at]],
            segments.time_ns[rows[at]], segments.ack[rows[last]], rise[last] - rise[at],
            fresh[at], np.where(some, fresh[self._stop], fresh[at]), sent[last + 1] - sent[at],
            seen[last + 1] - seen[at], longest, rise[at],
        )  # fmt: skip
        ends = zip(segments.number[rows[last]].tolist(), segments.time_ns[rows[last]].tolist(), strict=True)
        return list(map(Lane._make, zip(*(c.tolist() for c in columns), ends, strict=True)))

    @cached_property
    def _steps(self) -> Steps:
        return Steps(self._segments, self._order, self._starts)

    @cached_property
    def _fresh_rows(self) -> I64:
        return self._rows[self._length > 0]

    @cached_property
    def _fresh_times(self) -> I64:
        return self._segments.time_ns[self._fresh_rows]

    @cached_property
    def _risen(self) -> I64:
        return np.cumsum(self._rise)

    @cached_property
    def _fresh(self) -> tuple[list[int], list[int], list[int], list[int], list[int], list[int]]:
        """The segments with bytes of all lanes: where these begin and end in the buffer, where they stand (counted from
        anywhere), packets and times, and how far acknowledgements had gone (likewise)."""
        rows, length = self._fresh_rows, self._length[self._length > 0]
        begin, captured = self._segments.payload[rows], self._segments.captured[rows]
        stands, number, risen = np.cumsum(length) - length, self._segments.number[rows], self._risen[self._length > 0]
        columns = begin, begin + captured, stands, number, self._fresh_times, risen
        starts, stops, offsets, numbers, times, rises = (c.tolist() for c in columns)
        return starts, stops, offsets, numbers, times, rises

    @cached_property
    def _special(self) -> dict[int, tuple[list[Special], list[Special]]]:
        """SYNs and FINs by place of their conversation, in packet order."""
        at = np.flatnonzero(self._flags & (SYN | FIN))
        rows = self._rows[at]
        order = np.argsort(rows, kind="stable")
        at, rows = at[order], rows[order]
        lane = np.searchsorted(self._stop, at, side="right")
        segments = self._segments
        columns = (
            lane & 1, segments.number[rows], segments.time_ns[rows], self._clock[rows], segments.seq[rows],
            segments.ack[rows], segments.flags[rows], segments.window[rows], segments.length[rows], rows,
        )  # fmt: skip
        found: dict[int, tuple[list[Special], list[Special]]] = {}
        for place, special in zip(
            (lane >> 1).tolist(), map(Special._make, zip(*(c.tolist() for c in columns), strict=True)), strict=True
        ):
            found.setdefault(place, ([], []))[special.flags & SYN == 0].append(special)
        return found


def _continues(lane: Lane, stream: Stream, back: Stream) -> bool:
    """Whether the first segment follows what its direction delivered, and the acknowledgements go no farther than can be
    meant, so that the last says everything."""
    if lane.seq != ((stream.base or 0) + stream.next) % WRAP:
        return False
    known = back.acknowledged or 0
    nearest = max(known, back.next)
    offset = (lane.ack - (back.base or 0) - nearest + HALF) % WRAP - HALF + nearest
    taken_back = known > back.highest + 1 and offset < known
    return not taken_back and offset + lane.rise - nearest <= FARTHEST
