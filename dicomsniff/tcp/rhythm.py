"""The segments of a block by conversation in; what each direction of them carried, had under way and took to be acknowledged
out: in columns for all at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.distinct import changes
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.meter import BIN, TRIP_BIN, Meter, Trips
from dicomsniff.tcp.segments import ACK, I64, SEQUENCE, SYN, Segments
from dicomsniff.tcp.stamps import Stamps

_HALF = 1 << 31
Mask = npt.NDArray[np.bool_]


class _Side(NamedTuple):
    """What the ends with the lower (or the higher) id sent: by conversation, where its figures begin in the lists."""

    bounds: list[int]
    bins: list[tuple[int, int]]
    flight: list[int]
    unheard: list[int]  # where the last segment before anything came back ends
    end: list[int]  # -1 where nothing was sent
    ack: list[int]  # of the other side, -1 where it was not heard
    windows: list[tuple[int, int]]
    trips: dict[int, list[Trips]]


class Rhythm:
    """Figures of all conversations of a block; see `Steps` for `order` and `starts`. With `stamps` (of these segments), what
    was sent more than once tells of round trips, too."""

    def __init__(self, segments: Segments, order: I64, starts: I64, stamps: Stamps | None = None) -> None:
        self._stamps = stamps
        self._order = order
        self._count = len(starts)
        self._owner = np.repeat(np.arange(self._count), np.diff(np.append(starts, len(order))))
        self._time, self._length = segments.time_ns[order], segments.length[order]
        self._seq, self._ack, self._flags = segments.seq[order], segments.ack[order], segments.flags[order]
        self._window = segments.window[order]
        self._lower = segments.source[order] < segments.target[order]
        self._heard = self._last_heard(starts)
        self._sides = self._side(self._lower), self._side(~self._lower)

    def tell(self, place: int, meters: tuple[Meter, Meter]) -> None:
        """Add what the conversation at this place showed to the meters of its lower and its higher end."""
        for side, meter in zip(self._sides, meters, strict=True):
            if side.ack[place] >= 0:
                meter.offer(*side.windows[place])
            if side.end[place] < 0:
                continue
            for at, length in side.bins[side.bounds[place] : side.bounds[place + 1]]:
                meter.carry(at, length)
            ack = None if side.ack[place] < 0 else side.ack[place]
            meter.skip(side.unheard[place], side.flight[place], side.end[place], ack)
            for trips in side.trips.get(place, ()):
                meter.trip(trips)

    def _last_heard(self, starts: I64) -> I64:
        """For each row, what the other side had acknowledged by then; -1 where it has not been heard in this block."""
        change = changes(self._lower)
        change[starts] = True
        places = np.arange(len(change))
        before = np.maximum.accumulate(np.where(change, places, 0)) - 1
        known = (before >= 0) & (self._owner[before] == self._owner) & (self._flags[before] & ACK > 0)
        return np.where(known, self._ack[before], -1)

    def _side(self, sent: Mask) -> _Side:
        owner, count = self._owner, self._count
        data = np.flatnonzero(sent & (self._length > 0))
        acks = np.flatnonzero(~sent & (self._flags & (ACK | SYN) == ACK))
        ends = (self._seq[data] + self._length[data]) & SEQUENCE
        mine = owner[data]
        bins = self._time[data] >> BIN
        begins = np.flatnonzero(changes(mine) | changes(bins))
        carried = np.add.reduceat(self._length[data], begins) if len(data) else data
        flight = np.where(self._heard[data] < 0, 0, (ends - self._heard[data]) & SEQUENCE)
        most = np.zeros(count, np.int64)
        np.maximum.at(most, mine, np.where(flight < 1 << 30, flight, 0))
        unheard, end, ack = np.full((3, count), -1, np.int64)
        quiet = self._heard[data] < 0
        unheard[mine[quiet]] = ends[quiet]
        end[mine], ack[owner[acks]] = ends, self._ack[acks]
        widest, narrowest = np.zeros(count, np.int64), np.full(count, 1 << 16, np.int64)
        np.maximum.at(widest, owner[acks], self._window[acks])
        np.minimum.at(narrowest, owner[acks], self._window[acks])
        return _Side(
            np.searchsorted(mine[begins], np.arange(count + 1)).tolist(),
            list(zip(bins[begins].tolist(), carried.tolist(), strict=True)),
            most.tolist(),
            unheard.tolist(),
            end.tolist(),
            ack.tolist(),
            list(zip(narrowest.tolist(), widest.tolist(), strict=True)),
            self._trips(data, ends, acks),
        )

    def _trips(self, data: I64, ends: I64, acks: I64) -> dict[int, list[Trips]]:
        """From a segment that another followed to the bare acknowledgement that first covered it, by conversation."""
        if len(data) < 2 or not len(acks):
            return {}
        mine, theirs = self._owner[data], self._owner[acks]
        base = np.zeros(self._count, np.int64)
        base[mine[::-1]] = self._seq[data[::-1]]
        begun, ended = (mine << 33 | _after(each - base[mine]) for each in (self._seq[data], ends))
        confirmed = np.maximum.accumulate(theirs << 33 | _after(self._ack[acks] - base[theirs]))
        found = np.searchsorted(confirmed, ended)
        at = acks[np.minimum(found, len(acks) - 1)]
        took = self._time[at] - self._time[data]
        good = (found < len(acks)) & (self._owner[at] == mine) & (self._length[at] == 0) & (took > 0)
        followed = np.append((mine[1:] == mine[:-1]) & (data[1:] < at[:-1]), False)
        # what was sent more than once may be acknowledged for any of its copies (Karn)
        once = np.append(np.minimum.accumulate(begun[::-1])[::-1][1:] >= ended[:-1], True)
        once[1:] &= np.maximum.accumulate(ended)[:-1] < ended[1:]
        told = self._told_by_stamps(data, ended, at, good & ~once, followed, confirmed, found)
        good &= (followed & once) | told
        picked = np.flatnonzero(good)
        if not len(picked):
            return {}
        who, took, when = mine[picked], took[picked], self._time[data[picked]]
        change = changes(who) | changes(when >> TRIP_BIN)
        begins = np.flatnonzero(change)
        columns = (
            who[begins], when[begins], np.minimum.reduceat(took, begins), np.maximum.reduceat(took, begins),
            np.diff(np.append(begins, len(who))),
        )  # fmt: skip
        made: dict[int, list[Trips]] = {}
        for owner, *values in zip(*(c.tolist() for c in columns), strict=True):
            made.setdefault(owner, []).append(Trips(*values))
        return made

    def _told_by_stamps(
        self, data: I64, ended: I64, at: I64, again: Mask, followed: Mask, confirmed: I64, found: I64
    ) -> Mask:
        """Which copies (among `again`) of one segment its acknowledgement echoes, as its time stamp says: one that fills a hole comes at
        once, one that does not may be late on purpose."""
        none = np.zeros(len(data), bool)
        if self._stamps is None or not again.any():
            return none
        known, value, echo = (column[self._order] for column in self._stamps)
        filled = confirmed[np.minimum(found, len(confirmed) - 1)] > ended
        told: Mask = again & (followed | filled) & known[data] & known[at] & (value[data] == echo[at])
        rows = np.flatnonzero(again)
        order = rows[np.lexsort((value[data[rows]], ended[rows]))]
        same = np.diff(ended[order]) == 0
        alike = same & (np.diff(value[data[order]]) == 0)  # the sender's clock ticks too slowly
        copies = none.copy()
        for mask, pairs in ((copies, same), (none, alike)):
            mask[order[1:][pairs]] = mask[order[:-1][pairs]] = True
        return told & copies & ~none


def _after(distance: I64) -> I64:
    """Distances of sequence numbers, 0 for those before."""
    distance = distance & SEQUENCE
    return np.where(distance < _HALF, distance, 0)
