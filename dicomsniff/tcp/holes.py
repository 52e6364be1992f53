"""Segments that wait behind a hole, in order and without overlap, in; what another one adds to them out."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from operator import attrgetter

from dicomsniff.tcp.marks import Mark

PROVED_LOST = 64
"""Packets that may pass after the receiver confirmed a hole before its bytes count as never captured."""

_START = attrgetter("start")


class Held:
    """A segment, or what was new of it, that waits behind a hole; `since` is when that hole became known, and `passed` how
    many packets had gone by then."""

    __slots__ = ("captured", "data", "end", "heard", "mark", "number", "passed", "since", "start", "time_ns")

    def __init__(
        self,
        start: int,
        end: int,
        data: bytes,
        captured: int,
        number: int,
        time_ns: int,
        since: int,
        passed: int,
        heard: int,
        mark: Mark,
    ) -> None:
        self.start, self.end, self.data, self.captured, self.mark = start, end, data, captured, mark
        self.number, self.time_ns, self.since, self.passed, self.heard = number, time_ns, since, passed, heard


class Confirmed:
    """What the receiver had confirmed as each of the latest packets of a connection passed, while holes are open."""

    __slots__ = ("_latest", "passed")

    def __init__(self) -> None:
        self.passed = 0
        self._latest: deque[int] = deque(maxlen=PROVED_LOST)

    def see(self, offset: int) -> None:
        """A packet goes by, and everything before this offset is confirmed; a negative one where that is not known."""
        self.passed += 1
        self._latest.append(offset)

    def lost(self, first: Held) -> bool:
        """Whether the hole before what waits first was known and confirmed `PROVED_LOST` packets ago, and still is."""
        waited = self.passed - first.passed >= PROVED_LOST
        return waited and min(self._latest[0], self._latest[-1]) >= first.start


def last_from(held: list[Held], start: int) -> Held:
    """The last of them that begins here or before."""
    return held[bisect_right(held, start, key=_START) - 1]


def unwaited(held: list[Held], start: int, end: int) -> list[tuple[int, int, int]]:
    """The parts of a range that do not wait yet: their place in `held`, start and end."""
    parts = []
    at = bisect_right(held, start, key=_START)
    if at:
        start = max(start, held[at - 1].end)
    while start < end:
        stop = held[at].start if at < len(held) else end
        if start < stop:
            parts.append((at, start, min(stop, end)))
        if at == len(held):
            break
        start = held[at].end
        at += 1
    return parts
