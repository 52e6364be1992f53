"""The figures and pauses of one direction in; how fast its line carries what it is given, out.

What a slow program and a narrow line have in common is that data come late. A line is as slow for every byte.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from dicomsniff.tcp.meter import MeterFacts
from dicomsniff.tcp.pace import Pause

ENOUGH = 8
"""Fewer pauses tell nothing of a line."""
FRAME = 66
"""Bytes of a frame beside what a segment carries."""
NEAR_NS = 2_000_000


class Carried:
    """What one direction carried, by time."""

    def __init__(self, meter: MeterFacts) -> None:
        self._counts, self._shift = meter.carried, meter.shift

    @cached_property
    def best_rate(self) -> float:
        """Bytes per ns, over three of the times in which they are counted."""
        counts = dict(self._counts)
        most = max((sum(counts.get(at + n, 0) for n in range(3)) for at in counts), default=0)
        return most / (3 << self._shift)

    def length(self, begin_ns: int, end_ns: int) -> float:
        """Bytes that passed between two times."""
        first = bisect_right(self._counts, (begin_ns >> self._shift, -1))
        last = bisect_right(self._counts, (end_ns >> self._shift, 1 << 62))
        length = 0.0
        for at, count in self._counts[first:last]:
            shared = min(end_ns, at + 1 << self._shift) - max(begin_ns, at << self._shift)
            length += count * min(1.0, max(0, shared) / (1 << self._shift))
        return length

    def between(self, pauses: Sequence[Pause], begin_ns: int, end_ns: int) -> float:
        """Bytes per ns of what followed without a pause."""
        followed = self.length(begin_ns, end_ns) - sum(pause.after for pause in pauses)
        return followed / max(1, end_ns - begin_ns - sum(pause.duration_ns for pause in pauses))

    def line_rate(self, pauses: Sequence[Pause], begin_ns: int, end_ns: int, back_ns: int | None) -> float | None:
        """Bytes per ns that a line between sender and capture point carries at least: as many as came in a usual pause, or
        without one, or must have in the shortest round trip `back_ns`. None where there is no such line, or too little to tell."""
        if back_ns is None or back_ns < NEAR_NS or len(pauses) < ENOUGH:
            return None
        rates = sorted((pause.after + FRAME) / pause.duration_ns for pause in pauses)
        return max(rates[len(rates) * 3 // 4], self.between(pauses, begin_ns, end_ns), FRAME / back_ns)


def line_ns(pause: Pause, rate: float) -> int:
    """The part of a pause in which a line of this rate carried what ended it."""
    return min(pause.duration_ns, round((pause.after + FRAME) / rate))
