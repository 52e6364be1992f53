"""Segments that were sent again in, their number, their cost and the first and last of them out."""

from __future__ import annotations

from collections import deque

from dicomsniff.tcp.segment_facts import Resent

FIRST, LAST = 16, 32
"""Segments kept of each end: a retransmission timer that runs to its end sends a segment some fifteen times."""

RECOVERIES = 4096
"""Stretches of time kept in which something was missing or sent again."""


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
    )

    def __init__(self) -> None:
        self.seen_twice = self.filled_holes = self.recovery_ns = 0
        self.hole_times: dict[int, int] = {}
        self._first: list[Resent] = []
        self._last: deque[Resent] = deque(maxlen=LAST)
        self._number = self._recovered_ns = -1
        self.recoveries: list[tuple[int, int]] = []  # begin and end of each, the first of them

    def add(self, start: int, end: int, number: int, since_ns: int, time_ns: int, *, hole: bool) -> None:
        """One segment sent again, see `Resent`; a second call for the same packet changes nothing."""
        if number == self._number:
            return
        self._number = number
        if hole:
            self.filled_holes += 1
            bits = max(0, time_ns - since_ns).bit_length()
            self.hole_times[bits] = self.hole_times.get(bits, 0) + 1
        else:
            self.seen_twice += 1
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
