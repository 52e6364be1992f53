"""Packets of connections without a byte of data, kept in columns where there are too many to follow each one.

A flood of SYNs, answered or not, and a port scan open connections by the million that never say anything. The first of
them are followed like any other; beyond `Limits.empty_connections` they are counted, and their latest packets wait here
for the case that the conversation goes on after all: then they are put back in front of its data.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from dicomsniff.capture.distinct import changes, distinct
from dicomsniff.core import Limits
from dicomsniff.core.records import replace
from dicomsniff.tcp.segments import ACK, I64, SYN, Segments, join_segments, no_segments, pair_numbers

_NONE = np.empty(0, np.int64)


def pairs(segments: Segments) -> I64:
    """A number for each segment's 4-tuple, the same for both directions; int64 (n,). Two 4-tuples hardly ever share one."""
    return pair_numbers(segments.source, segments.target)


class Backlog:
    """Sorts out, block by block, what is not worth a tracker of its own (yet). `unlisted` counts these connections."""

    def __init__(self, limits: Limits) -> None:
        self._most, self._packets = limits.empty_connections, limits.empty_packets
        self._waiting = no_segments()
        self._clock = self._pair = self._stream = _NONE  # of each waiting packet
        self.unlisted = 0
        self.skipped = _NONE  # first packets of connections of this block that are only counted, ascending
        self.restored: dict[int, int] = {}  # first packets put back in this block, and the stream numbers kept for them

    def sift(
        self, segments: Segments, clock: I64, known: Container[tuple[int, int]], empty: int
    ) -> tuple[Segments, I64]:
        """The segments to be followed with their clock, those of earlier blocks that belong to them in front; `known`
        are the 4-tuples that are followed, `empty` how many of the connections followed had no data so far."""
        self.skipped, self.restored = _NONE, {}
        if empty + len(segments) <= self._most:
            return segments, clock
        segments, clock = self._latest_attempts(segments, clock, max(0, self._most - empty))
        low, high = np.minimum(segments.source, segments.target), np.maximum(segments.source, segments.target)
        pair = pairs(segments)
        order = np.argsort(pair, kind="stable")
        starts = np.flatnonzero(changes(pair[order]))
        first = order[starts]
        silent = ~np.logical_or.reduceat(segments.length[order] > 0, starts)
        ends = zip(low[first[silent]].tolist(), high[first[silent]].tolist(), strict=True)
        silent[silent] = [end not in known for end in ends]
        silent[np.argsort(np.where(silent, first, len(order)), kind="stable")[: max(0, self._most - empty)]] = False
        if not silent.any() and not len(self._pair):
            return segments, clock
        aside = np.empty(len(order), bool)
        aside[order] = np.repeat(silent, np.diff(starts, append=len(order)))
        back = np.flatnonzero(np.isin(self._pair, pair[first[~silent]]))
        found = join_segments([self._waiting.take(back), segments.take(np.flatnonzero(~aside))])
        clock_found = np.concatenate([self._clock[back], clock[~aside]])
        self._put_back(back)
        fresh = first[silent & ~np.isin(pair[first], self._pair)]
        self._skip(segments.number[fresh])
        self._keep(segments.take(np.flatnonzero(aside)), clock[aside], pair[aside])
        return found, clock_found

    def _skip(self, numbers: I64) -> None:
        self.skipped = np.sort(np.concatenate([self.skipped, numbers]))
        self.unlisted += len(numbers)

    def _latest_attempts(self, segments: Segments, clock: I64, allowed: int) -> tuple[Segments, I64]:
        """Without the attempts to connect, beyond `allowed`, that came to nothing before the same two ends made another in
        this block: each begins with a SYN that has another number."""
        syn = segments.flags & (SYN | ACK) == SYN
        if np.count_nonzero(syn) <= allowed:
            return segments, clock
        low, high = np.minimum(segments.source, segments.target), np.maximum(segments.source, segments.target)
        order = np.lexsort((high, low))
        same = (np.diff(low[order], prepend=-1) == 0) & (np.diff(high[order], prepend=-1) == 0)
        syns = np.flatnonzero(syn[order])
        another = np.diff(segments.seq[order[syns]], prepend=-1) != 0
        begins = distinct(np.append(np.flatnonzero(~same), syns[another]))
        silent = ~np.logical_or.reduceat(segments.length[order] > 0, begins)
        overtaken = same[np.append(begins[1:], 0)]  # what begins next has the same two ends
        overtaken[-1] = False
        vain = np.flatnonzero(silent & overtaken & same[begins])
        vain = vain[np.argsort(order[begins[vain]])[allowed:]]
        if not len(vain):
            return segments, clock
        self._skip(segments.number[order[begins[vain]]])
        gone = np.zeros(len(begins), bool)
        gone[vain] = True
        rows = np.sort(order[~np.repeat(gone, np.diff(begins, append=len(order)))])
        return segments.take(rows), clock[rows]

    def number(self, streams: int, opened: list[int]) -> None:
        """Remember the numbers that Wireshark gives the connections set aside in this block: `streams` is the first
        new number of the block, `opened` the first packets of the connections that took one, ascending."""
        new = np.flatnonzero(self._stream < 0)
        number = self._waiting.number[new]
        before = np.searchsorted(self.skipped, number) + np.searchsorted(np.array(opened, np.int64), number)
        self._stream[new] = streams + before

    def _put_back(self, rows: I64) -> None:
        """Take these waiting packets out; their connections are followed from now on."""
        columns = (self._pair, self._waiting.number, self._stream)
        firsts: dict[int, tuple[int, int]] = {}
        for pair, number, stream in zip(*(column[rows].tolist() for column in columns), strict=True):
            firsts.setdefault(pair, (number, stream))
        self.restored = dict(firsts.values())
        self.unlisted -= len(firsts)
        self._take(np.delete(np.arange(len(self._pair)), rows))

    def _keep(self, segments: Segments, clock: I64, pair: I64) -> None:
        zeros, nowhere = np.zeros_like(clock), np.full_like(clock, -1)
        bare = replace(
            segments, payload=zeros, captured=zeros, option=zeros, option_end=zeros, network=nowhere, frame=zeros
        )
        self._waiting = Segments(*map(np.concatenate, zip(self._waiting.columns(), bare.columns(), strict=True)))
        self._clock = np.concatenate([self._clock, clock])
        self._pair = np.concatenate([self._pair, pair])
        self._stream = np.concatenate([self._stream, nowhere])
        if len(self._pair) > self._packets:
            self._take(np.arange(len(self._pair) - self._packets, len(self._pair)))

    def _take(self, rows: I64) -> None:
        self._waiting = self._waiting.take(rows)
        self._clock, self._pair, self._stream = self._clock[rows], self._pair[rows], self._stream[rows]
