"""Ranges of streams that somebody wants to see in, their bytes out, as the capture is read (again)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from dicomsniff.core import LIMITS, Evidence, Limits
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.events import Chunk, Gap

Wanted = tuple[int, Evidence]
"""A connection, by its id, and a range of one of its streams."""


class Excerpt(NamedTuple):
    """The bytes of one range, as far as they are kept: `pieces` of (stream offset, bytes) in order, holes between them where
    the capture has none. `end` is where the excerpt ends, which is before the range does if that is long."""

    start: int
    end: int
    pieces: tuple[tuple[int, bytes], ...]

    @property
    def data(self) -> bytes | None:
        """The bytes in one, None where some are missing."""
        joined = b"".join(piece for _, piece in self.pieces)
        return joined if len(joined) == self.end - self.start else None


class Excerpts:
    """Keeps the first `most` bytes of every wanted range; beyond `Limits.excerpt_bytes` of all, nothing."""

    def __init__(self, wanted: Iterable[Wanted], most: int, limits: Limits = LIMITS) -> None:
        self._most, self._limit = most, limits.excerpt_bytes
        self._ranges: dict[tuple[int, int], list[int]] = {}  # starts of the ranges of one stream
        self._ends: dict[tuple[int, int, int], int] = {}
        for id, evidence in wanted:
            place = (id, evidence.direction, evidence.start)
            self._ends[place] = max(self._ends.get(place, 0), min(evidence.end, evidence.start + most))
        for connection, direction, start in sorted(self._ends):
            self._ranges.setdefault((connection, direction), []).append(start)
        self.forget()

    def forget(self) -> None:
        """Begin anew: the capture is read once more."""
        self._pieces: dict[tuple[int, int, int], list[tuple[int, bytes]]] = {}
        self._kept = 0

    def take(self, events: Sequence[Chunk | Gap]) -> None:
        """Events of one connection, those of each direction in stream order."""
        for event in events:
            starts = self._ranges.get((event.connection, event.direction))
            if starts is not None and isinstance(event, Chunk):
                self._cut(event, starts)

    def of(self, connection: int, evidence: Evidence) -> Excerpt:
        """What was kept of a range that was wanted."""
        place = (connection, evidence.direction, evidence.start)
        end = min(evidence.end, evidence.start + self._most)
        return Excerpt(evidence.start, end, tuple(self._pieces.get(place, ())))

    def _cut(self, chunk: Chunk, starts: list[int]) -> None:
        end = chunk.start + len(chunk.data)
        for place in range(bisect_left(starts, chunk.start - self._most), len(starts)):
            start = starts[place]
            if start >= end:
                break
            key = (chunk.connection, int(chunk.direction), start)
            first, last = max(start, chunk.start), min(self._ends[key], end)
            if first < last and self._kept < self._limit:
                self._kept += last - first
                piece = bytes(chunk.data[first - chunk.start : last - chunk.start])
                self._pieces.setdefault(key, []).append((first, piece))
