"""Numbers of packets in the timeline in, the file each stands in and its number there out."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from dicomsniff.capture.block import I64, ORIGIN
from dicomsniff.core.tuples import NamedTuple

MOST_RUNS = 1 << 20
"""Runs of packets remembered that follow one another in one file, 70 MB; ring-buffer files make one run each."""


class Place(NamedTuple):
    """A packet: the place of its file among the captures, from 1, and its number in that file as Wireshark shows it."""

    capture: int
    packet: int


class Places:
    """Remembers where packets came from, as runs."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._origins: list[int] = []
        self._next = (0, 0)
        self._full_from: int | None = None

    def __bool__(self) -> bool:
        """Whether there is more than one file."""
        return bool(self._numbers)

    def add(self, number: I64, origin: I64) -> None:
        """Packets in the order of their numbers; both of shape (n,), n > 0."""
        first = number[0] != self._next[0] or origin[0] != self._next[1]
        breaks = np.flatnonzero((np.diff(number) != 1) | (np.diff(origin) != 1)) + 1
        starts = np.concatenate([[0], breaks]) if first else breaks
        self._next = int(number[-1]) + 1, int(origin[-1]) + 1
        if self._full_from is not None:
            return
        if len(self._numbers) + len(starts) > MOST_RUNS:
            self._full_from = int(number[0])
            return
        self._numbers += number[starts].tolist()
        self._origins += origin[starts].tolist()

    def find(self, number: int) -> Place | None:
        """Where a packet stands; None where that was not remembered."""
        at = bisect_right(self._numbers, number) - 1
        if at < 0 or (self._full_from is not None and number >= self._full_from):
            return None
        origin = self._origins[at] + number - self._numbers[at]
        return Place((origin >> ORIGIN) + 1, origin & ((1 << ORIGIN) - 1))
