"""Segments of one connection in packet order in; the pauses between those with data, and what ended them, out."""

from __future__ import annotations

from typing import NamedTuple

from dicomsniff.core import Direction
from dicomsniff.tcp.meter import NOT_METERED, Meter, MeterFacts
from dicomsniff.tcp.segments import ACK, RST, SYN

WITHIN_NS = 2_000_000
"""Shorter pauses of one sender count as sending: mid-path they are mostly jitter."""
TURN_NS = 20_000_000
"""Shorter ones between one side's data and the other's hide nothing that would be worth telling."""
PAUSES = 20_000
"""Pauses kept per connection; so many mean a slow line, of which the first minutes tell enough."""
ACKS = 256
"""Acknowledgements looked at within one pause."""
TAIL = 2 * 1460
"""The acknowledgement of the last two segments is often delayed; that of what lies before them is not."""
_WRAP, _HALF = 1 << 32, 1 << 31


class Pause(NamedTuple):
    """Time without data on a connection, from one segment with data to the next.

    `direction` is that of the segment that ended it, `turn` says that the one before went the other way, `again` that
    it repeats bytes seen before. `before` is the length of the segment before. The receiver of the segment before had
    `flight` bytes to acknowledge when that passed and had offered `window` (as its header says, without its scale);
    None where it had not been heard. In the pause it acknowledged all but the last two segments at `nearly_ns`
    (`since_ns` where it had before), all at `acked_ns`; `last_ack_ns` is when its last acknowledgement of new bytes
    passed. `closed_ns` is the time in it for which the window was shut.
    """

    direction: Direction
    turn: bool
    again: bool
    since_ns: int
    time_ns: int
    since_packet: int
    packet: int
    before: int
    flight: int | None
    window: int | None
    nearly_ns: int | None
    acked_ns: int | None
    last_ack_ns: int | None
    closed_ns: int

    @property
    def duration_ns(self) -> int:
        return self.time_ns - self.since_ns


class _Data(NamedTuple):
    """The last segment with data, and what its receiver had confirmed and offered when it passed."""

    direction: Direction
    number: int
    time_ns: int
    end: int
    length: int
    ack: int | None
    window: int | None


class Pace:
    """Follows the rhythm of one connection. Rows that do not matter need not be shown to it: see `Steps`."""

    __slots__ = ("_acks", "_back", "_last", "meters", "pauses")

    def __init__(self) -> None:
        self.meters: tuple[Meter, Meter] | None = None  # by direction of the data, once there is any
        self.pauses: list[Pause] = []
        self._last: _Data | None = None
        self._acks: list[tuple[int, int] | None] = [None, None]  # last number and window by direction of travel
        self._back: list[tuple[int, int, int]] = []  # time, number and window of what came back since the last data

    def turn(self) -> None:
        """Initiator and responder change places."""
        self._acks.reverse()
        if self.meters is not None:
            self.meters = self.meters[1], self.meters[0]
        if self._last is not None:
            self._last = self._last._replace(direction=self._last.direction.opposite)
        self.pauses = [each._replace(direction=each.direction.opposite) for each in self.pauses]

    def leave(self) -> None:
        """What came since is not shown: no pause reaches from here to the next row."""
        self._last = None

    def note(self, direction: Direction, ack: int, window: int) -> None:
        """Only what this row confirms and offers."""
        self._acks[direction] = ack, window

    def measured(self) -> tuple[MeterFacts, MeterFacts]:
        """The figures of both directions."""
        if self.meters is None:
            return NOT_METERED, NOT_METERED
        return self.meters[0].facts(), self.meters[1].facts()

    def metering(self) -> tuple[Meter, Meter]:
        """The meters of both directions."""
        if self.meters is None:
            self.meters = Meter(), Meter()
        return self.meters

    def meter(
        self, direction: Direction, time_ns: int, seq: int, ack: int, flags: int, window: int, length: int
    ) -> None:
        """Every segment that does not pass in columns."""
        if flags & (SYN | RST):
            return
        meters = self.meters or self.metering()
        if length:
            meters[direction].data(time_ns, seq, length)
        if flags & ACK:
            meters[direction.opposite].acknowledged(time_ns, ack, window, not length)

    def see(
        self, direction: Direction, number: int, time_ns: int, seq: int, ack: int, flags: int, window: int, length: int
    ) -> None:
        """The next segment."""
        if flags & (SYN | RST):
            return
        last = self._last
        if length and not (
            length == 1 and last is not None and last.direction is direction and (last.end - seq) % _WRAP == 1
        ):
            if last is not None:
                wait = time_ns - last.time_ns
                if wait >= (WITHIN_NS if last.direction is direction else TURN_NS) and len(self.pauses) < PAUSES:
                    self._pause(last, direction, number, time_ns, seq)
            known = self._acks[direction.opposite]
            self._last = _Data(direction, number, time_ns, (seq + length) % _WRAP, length, *(known or (None, None)))
            if self._back:
                self._back = []
        elif last is not None and last.direction is not direction and len(self._back) < ACKS and flags & ACK:
            self._back.append((time_ns, ack, window))
        if flags & ACK:
            self._acks[direction] = ack, window

    def _pause(self, last: _Data, direction: Direction, number: int, time_ns: int, seq: int) -> None:
        flight = None if last.ack is None else (last.end - last.ack) % _WRAP
        flight = None if flight is None or flight >= _HALF else flight
        nearly = last.time_ns if flight is not None and flight <= min(TAIL, last.length) else None
        if flight is not None and flight <= TAIL:
            nearly = last.time_ns
        acked = last_ack = shut_since = None
        closed, left = 0, flight
        for at, ack, window in self._back:
            open_bytes = (last.end - ack) % _WRAP
            if open_bytes < _HALF:
                if left is None or open_bytes < left:
                    left, last_ack = open_bytes, at
                if nearly is None and open_bytes <= TAIL:
                    nearly = at
                if acked is None and open_bytes == 0:
                    acked = at
            if window == 0 and shut_since is None:
                shut_since = at
            elif window and shut_since is not None:
                closed, shut_since = closed + at - shut_since, None
        if shut_since is not None:
            closed += time_ns - shut_since
        again = direction is last.direction and (last.end - seq) % _WRAP < _HALF and seq != last.end
        turn = direction is not last.direction
        self.pauses.append(
            Pause(
                direction,
                turn,
                again,
                last.time_ns,
                time_ns,
                last.number,
                number,
                last.length,
                flight,
                last.window,
                nearly,
                acked,
                last_ack,
                max(0, closed),
            )
        )
