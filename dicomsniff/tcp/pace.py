"""Segments of one connection in packet order in; the pauses between those with data, and what ended them, out."""

from __future__ import annotations

from dicomsniff.core import Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.meter import NOT_METERED, Meter, MeterFacts
from dicomsniff.tcp.segments import ACK, RST, SYN

WITHIN_NS = 2_000_000
"""Shorter pauses of one sender count as sending: mid-path they are mostly jitter."""
TURN_NS = 20_000_000
"""Shorter ones between one side's data and the other's hide nothing that would be worth telling."""
PAUSES = 20_000
"""Pauses kept per connection; so many mean a slow line, of which the first minutes tell enough."""
TAIL = 2 * 1460
"""The acknowledgement of the last two segments is often delayed; that of what lies before them is not."""
_WRAP, _HALF = 1 << 32, 1 << 31


class Told(NamedTuple):
    """What the segments around a pause tell of its sender, whose acknowledgements pass here before they reach it: whether it
    had filled the window, when that acknowledgement passed which was the last to reach it before it went on (None: none
    did in the pause), and for how long the window was then shorter than a segment although it had been wide; whether it
    had filled the window nearly, as it had done before; whether what it sent next went into a queue; whether all it had
    sent was confirmed by then; the widest window until then, as headers say (0: it had shrunk by half since)."""

    full: bool
    released_ns: int | None
    shut_ns: int = 0
    nearly: bool = False
    busy: bool = False
    whole: bool = True
    opening: int = 0


class Pause(NamedTuple):
    """Time without data on a connection, from one segment with data to the next.

    `direction` is that of the segment that ended it, `turn` says that the one before went the other way, `again` that
    it repeats bytes seen before. `before` is the length of the segment before, `after` that of the one that ended it. The receiver of the segment before had
    `flight` bytes to acknowledge when that passed and had offered `window` (as its header says, without its scale);
    None where it had not been heard. In the pause it acknowledged all but the last two segments at `nearly_ns`
    (`since_ns` where it had before), all at `acked_ns`; `first_ack_ns` and `last_ack_ns` are when its first and last acknowledgement of new
    bytes passed. `closed_ns` is the time in it for which the window was shut.
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
    first_ack_ns: int | None = None
    after: int = 0

    @property
    def duration_ns(self) -> int:
        return self.time_ns - self.since_ns


class _Data:
    """The last segment with data, what its receiver had confirmed and offered when it passed, and what it did since."""

    __slots__ = (
        "acked", "closed", "direction", "end", "first_ack", "flight", "last_ack", "left", "length", "nearly", "number",
        "shut_since", "time_ns", "window",
    )  # fmt: skip

    def __init__(
        self, direction: Direction, number: int, time_ns: int, end: int, length: int, known: tuple[int, int] | None
    ) -> None:
        self.direction, self.number, self.time_ns, self.end, self.length = direction, number, time_ns, end, length
        self.flight: int | None = None
        self.window: int | None = None
        if known is not None:
            flight, self.window = (end - known[0]) % _WRAP, known[1]
            self.flight = flight if flight < _HALF else None
        self.left = self.flight
        self.nearly = time_ns if self.flight is not None and self.flight <= TAIL else None
        self.acked: int | None = None
        self.first_ack: int | None = None
        self.last_ack: int | None = None
        self.closed, self.shut_since = 0, None  # type: int, int | None

    def heard(self, at: int, ack: int, window: int) -> None:
        """Its receiver confirmed this much and offered this window."""
        unconfirmed = (self.end - ack) % _WRAP
        if unconfirmed < _HALF:
            if self.left is None or unconfirmed < self.left:
                self.left, self.last_ack = unconfirmed, at
                self.first_ack = self.first_ack or at
            if self.nearly is None and unconfirmed <= TAIL:
                self.nearly = at
            if self.acked is None and unconfirmed == 0:
                self.acked = at
        if window == 0:
            self.shut_since = self.shut_since or at
        elif self.shut_since is not None:
            self.closed, self.shut_since = self.closed + at - self.shut_since, None


class Pace:
    """Follows the rhythm of one connection. Rows that do not matter need not be shown to it: see `Steps`."""

    __slots__ = ("_acks", "_last", "_tops", "meters", "pauses", "told")

    def __init__(self) -> None:
        self.meters: tuple[Meter, Meter] | None = None  # by direction of the data, once there is any
        self.pauses: list[Pause] = []
        self.told: dict[int, Told] = {}  # more of pauses, by the packet that ends each
        self._last: _Data | None = None
        self._tops: list[int | None] = [None, None]  # behind the highest byte seen of each direction
        self._acks: list[tuple[int, int] | None] = [None, None]  # last number and window by direction of travel

    def turn(self) -> None:
        """Initiator and responder change places."""
        self._acks.reverse()
        self._tops.reverse()
        if self.meters is not None:
            self.meters = self.meters[1], self.meters[0]
        if self._last is not None:
            self._last.direction = self._last.direction.opposite
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
                    self._pause(last, direction, number, time_ns, seq, length)
            top, end = self._tops[direction], (seq + length) % _WRAP
            if top is None or (end - top) % _WRAP < _HALF:
                top = self._tops[direction] = end
            self._last = _Data(direction, number, time_ns, top, length, self._acks[direction.opposite])
        elif last is not None and last.direction is not direction and flags & ACK:
            last.heard(time_ns, ack, window)
        if flags & ACK:
            self._acks[direction] = ack, window

    def _pause(self, last: _Data, direction: Direction, number: int, time_ns: int, seq: int, length: int) -> None:
        top = self._tops[direction]
        closed = last.closed if last.shut_since is None else last.closed + time_ns - last.shut_since
        repeated = 0 if top is None or direction is not last.direction else (top - seq) % _WRAP
        # to ask whether a shut window is open again some send one new byte, and send it again then, others a whole segment
        probed = closed > 0 and (repeated == last.length == 1 or 2 * closed > time_ns - last.time_ns)
        again = 0 < repeated < _HALF and not probed
        self.pauses.append(
            Pause(
                direction,
                direction is not last.direction,
                again,
                last.time_ns,
                time_ns,
                last.number,
                number,
                last.length,
                last.flight,
                last.window,
                last.nearly,
                last.acked,
                last.last_ack,
                max(0, closed),
                last.first_ack,
                length,
            )
        )
