"""What one direction of a connection carried, how much was under way, and the round trips behind the capture point: kept in
a bounded number of figures, whether segments come in columns or one by one."""

from __future__ import annotations

from collections.abc import Sequence

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.segments import I64

BIN = 24
"""Bytes are counted by times of 2^24 ns (17 ms) at first, by longer ones where a connection lasts."""
BINS = 512
STRETCHES = 2047  # odd, so that they are even when one is too many
TRIP_BIN = 27  # round trips of 2^27 ns (an eighth of a second) are put together
TRIPS = 256
"""Stretches of time for which the least and the greatest round trip are kept."""
_WRAP, _HALF = 1 << 32, 1 << 31


class Trips(NamedTuple):
    """Round trips from the capture point to the receiver of data and back, seen from `time_ns` on. Which segments are sampled depends on
    how the capture was cut into blocks."""

    time_ns: int
    least_ns: int
    most_ns: int
    samples: int


class Stretch(NamedTuple):
    """Data of one direction from `begin_ns` to `end_ns`, nothing from the other side between: how much of the time in short
    pauses its sender had filled the window (`full_ns`). In the part `opening_ns` of that the window had not shrunk by half,
    and never been wider than `window`."""

    begin_ns: int
    end_ns: int
    full_ns: int
    opening_ns: int = 0
    window: int = 0


class MeterFacts(NamedTuple):
    """The figures of one direction of data. `carried`: bytes by the number of the time they passed in, each 2^`shift` ns
    long since 1970, repeats included. `flight`: the most bytes that were under way, as seen here. `window` and `least_window`:
    the largest and smallest window its receiver offered, as headers say, without the scale. `trips`: round trips between
    here and the receiver, of segments that were sent once and not acknowledged late on purpose (RFC 6298 §3, RFC 9293
    §3.8.6.3). `stretches`: times in which its sender waited often, each too short to be a pause. `hasty`: how often it sent a short
    piece while another was not confirmed, which a sender that follows RFC 9293 §3.7.4 (Nagle) does not."""

    shift: int = BIN
    carried: tuple[tuple[int, int], ...] = ()
    flight: int = 0
    window: int | None = None
    least_window: int | None = None
    trips: tuple[Trips, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    hasty: int = 0

    @property
    def least_trip_ns(self) -> int | None:
        return min((each.least_ns for each in self.trips), default=None)

    @property
    def most_trip_ns(self) -> int | None:
        return max((each.most_ns for each in self.trips), default=None)


NOT_METERED = MeterFacts()


class Meter:
    """Gathers the figures of one direction."""

    __slots__ = (
        "_ack", "_followed", "_highest", "_timed", "bins", "filled", "flight", "hasty", "least_window", "recent", "shift", "stretches",
        "trips", "widest", "window",
    )  # fmt: skip

    def __init__(self) -> None:
        self.shift, self.bins = BIN, {}  # type: int, dict[int, int]
        self.flight = self.hasty = 0
        self.window: int | None = None
        self.least_window: int | None = None
        self.trips: list[Trips] = []
        self.stretches: list[Stretch] = []
        self.recent: tuple[I64, I64, I64] | None = None  # time, number and window of the last acknowledgements
        self.widest = self.filled = (
            0  # up to these: the widest window, as headers say, and the largest that was full, in bytes
        )
        self._ack: int | None = None
        self._highest: int | None = None  # sequence number behind the highest byte seen one by one
        self._timed: tuple[int, int] | None = None  # where the timed segment ends, and when it passed
        self._followed = False

    def carry(self, place: int, length: int) -> None:
        """Bytes in the time with this number (of 2^BIN ns)."""
        place >>= self.shift - BIN
        self.bins[place] = self.bins.get(place, 0) + length
        while len(self.bins) > BINS:
            self.shift += 1
            merged: dict[int, int] = {}
            for at, count in self.bins.items():
                merged[at >> 1] = merged.get(at >> 1, 0) + count
            self.bins = merged

    def offer(self, least: int, most: int) -> None:
        """Windows that the receiver offered."""
        self.window = most if self.window is None or most > self.window else self.window
        self.least_window = least if self.least_window is None or least < self.least_window else self.least_window

    def trip(self, trips: Trips) -> None:
        """Round trips of some time, or one."""
        if self.trips and self.trips[-1].time_ns >> TRIP_BIN == trips.time_ns >> TRIP_BIN:
            self.trips[-1] = _joined(self.trips[-1], trips)
            return
        self.trips.append(trips)
        if len(self.trips) > TRIPS:
            pairs = zip(self.trips[::2], self.trips[1::2], strict=False)
            rest = self.trips[len(self.trips) & ~1 :]
            self.trips = [_joined(one, other) for one, other in pairs] + rest

    def wait(self, stretch: Stretch) -> None:
        """A stretch in which its sender waited."""
        self.stretches.append(stretch)
        if len(self.stretches) > STRETCHES:
            known = self.stretches
            self.stretches = [_both(one, other) for one, other in zip(known[::2], known[1::2], strict=False)]

    def data(self, time_ns: int, seq: int, length: int) -> None:
        """One segment with bytes, by itself."""
        self.carry(time_ns >> BIN, length)
        end = (seq + length) % _WRAP
        if self._highest is not None and 0 <= (self._highest - end) % _WRAP < _HALF:
            self._timed = None  # sent again: what is acknowledged now may be either (Karn)
            return
        self._highest = end
        if self._ack is not None:
            flight = (end - self._ack) % _WRAP
            if self.flight < flight < 1 << 30:
                self.flight = flight
        if self._timed is None:
            if self._ack is None or 0 < (end - self._ack) % _WRAP < _HALF:  # not confirmed before it was captured
                self._timed, self._followed = (end, time_ns), False
        else:
            self._followed = True

    def acknowledged(self, time_ns: int, ack: int, window: int, bare: bool) -> None:
        """One segment of the receiver with ACK, by itself; `bare`: without data."""
        self._ack = ack
        self.offer(window, window)
        if self._timed is not None and (ack - self._timed[0]) % _WRAP < _HALF:
            took = time_ns - self._timed[1]
            if bare and self._followed and took > 0:
                self.trip(Trips(self._timed[1], took, took, 1))
            self._timed = None

    def skip(self, unheard: int, flight: int, end: int, ack: int | None) -> None:
        """Segments passed in columns: the last before anything came back ends at `unheard` (-1: there was none), so much
        was under way at most later, all end at `end`; and what was confirmed in the end."""
        if unheard >= 0 and self._ack is not None and (unheard - self._ack) % _WRAP < 1 << 30:
            flight = max(flight, (unheard - self._ack) % _WRAP)
        self.flight = max(self.flight, flight)
        self._highest, self._timed = end, None
        self._ack = self._ack if ack is None else ack

    def passed(self) -> None:
        """Segments whose waits are not told one by one: the last acknowledgements that are known are not the last any more."""
        self.recent, self.widest = None, max(self.widest, self.window or 0)

    def facts(self) -> MeterFacts:
        carried, trips, stretches = tuple(sorted(self.bins.items())), tuple(self.trips), tuple(self.stretches)
        return MeterFacts(
            self.shift, carried, self.flight, self.window, self.least_window, trips, stretches, self.hasty
        )


def _joined(one: Trips, other: Trips) -> Trips:
    return Trips(
        one.time_ns, min(one.least_ns, other.least_ns), max(one.most_ns, other.most_ns), one.samples + other.samples
    )


def _both(one: Stretch, other: Stretch) -> Stretch:
    added = one.full_ns + other.full_ns, one.opening_ns + other.opening_ns
    return Stretch(one.begin_ns, max(one.end_ns, other.end_ns), *added, max(one.window, other.window))


def least_way(handshake_ns: int | None, trips: Sequence[Trips] | None) -> int | None:
    """A round trip as short as it ever was: that of the handshake or a later one (catalogue part 3.2)."""
    least = handshake_ns
    for each in trips or ():
        if least is None or each.least_ns < least:
            least = each.least_ns
    return least
