"""Associations and the pauses of their connections in; where the time of every exchange went, out (catalogue part 3).

All times are those of the capture point. What a distant host did before or after is found with the round trips of the
handshake on both sides of it; where these, or packets, or the clock are missing, the time is not known and None.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from dicomsniff.association.index import once
from dicomsniff.association.pauses import Parts, Sorter
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import Direction, Evidence
from dicomsniff.core.records import dataclass
from dicomsniff.tcp.events import Connection, GapCause
from dicomsniff.tcp.pace import PAUSES, Pause

if TYPE_CHECKING:
    from dicomsniff.association.time_sums import TimeSums

HIGH, MEDIUM, LOW = "high", "medium", "low"
DISORDER = 0.02
"""So many of the segments captured too late make the times of a connection doubtful."""
SWAPPED_NS = 3_000_000
"""A network card with several queues exchanges packets that came closer together."""
EARLY_NS = 1_000_000
_BURDENED = ("C-GET", "C-MOVE")  # between request and response there are other operations


@dataclass(slots=True)
class Time:
    """The time of one exchange in ns, from the end of what came before. `think`: until its sender began; `transfer`: the
    request on its way past the capture point, `parts` what it consists of; `queue`: what the way behind the capture point
    took beyond a round trip; `server`: until the first response began, at least `server_min` and at most `server_max`;
    `round_trip`: between the ends; `response`: from the first byte of the first response to the last of the final one,
    split into `response_parts`. `think_min` is the part of `think` after its sender had confirmed the response before.
    `resent`: after it had passed, part of the request was sent again. `overlaps`: others were outstanding at the same time, so that think and server mean nothing. None is unknown."""

    think: int | None = None
    think_min: int | None = None
    transfer: int | None = None
    queue: int | None = None
    server: int | None = None
    round_trip: int | None = None
    response: int | None = None
    parts: Parts | None = None
    response_parts: Parts | None = None
    server_min: int | None = None
    server_max: int | None = None
    confidence: str | None = None
    overlaps: bool = False
    resent: bool = False


NOT_KNOWN = Time()


@dataclass(slots=True)
class Timing:
    """The times of exchanges, made association by association when asked for."""

    traffic: Traffic
    _made: dict[int, dict[int, Time]] = field(default_factory=dict)
    _clocks: dict[int, Clock] = field(default_factory=dict)
    sums: dict[int, TimeSums | None] = field(default_factory=dict)  # by association, see `time_sums.sums`

    def of(self, association: Association) -> dict[int, Time]:
        """By exchange id."""
        made = self._made.get(association.id)
        if made is None:
            made = self._made[association.id] = _times(association, self.clock(association))
        return made

    def exchange(self, exchange: Exchange) -> Time:
        return self.of(self.traffic.association(exchange.association)).get(exchange.id, NOT_KNOWN)

    def clock(self, association: Association) -> Clock:
        """What is needed to measure on the connection of this association."""
        clock = self._clocks.get(association.connection)
        if clock is None:
            conversation = self.traffic.conversation(association.connection)
            holes = any(gap.cause is not GapCause.SNAPLEN for gap in conversation.gaps)
            breaks = [each for capture in self.traffic.captures for each in capture.clock_breaks]
            clock = self._clocks[association.connection] = Clock(conversation.tcp, holes, breaks)
        return clock


@once
def timing(traffic: Traffic) -> Timing:
    """The times of this traffic, for rules and report alike."""
    return Timing(traffic)


class Clock:
    """The pauses of one connection and what they waited for."""

    def __init__(self, tcp: Connection, holes: bool, breaks: Sequence[tuple[int, int]]) -> None:
        self.tcp, self.holes, self._breaks = tcp, holes, breaks
        self.sorters = Sorter(tcp, Direction.TO_RESPONDER), Sorter(tcp, Direction.TO_INITIATOR)
        self._pauses = tcp.pauses
        self._begins = [pause.since_ns for pause in tcp.pauses]
        self._ends = {pause.packet: pause for pause in tcp.pauses}
        facts = zip((tcp.to_responder, tcp.to_initiator), tcp.segments, strict=True)
        # so that times tell little
        self.disordered = any(max(f.early, s.unclear) > DISORDER * f.data_packets for f, s in facts)
        self.trust = LOW if self.disordered else _trust(tcp)
        self.known_until_ns = tcp.pauses[-1].time_ns if len(tcp.pauses) >= PAUSES else None

    def holds(self, first: Evidence, last: Evidence) -> bool:
        """Whether the clock was not set between these two."""
        return self.holds_between(first.first_packet, last.last_packet)

    def holds_between(self, since: int, until: int) -> bool:
        """The same for two packet numbers."""
        return not self._breaks or not any(until >= begin and since < end for begin, end in self._breaks)

    @property
    def round_ns(self) -> int | None:
        """Round trip between the ends, as short as it ever was."""
        return self.sorters[0].round_ns

    def way(self, sender: Direction) -> int | None:
        """Round trip between the capture point and the host that sends in this direction."""
        return self.sorters[sender].back_ns

    def within(self, direction: Direction, since_ns: int, until_ns: int) -> list[Pause]:
        """The pauses of one sender in this time."""
        if not self._pauses:
            return []
        begin, end = bisect_left(self._begins, since_ns), bisect_right(self._begins, until_ns)
        return [p for p in self._pauses[begin:end] if p.direction is direction and not p.turn and p.time_ns <= until_ns]

    def before(self, packet: int) -> Pause | None:
        """The pause that this packet ended, where the data before had gone the other way."""
        pause = self._ends.get(packet)
        return pause if pause is not None and pause.turn else None

    def ended(self, packet: int) -> Pause | None:
        """The pause that this packet ended, whoever had sent data before."""
        return self._ends.get(packet)

    def parts(self, evidence: Evidence, until: Evidence | None = None) -> Parts | None:
        """What the transfer of these bytes consists of."""
        last_ns = (until or evidence).last_ns
        if self.holes or (self.known_until_ns is not None and last_ns > self.known_until_ns):
            return None
        pauses = self.within(evidence.direction, evidence.first_ns, last_ns)
        return self.sorters[evidence.direction].parts(pauses, evidence.first_ns, last_ns)


def _times(association: Association, clock: Clock) -> dict[int, Time]:
    asked = sorted((e for e in association.exchanges if e.request is not None), key=_begun)
    made: dict[int, Time] = {e.id: Time() for e in association.exchanges if e.request is None}
    before = association.accept.evidence if association.accept else None
    waits: list[int | None] = []  # from what came before to each request
    for place, exchange in enumerate(asked):
        following = asked[place + 1].request if place + 1 < len(asked) else None
        time = made[exchange.id] = _time(exchange, before, following, clock)
        waits.append(exchange.request.first_ns - before.last_ns if before and exchange.request else None)
        if waits[-1] is not None and waits[-1] < 0:
            _beside_others(time)
        before = _later(before, exchange.request if exchange.service in _BURDENED else _end(exchange))
    if any(time.overlaps for time in made.values()):
        _look_again(asked, waits, made, clock)
    return made


def _beside_others(time: Time) -> None:
    """Others were outstanding when it was sent."""
    time.overlaps = True
    time.think = time.think_min = None
    time.server = time.queue = time.server_min = time.server_max = None


def _look_again(asked: Sequence[Exchange], waits: Sequence[int | None], made: dict[int, Time], clock: Clock) -> None:
    """Where operations ran at once, a request that passes here sooner after an answer than its sender can have heard that was
    sent before, though here nothing seems outstanding."""
    for place, (exchange, wait) in enumerate(zip(asked, waits, strict=True)):
        way = clock.way(exchange.request.direction) if exchange.request else None
        if wait is not None and way is not None and place and wait < way - max(EARLY_NS, way // 8):
            _beside_others(made[exchange.id])
            if exchange.requested_by == asked[place - 1].requested_by:
                _beside_others(made[asked[place - 1].id])


def out_of_order(exchanges: Sequence[Exchange]) -> bool:
    """Whether some answer was captured clearly before the end of what it answers, or a request before the response that
    its sender had had by then."""
    before: dict[Direction, Evidence] = {}
    for exchange in exchanges:
        request, first, final = exchange.request, exchange.first_response, exchange.final
        if request is None or final is None or first is None:
            continue
        answered = before.get(request.direction)
        if _swapped(first, request) or (answered is not None and _swapped(request, answered)):
            return True
        before[request.direction] = final
    return False


def _swapped(later: Evidence, earlier: Evidence) -> bool:
    """Whether this was sent after the other had been received, and captured clearly before."""
    return later.first_ns < earlier.last_ns - SWAPPED_NS and earlier.end <= later.heard


def _begun(exchange: Exchange) -> int:
    return exchange.request.first_ns if exchange.request else 0


def _end(exchange: Exchange) -> Evidence | None:
    return exchange.final or exchange.last_response or exchange.request


def _later(one: Evidence | None, other: Evidence | None) -> Evidence | None:
    if one is None or other is None:
        return one or other
    return other if other.last_ns >= one.last_ns else one


def _time(exchange: Exchange, before: Evidence | None, following: Evidence | None, clock: Clock) -> Time:
    time, request, final = Time(), exchange.request, exchange.final
    if request is None or not exchange.request_finished:
        return time
    if clock.holds(request, request) and request.last_ns >= request.first_ns:
        time.transfer = request.last_ns - request.first_ns
        time.parts = clock.parts(request)
    if final is not None and clock.holds(final, final) and exchange.service not in _BURDENED:
        _measure_response(time, exchange, final, clock)
    if clock.holes:
        return time
    time.round_trip = clock.round_ns
    time.confidence = _confidence(exchange, clock)
    if before is not None and clock.holds(before, request):
        _measure_think(time, request, before, clock)
    first = exchange.first_response
    if first is None or not clock.holds(request, first) or exchange.service in _BURDENED:
        return time
    if following is not None and following.first_ns < first.first_ns:
        time.overlaps = True
        return time
    _measure_server(time, request, first, clock)
    return time


def _measure_response(time: Time, exchange: Exchange, final: Evidence, clock: Clock) -> None:
    first = exchange.first_response or final
    if clock.holds(first, final) and final.last_ns >= first.first_ns:
        time.response = final.last_ns - first.first_ns
        time.response_parts = clock.parts(first, final)


def _measure_think(time: Time, request: Evidence, before: Evidence, clock: Clock) -> None:
    """From when what came before had reached the sender until it sent."""
    wait = request.first_ns - before.last_ns
    if wait < 0:
        return
    way = clock.way(request.direction)
    if way is not None:
        time.think = max(0, wait - way)
    pause = clock.before(request.first_packet)
    if pause is not None:
        time.think_min = min(wait, request.first_ns - pause.acked_ns) if pause.acked_ns is not None else 0
        if pause.flight == 0:
            time.think_min = wait
        if time.think is not None:
            time.think_min = max(time.think_min, 0)
    else:
        time.think_min = 0 if time.think is None else min(time.think, wait)


def _measure_server(time: Time, request: Evidence, first: Evidence, clock: Clock) -> None:
    wait = first.first_ns - request.last_ns
    if wait < 0:
        return
    way = clock.way(first.direction)
    pause = clock.before(first.first_packet)
    again = [p.time_ns for p in clock.within(request.direction, request.last_ns, first.first_ns) if p.again]
    time.resent = bool(again)
    known_ns = max(again) if again else 0  # when all that the server needed had passed
    known_ns = max(known_ns, request.last_ns)
    nearly = acked = None
    if pause is not None:
        nearly = first.first_ns if pause.nearly_ns is None else pause.nearly_ns
        if pause.since_packet > request.last_packet and not again:
            nearly = None  # of a cancel or an abort that went behind the request, not of the request
        acked = pause.acked_ns
    least = first.first_ns - max(known_ns, acked) if acked is not None else 0
    time.server_max = max(0, wait - (way or 0))
    time.server_min = min(max(0, least), time.server_max)
    if way is None:
        return
    latest = first.first_ns - way
    arrived = max(request.last_ns, min(max(known_ns, (nearly or 0) - way), latest))
    time.queue = arrived - request.last_ns
    time.server = max(0, latest - arrived)


def _confidence(exchange: Exchange, clock: Clock) -> str:
    """How far the numbers of this exchange can be trusted."""
    return MEDIUM if clock.trust is HIGH and not exchange.request_complete else clock.trust


def _trust(tcp: Connection) -> str:
    """Both halves of the round trip known, nothing lost, all in order."""
    if tcp.rtt_initiator_ns is None or tcp.rtt_responder_ns is None:
        return LOW
    lossy = any(facts.seen_twice or facts.filled_holes for facts in tcp.segments)
    lossy = lossy or bool(tcp.to_responder.out_of_order or tcp.to_initiator.out_of_order)
    return MEDIUM if lossy or len(tcp.syn_packets) != 1 else HIGH
