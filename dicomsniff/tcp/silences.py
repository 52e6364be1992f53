"""Segments of every block in; which silences of the whole capture the clocks of their senders confirm, and which they deny, out.

After a silence nobody can tell from the times of packets alone whether time went by or the clock was set forward. Who sends
time stamps (RFC 7323 §3) says how long it was for him: his clock went on, at the pace at which it does, or it did not.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dicomsniff.capture.block import PacketBlock
from dicomsniff.capture.distinct import distinct
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.segments import I64, SEQUENCE, SYN, U8, Segments
from dicomsniff.tcp.stamps import stamps_of

SILENCE_NS = 2_000_000_000
"""A shorter one is worth nothing to anybody."""
LONG_NS = 3_600_000_000_000
"""What is longer is taken for a jump unless it is confirmed."""
MOST = 10_000
"""Silences looked at, and senders known at once; a capture with more is one of single packets."""
PICKED = 32
"""Segments looked at behind a silence, before the next and between them, or in a block without any."""
KNOWN_TICKS = 20
"""Ticks from which on the pace of a clock is known well enough to tell double from single."""
PACES = (1000, 250, 100)
"""Ticks a second of the usual clocks; one a second is the slowest that may be (RFC 7323 §5.4)."""
SLOWEST, NEAR, EXACT = 1, 0.1, 0.003
_HALF = 1 << 31
_UNEVEN = np.arange(PICKED) * 7919
_SECOND = 1_000_000_000


class Silence(NamedTuple):
    """Before this packet `clock_ns` went by without any, by the clock of the capture; `sender_ns` by that of a sender who
    denies it, None where it is confirmed."""

    packet: int
    clock_ns: int
    sender_ns: int | None


@dataclass(slots=True)
class _Sender:
    """The latest segment of one direction of a connection, and how far its clock went on between two silences."""

    era: int
    time_ns: int
    stamp: int
    ticks: int = 0
    ns: int = 0


class _Span(NamedTuple):
    sender: _Sender
    first: int  # silence
    last: int
    ticks: int
    ns: int


class Silences:
    """Follows the blocks of a capture in order."""

    def __init__(self) -> None:
        self._latest_ns: int | None = None
        self._found: list[tuple[int, int]] = []  # packet and length of each silence
        self._senders: dict[tuple[int, int], _Sender] = {}
        self._spans: list[_Span] = []

    def see(self, block: PacketBlock, segments: Segments, data: U8) -> None:
        """The next block, with all of its segments."""
        if not len(block) or len(self._found) >= MOST:
            return
        clock = np.maximum.accumulate(block.time_ns)
        before = clock[0] if self._latest_ns is None else self._latest_ns
        steps = np.diff(clock, prepend=before)
        self._latest_ns = max(int(before), int(clock[-1]))
        at = np.flatnonzero(steps >= SILENCE_NS)
        era = len(self._found)
        self._found += zip(block.number[at].tolist(), steps[at].tolist(), strict=True)
        if len(segments):
            self._listen(segments, data, np.searchsorted(segments.number, block.number[at]), era)

    def _listen(self, segments: Segments, data: U8, bounds: I64, era: int) -> None:
        rows, eras = _picked(segments, bounds, era)
        picked = segments.take(rows)
        known, value, _ = stamps_of(picked, data)
        syn = picked.flags & SYN > 0
        of_use = np.flatnonzero(known | syn)
        columns = (c[of_use].tolist() for c in (eras, syn, picked.source, picked.target, picked.time_ns, value))
        for era, begins, source, target, time_ns, stamp in zip(*columns, strict=True):
            if begins:
                self._senders.pop((source, target), None)
            else:
                self._hear((source, target), era, time_ns, stamp)

    def _hear(self, pair: tuple[int, int], era: int, time_ns: int, stamp: int) -> None:
        sender = self._senders.get(pair)
        if sender is None:
            if len(self._senders) >= MOST:
                del self._senders[next(iter(self._senders))]
            self._senders[pair] = _Sender(era, time_ns, stamp)
            return
        ticks, ns = (stamp - sender.stamp) & SEQUENCE, time_ns - sender.time_ns
        if ticks >= _HALF or ns <= 0:  # out of order
            return
        if era == sender.era:
            sender.ticks, sender.ns = sender.ticks + ticks, sender.ns + ns
        elif len(self._spans) < 4 * MOST:
            self._spans.append(_Span(sender, sender.era, era, ticks, ns))
        sender.era, sender.time_ns, sender.stamp = era, time_ns, stamp

    def told(self) -> tuple[Silence, ...]:
        """The long ones that are confirmed by some and denied by nobody, and all that are denied by some and confirmed by
        nobody, in order."""
        confirmed, denied = set[int](), dict[int, int]()
        for span in self._spans:
            own_ns = _own_ns(span)
            if own_ns is None:
                confirmed.update(range(span.first, span.last))
            elif own_ns >= 0 and span.last - span.first == 1:
                denied[span.first] = own_ns
        found = []
        for place, (packet, clock_ns) in enumerate(self._found):
            if place in denied and place not in confirmed:
                found.append(Silence(packet, clock_ns, denied[place]))
            elif place in confirmed and place not in denied and clock_ns > LONG_NS:
                found.append(Silence(packet, clock_ns, None))
        return tuple(found)


def _own_ns(span: _Span) -> int | None:
    """How long a stretch was for a sender to whom it was much shorter; None where he confirms it, -1 where he tells
    nothing."""
    sender, ticks, ns = span.sender, span.ticks, span.ns
    if sender.ticks >= KNOWN_TICKS:
        own_ns = ticks * sender.ns // sender.ticks
        if abs(own_ns - ns) <= NEAR * ns:
            return None
        return own_ns if 2 * own_ns < ns else -1
    pace = ticks * _SECOND / ns
    if any(abs(pace - usual) <= EXACT * usual for usual in PACES):
        return None
    slow_ns = ticks * _SECOND // SLOWEST
    return slow_ns if 2 * slow_ns < ns else -1


def _picked(segments: Segments, bounds: I64, era: int) -> tuple[I64, I64]:
    """Rows of segments from before, between and behind the silences that begin at `bounds`, and all SYNs; and how many
    silences went before each of them."""
    ends = [0, *bounds.tolist(), len(segments)]
    parts = [np.flatnonzero(segments.flags & SYN)]
    for start, stop in pairwise(ends):
        if stop - start <= 3 * PICKED:
            parts.append(np.arange(start, stop))
            continue
        step = (stop - start) // PICKED
        between = start + np.arange(PICKED) * step + _UNEVEN % step  # so that no rhythm of the traffic hides a sender
        parts += [np.arange(start, start + PICKED), between, np.arange(stop - PICKED, stop)]
    rows = distinct(np.concatenate(parts))
    return rows, era + np.searchsorted(bounds, rows, side="right")
