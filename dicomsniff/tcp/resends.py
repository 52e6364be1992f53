"""Segments that came again or late in: which of them were sent again, their number, their cost, the first and last of them."""

from __future__ import annotations

from collections import deque
from enum import IntEnum

from dicomsniff.tcp.marks import Mark, by_clock, by_count
from dicomsniff.tcp.segment_facts import Resent

FIRST, LAST = 16, 32
"""Segments kept of each end: a retransmission timer that runs to its end sends a segment some fifteen times."""

RECOVERIES = 4096
"""Stretches of time kept in which something was missing or sent again."""
REORDER_NS = 3_000_000
"""A hole filled sooner than this was reordering; recovery by retransmission takes at least a round trip."""
TIMEOUT_NS = 200_000_000
"""No way and no capture holds a packet for so long; the shortest retransmission timers in the field are as long."""
ASKED = 3
"""A receiver that says so often how far it has got, and nothing else, misses what comes next: a sender believes it after as
many repetitions (RFC 5681 §3.2)."""


class Filled(IntEnum):
    """How a hole was filled. `OVERTAKEN`: by what had been sent before what came first; `UNCLEAR`: by that, or by what was
    sent again; `LATE`: by what was sent again, unless it came sooner than a round trip takes; `RESENT`: its sender shows it."""

    OVERTAKEN, UNCLEAR, LATE, RESENT = range(4)


def filled(open_ns: int, asked: int, mark: Mark, behind: Mark, last: Mark) -> Filled:
    """How a hole was filled that had been open for so long and for which the receiver had asked so often: by a packet with
    this mark, where the one right behind the hole and the last one of all that wait have those."""
    clock = 1 if by_clock(mark, last) > 0 else by_clock(mark, behind)  # what is right behind may have been sent again
    if clock:
        return Filled.RESENT if clock > 0 else Filled.OVERTAKEN
    count = by_count(mark, behind, last)
    if count > 0:
        return Filled.RESENT
    if open_ns < REORDER_NS or (count < 0 and open_ns < TIMEOUT_NS):
        return Filled.OVERTAKEN
    return Filled.LATE if asked >= ASKED or open_ns >= TIMEOUT_NS else Filled.UNCLEAR


class Resends:
    """Counts what one direction sent again; a direction without loss has none."""

    __slots__ = (
        "_first",
        "_last",
        "_number",
        "_recovered_ns",
        "filled_holes",
        "hole_times",
        "recoveries",
        "recovery_ns",
        "seen_twice",
        "unclear",
        "unclear_ns",
    )

    def __init__(self) -> None:
        self.seen_twice = self.filled_holes = self.recovery_ns = 0
        self.unclear = self.unclear_ns = 0
        self.hole_times: dict[int, int] = {}
        self._first: list[Resent] = []
        self._last: deque[Resent] = deque(maxlen=LAST)
        self._number = self._recovered_ns = -1
        self.recoveries: list[tuple[int, int]] = []  # begin and end of each, the first of them

    def fill(self, start: int, end: int, number: int, since_ns: int, time_ns: int, how: Filled) -> None:
        """A segment filled a hole that had been open since then."""
        if how >= Filled.LATE:
            if how is Filled.LATE and number != self._number:
                bits = max(0, time_ns - since_ns).bit_length()
                self.hole_times[bits] = self.hole_times.get(bits, 0) + 1
            self.add(start, end, number, since_ns, time_ns, hole=True)
        elif how is Filled.UNCLEAR:
            self.unclear += 1
            self.unclear_ns = max(self.unclear_ns, time_ns - since_ns)

    def add(self, start: int, end: int, number: int, since_ns: int, time_ns: int, *, hole: bool) -> None:
        """One segment sent again, see `Resent`; a second call for the same packet changes nothing."""
        if number == self._number:
            return
        self._number = number
        self.filled_holes += hole
        self.seen_twice += not hole
        begun = max(since_ns, self._recovered_ns)
        self.recovery_ns += max(0, time_ns - begun)
        if time_ns > begun and len(self.recoveries) < RECOVERIES:
            self.recoveries.append((begun, time_ns))
        self._recovered_ns = max(self._recovered_ns, time_ns)
        kept = self._first if len(self._first) < FIRST else self._last
        kept.append(Resent(start, end, number, since_ns, time_ns, hole))

    @property
    def resent(self) -> tuple[Resent, ...]:
        return (*self._first, *self._last)
