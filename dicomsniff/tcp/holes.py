"""Segments that wait behind a hole, in order and without overlap, in; what another one adds to them out."""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

from dicomsniff.tcp.marks import Mark

_START = attrgetter("start")


class Held:
    """A segment, or what was new of it, that waits behind a hole; `since` is when that hole became known."""

    __slots__ = ("captured", "data", "end", "heard", "mark", "number", "since", "start", "time_ns")

    def __init__(
        self,
        start: int,
        end: int,
        data: bytes,
        captured: int,
        number: int,
        time_ns: int,
        since: int,
        heard: int,
        mark: Mark,
    ) -> None:
        self.start, self.end, self.data, self.captured, self.mark = start, end, data, captured, mark
        self.number, self.time_ns, self.since, self.heard = number, time_ns, since, heard


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
