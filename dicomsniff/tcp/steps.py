"""The segments of a block by conversation in, those of them that bear on its pauses out: found in columns for all at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dicomsniff.capture.distinct import changes, distinct
from dicomsniff.core import DIRECTIONS
from dicomsniff.tcp.pace import TURN_NS, WITHIN_NS, Pace
from dicomsniff.tcp.rhythm import Rhythm
from dicomsniff.tcp.room import Terms
from dicomsniff.tcp.segments import I64, Segments
from dicomsniff.tcp.waits import ENOUGH, NOISE_NS, WORTH_NS, table_of, tell

MANY = 256
"""In so many segments short waits are worth adding up even where none of them is a pause."""
BothTerms = tuple[Terms | None, Terms | None]


class Steps:
    """Which rows a `Pace` must be shown: to the first with data in the block, from the last, and around every pause.

    `order` sorts the rows by conversation, those of one in packet order; `starts` are the places where these begin.
    `measured`: what adds up in them was told before.
    """

    def __init__(self, segments: Segments, order: I64, starts: I64, *, measured: bool = False) -> None:
        count = len(order)
        source, length = segments.source[order], segments.length[order]
        data = np.flatnonzero(length > 0)
        owner = np.searchsorted(starts, data, side="right") - 1
        first, last = np.append(starts[1:], count), starts.copy()  # of the rows with data; where there are none, all
        first[owner[::-1]] = data[::-1] + 1
        last[owner] = data
        time_ns = segments.time_ns[order[data]]
        longest = np.where(source[data][1:] == source[data][:-1], WITHIN_NS, TURN_NS)
        found = np.flatnonzero((owner[1:] == owner[:-1]) & (np.diff(time_ns) >= longest))
        alone = source[data][found] == source[data][found + 1]
        self._waited = self._worth_adding(owner, source[data], time_ns)
        self._paused = set(owner[found[alone]].tolist())  # conversations in which one side paused by itself
        begins = np.concatenate([starts, last, data[found]])
        ends = np.concatenate([first, np.append(starts[1:], count), data[found + 1] + 1])
        shown = np.bincount(begins, minlength=count + 1) - np.bincount(ends, minlength=count + 1)
        needed = np.cumsum(shown[:-1]) > 0
        self._places = self._with_answers(needed, source, order, starts)
        rows = order[self._places]
        columns = (
            segments.source < segments.target, segments.number, segments.time_ns, segments.seq, segments.ack, segments.flags,
            segments.window, segments.length,
        )  # fmt: skip
        whole = needed[self._places]
        fresh = whole & (self._places > 0) & ~needed[self._places - 1]
        fresh &= ~np.isin(self._places, starts)
        self._rows = list(
            zip(
                self._places.tolist(), whole.tolist(), fresh.tolist(), *(c[rows].tolist() for c in columns), strict=True
            )
        )
        self._bounds: list[int] = np.searchsorted(self._places, np.append(starts, count)).tolist()
        self._starts: list[int] = starts.tolist()
        self._stops = [*self._starts[1:], count]
        self._segments, self._order = segments, order
        self._rhythm = None if measured else Rhythm(segments, order, starts)

    @staticmethod
    def _worth_adding(owner: I64, source: I64, time_ns: I64) -> set[int]:
        """The conversations in which one side waited often enough between segments with data, each time shortly: of these
        rows, all with data."""
        gap = np.diff(time_ns)
        wait = np.flatnonzero((owner[1:] == owner[:-1]) & (source[1:] == source[:-1]) & (gap > NOISE_NS))
        sums = np.bincount(owner[wait], gap[wait])
        return set(np.flatnonzero(sums >= WORTH_NS).tolist())

    @staticmethod
    def _with_answers(needed: np.ndarray[tuple[int], np.dtype[np.bool_]], source: I64, order: I64, starts: I64) -> I64:
        """The needed places, and before each stretch of them the last row of the other side: what it had confirmed."""
        places = np.flatnonzero(needed)
        begins = places[(places > 0) & ~needed[places - 1]]
        if not len(begins):
            return places
        new = np.zeros(len(order), np.int64)
        new[starts] = 1
        change = np.flatnonzero(changes(source) | (new > 0))
        at = change[np.searchsorted(change, begins, side="right") - 1] - 1  # the row before this side's own run
        own = starts[np.searchsorted(starts, begins, side="right") - 1]
        return distinct(np.append(places, at[at >= own]))

    def show(
        self, place: int, skipped: int, pace: Pace, up: bool, terms: Callable[[], BothTerms] | None = None
    ) -> None:
        """Show the conversation at this place without its first rows, which were looked at one by one; `up`: the
        initiator's endpoint id is the lower one. `terms`: see `waits`."""
        begin = self._starts[place] + skipped
        if self._rhythm is not None:
            self._measure(self._rhythm, place, begin, pace, up, terms)
        for at, whole, fresh, lower, number, time_ns, seq, ack, flags, window, length in self._rows[
            self._bounds[place] : self._bounds[place + 1]
        ]:
            if at < begin:
                continue
            direction = DIRECTIONS[lower is not up]
            if not whole:
                pace.note(direction, ack, window)
                continue
            if fresh:
                pace.leave()
            pace.see(direction, number, time_ns, seq, ack, flags, window, length)

    def _measure(
        self, rhythm: Rhythm, place: int, begin: int, pace: Pace, up: bool, terms: Callable[[], BothTerms] | None
    ) -> None:
        meters = pace.metering()
        rhythm.tell(place, meters if up else (meters[1], meters[0]))
        rows = self._order[begin : self._stops[place]]
        told = place in self._paused or (len(rows) >= MANY and place in self._waited)
        if terms is not None and len(rows) >= ENOUGH and told:
            tell(table_of(self._segments, rows, up), pace, terms())
        else:
            for meter in meters:
                meter.passed()
