"""Segments in, those out that the capture holds a second time although they were sent once: what a copy is.

A mirror session of two ports, a capture on both sides of a router and `-i any` give the same packet twice. It is told
from a packet that was sent again by what only a sender changes: the IP identification (RFC 6864 §4.1). Where that
tells nothing, a copy shows by another place (TTL, interface, addresses of the frame), or by nothing having come back
since the first that could make its sender repeat it: a sender without such news waits far longer than copies take.

Copies of which an offload engine or a router wrote the headers anew are no longer alike: of one direction of a connection,
in order, `Passed` knows those by their bytes.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import numpy.typing as npt

from dicomsniff.core import Limits
from dicomsniff.tcp.segments import FIN, I64, RST, SYN, U8, Segments

Mask = npt.NDArray[np.bool_]

TCP_HEADER, LONGEST_OPTIONS, LONGEST_LINK = 20, 40, 32
KEY, TIME, CLOCK, SOURCE, TARGET, SEQ, ACKNOWLEDGED, FLAGS, WINDOW, LENGTH, CAPTURED = range(11)
IDENTIFICATION, TTL, CHECKSUM, OPTIONS, LINK = range(11, 16)
ALIKE = (SOURCE, TARGET, SEQ, ACKNOWLEDGED, FLAGS, WINDOW, LENGTH, IDENTIFICATION, CHECKSUM, OPTIONS)
FACTORS = (0x1E3779B97F4A7C15, 0x3F58476D1CE4E5B9, 0x14D049BB133111EB)
COPY_NS = 1_000_000
"""Of what has no header like the first: the very same bytes again within this time are a copy, no resend."""
RECENT = 32
"""Runs of segments remembered for that."""
Run = tuple[list[int], list[int], int]
"""Segments: where each begins, when it passed, and where the last ends."""
POWERS = np.array([pow(FACTORS[0], place + 1, 1 << 62) for place in range(LONGEST_OPTIONS)], np.int64)


class Copies:
    """Finds copies block by block; of what went before it remembers as much as a copy may lag behind."""

    def __init__(self, limits: Limits) -> None:
        self._lag_ns, self._lag_packets = limits.copy_ns, limits.copy_packets
        self._before = np.empty((16, 0), np.int64)  # the latest segments; a row for each of the names above

    def find(self, segments: Segments, clock: I64, data: U8) -> I64:
        """Rows of the copies among these segments, ascending. `clock` is the latest time up to each segment, `data`
        the buffer that offsets refer to."""
        if not len(segments):
            return np.empty(0, np.int64)
        known = self._before.shape[1]
        key = _keys(segments)
        keys = np.concatenate([self._before[KEY], key])
        ordered = np.sort(keys)
        found = np.empty(0, np.int64)
        if (ordered[1:] == ordered[:-1]).any() and self._near(keys, clock):
            whole = np.concatenate([self._before, _traits(segments, key, clock, data)], axis=1)
            found = self._found(whole)
            found = found[found >= known] - known
        self._remember(segments, key, clock, data)
        return found

    def _near(self, keys: I64, clock: I64) -> bool:
        """Whether two segments that look alike came so close that one may be a copy."""
        clocks = np.concatenate([self._before[CLOCK], clock])
        order = np.argsort(keys, kind="stable")
        same = keys[order[1:]] == keys[order[:-1]]
        return bool((same & self._within(order[:-1], order[1:], clocks)).any())

    def _within(self, one: I64, other: I64, clocks: I64) -> Mask:
        """Which of these pairs of places, the second the later, are no farther apart than copies may be."""
        close: Mask = (other - one < self._lag_packets) & (clocks[other] - clocks[one] <= self._lag_ns)
        return close

    def _found(self, whole: I64) -> I64:
        """Places of copies in the columns of `whole`: each is compared with the one like it that came before."""
        order = np.lexsort((whole[CHECKSUM], whole[IDENTIFICATION], whole[KEY]))
        one, other = order[:-1], order[1:]
        pairs = np.flatnonzero((whole[KEY, one] == whole[KEY, other]) & self._within(one, other, whole[CLOCK]))
        one, other = one[pairs], other[pairs]
        alike = np.all([whole[trait, one] == whole[trait, other] for trait in ALIKE], axis=0)
        alike &= (whole[TIME, one] > 0) & (abs(whole[TIME, other] - whole[TIME, one]) <= self._lag_ns)
        alike &= (whole[TTL, one] >= whole[TTL, other]) & (whole[TTL, other] >= 0)
        alike &= whole[CAPTURED, one] >= whole[CAPTURED, other]
        one, other = one[alike], other[alike]
        if not len(one):
            return other
        elsewhere = (whole[TTL, one] > whole[TTL, other]) | (whole[LINK, one] != whole[LINK, other])
        speaks = (whole[LENGTH, other] > 0) | (whole[FLAGS, other] & (SYN | FIN | RST) > 0)
        proved = elsewhere | (speaks & _unanswered(whole, one, other)) | self._telling(whole)[other]
        return np.sort(other[proved])

    def _telling(self, whole: I64) -> Mask:
        """Where the IP identification names one packet: not zero, and just now in no other packet of this flow."""
        order = np.lexsort((whole[IDENTIFICATION], whole[TARGET], whole[SOURCE]))
        group = (SOURCE, TARGET, IDENTIFICATION)
        first = np.any([np.diff(whole[trait, order], prepend=-2) != 0 for trait in group], axis=0)
        new = first | (np.diff(whole[KEY, order], prepend=whole[KEY, order[0]]) != 0)
        start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))  # of a run of segments that look alike
        shared = ~first[start] & self._within(order[start - 1], order, whole[CLOCK])
        telling = np.empty(len(order), bool)
        telling[order] = ~shared & (whole[IDENTIFICATION, order] > 0)
        return telling

    def _remember(self, segments: Segments, key: I64, clock: I64, data: U8) -> None:
        since = clock[-1] - self._lag_ns
        count = min(len(clock) - int(np.searchsorted(clock, since)), self._lag_packets)
        rows = np.arange(len(clock) - count, len(clock))
        latest = _traits(segments.take(rows), key[rows], clock[rows], data)
        if count == len(clock):
            latest = np.concatenate([self._before[:, self._before[CLOCK] >= since], latest], axis=1)
        self._before = latest[:, -self._lag_packets :]


def _keys(segments: Segments) -> I64:
    """One number per segment, equal where its addresses and all that TCP says but the options are; int64 (n,)."""
    key = segments.seq + (segments.ack << 32)
    key ^= segments.source * FACTORS[0] + segments.target * FACTORS[1]
    key ^= (segments.flags << 52 | segments.window << 32 | segments.length) * FACTORS[2]
    return key


def _traits(segments: Segments, key: I64, clock: I64, data: U8) -> I64:
    """Everything by which copies are told, int64 of shape (16, n). Where there is no IP header to look at (a packet
    joined from fragments, whose copies never came so far) the TTL is -1."""
    known = segments.network >= 0
    header = np.where(known, segments.network, 0)
    v4 = known & (data[header] >> 4 == 4)
    identification = np.where(v4, _word(data, header + 4), 0)
    ttl = np.where(known, data[header + np.where(v4, 8, 7)].astype(np.int64), -1)
    options = _mixed(data, segments.option, segments.option_end, LONGEST_OPTIONS)
    link = _mixed(data, np.maximum(segments.frame, header - LONGEST_LINK), header, LONGEST_LINK)
    return np.stack([
        key, segments.time_ns, clock, segments.source, segments.target, segments.seq, segments.ack, segments.flags,
        segments.window, segments.length, segments.captured, identification, ttl,
        _word(data, segments.option - TCP_HEADER + 16), options, link,
    ])  # fmt: skip


def _word(data: U8, at: I64) -> I64:
    return data[at].astype(np.int64) << 8 | data[at + 1]


def _mixed(data: U8, start: I64, end: I64, most: int) -> I64:
    """One number per range of at most `most` bytes that tells apart what stands there; int64 (n,)."""
    place = np.arange(most)
    at = start[:, None] + place
    inside = at < end[:, None]
    bytes_there = np.where(inside, data[np.where(inside, at, 0)].astype(np.int64) + 1, 0)
    return np.asarray((bytes_there * POWERS[:most]).sum(axis=1))


def _unanswered(whole: I64, one: I64, other: I64) -> Mask:
    """Which pairs have no segment of the opposite direction between them."""
    count = whole.shape[1]
    ends, number = np.unique(np.concatenate([whole[SOURCE], whole[TARGET]]), return_inverse=True)
    source, target = number[:count], number[count:]
    lane = (source * len(ends) + target) * count
    places = np.sort(lane + np.arange(count))
    back = (target * len(ends) + source)[other] * count
    silent: Mask = np.searchsorted(places, back + one) == np.searchsorted(places, back + other)
    return silent


class Passed:
    """Segments of one direction that were delivered a moment ago; of much that comes at once, as where each segment is cut
    off by the snap length, only the latest: a copy follows soon."""

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: list[tuple[int, Run]] = []  # with the latest time up to then

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, run: Run, latest_ns: int) -> None:
        """These were delivered now."""
        runs = self._runs
        while runs and (latest_ns - runs[0][0] > COPY_NS or len(runs) == RECENT):
            del runs[0]
        runs.append((latest_ns, run))

    def copied(self, start: int, end: int, now: Run, now_ns: int) -> bool:
        """Whether one of these segments, or of those delivered `now`, had exactly these bytes and passed a moment ago."""
        for starts, times, stop in (now, *(run for _, run in reversed(self._runs))):
            if starts and starts[0] <= start:
                at = bisect_left(starts, start)
                if at == len(starts) or starts[at] != start:
                    return False
                its_end = starts[at + 1] if at + 1 < len(starts) else stop
                return its_end == end and now_ns - times[at] <= COPY_NS
        return False
