"""The times of an association's exchanges in, where its time went as a whole out.

Exchanges that run at the same time share their time: it counts once (union), never as a sum of theirs.
"""

from __future__ import annotations

from operator import attrgetter

from dicomsniff.association.pauses import Parts
from dicomsniff.association.spans import union
from dicomsniff.association.timing import LOW, MEDIUM, Clock, Time, Timing
from dicomsniff.association.values import Association, Exchange
from dicomsniff.core.records import dataclass, field_names


@dataclass(slots=True)
class TimeSums:
    """In ns. `setup`: from the connection's (or association's) first packet to its acceptance, and its release. The parts of
    requests and responses are added up. `other`: what cannot be told apart, retrieves included. `total` is all of it.
    `together` is the part of `server` that was found for operations that ran at the same time."""

    setup: int = 0
    think: int = 0
    server: int = 0
    queue: int = 0
    round_trip: int = 0
    wire: int = 0
    loss: int = 0
    zero_window: int = 0
    receive_window: int = 0
    nagle: int = 0
    congestion: int = 0
    sender: int = 0
    other: int = 0
    total: int = 0
    together: int = 0
    confidence: str | None = None


COMPONENTS = tuple(name for name in field_names(TimeSums) if name not in ("total", "together", "confidence"))
components = attrgetter(*COMPONENTS)
"""Their values, as a tuple."""


def sums(association: Association, times: Timing) -> TimeSums | None:
    """None where no exchange of it was seen to its end. Made once and shared: nobody changes it."""
    if association.id not in times.sums:
        times.sums[association.id] = _sums(association, times)
    return times.sums[association.id]


def _sums(association: Association, times: Timing) -> TimeSums | None:
    made, known = TimeSums(), times.of(association)
    done = [e for e in association.exchanges if e.request is not None and e.final is not None]
    if not done:
        return None
    clock = times.clock(association)
    if not clock.holds_between(association.first_packet, association.last_packet):
        return None
    together: list[Exchange] = []
    for exchange in done:
        time = known[exchange.id]
        add_exchange(made, time)
        if time.overlaps:
            together.append(exchange)
    if together:
        _add_together(made, together, clock)
    made.setup = setup_ns(association, times)
    begun = association.accept.evidence.last_ns if association.accept else min(map(_first_ns, done))
    made.total = max(0, max(e.final.last_ns for e in done if e.final) - begun) + made.setup
    made.other = max(0, made.total - sum(components(made)))
    trust = {known[e.id].confidence for e in done}
    made.confidence = next((level for level in (None, LOW, MEDIUM) if level in trust), "high")
    return made


def _add_together(made: TimeSums, exchanges: list[Exchange], clock: Clock) -> None:
    """Operations that ran at the same time: the line was busy while any request was on it, a server while one waited for its
    answer and nothing was on the line."""
    sent = [(e.request.first_ns, e.request.last_ns) for e in exchanges if e.request]
    waited = []
    for each in exchanges:
        if each.request is not None and each.first_response is not None:
            way = clock.way(each.first_response.direction) or 0
            waited.append((each.request.last_ns, max(each.request.last_ns, each.first_response.first_ns - way)))
    made.wire += union(sent)
    made.together = union([*sent, *waited]) - union(sent)
    made.server += made.together


def add_exchange(made: TimeSums, time: Time) -> None:
    """What is known of one exchange; of one that ran beside others only what its sender did before."""
    made.think += time.think or 0
    if time.overlaps:
        return
    for parts in (time.parts, time.response_parts):
        if parts is not None:
            _add_parts(made, parts)
    if time.server is not None:
        made.server += time.server
        if time.resent:  # behind the capture point it had been lost
            made.loss += time.queue or 0
        else:
            made.queue += time.queue or 0
        made.round_trip += time.round_trip or 0


def _add_parts(made: TimeSums, parts: Parts) -> None:
    made.wire += parts.wire
    made.loss += parts.loss
    made.zero_window += parts.zero_window
    made.receive_window += parts.receive_window
    made.nagle += parts.nagle
    made.congestion += parts.congestion
    made.sender += parts.sender


def _first_ns(exchange: Exchange) -> int:
    return exchange.request.first_ns if exchange.request else 0


def setup_ns(association: Association, times: Timing) -> int:
    """From the SYN (of the first association of a connection; else from the request) to the acceptance, and the release
    from its request to its response, as the requestor saw it wherever the capture was taken."""
    took = 0
    clock = times.clock(association)
    tcp, way = clock.tcp, clock.way(association.to_acceptor) or 0
    if association.request is not None and association.accept is not None:
        asked = association.request.evidence
        opened = tcp.syn_times[-1] if tcp.syn_times else asked.first_ns
        first = asked.start == 0 and opened <= asked.first_ns
        took += max(0, association.accept.evidence.last_ns - (opened if first else asked.first_ns)) + way
    if association.release_request is not None and association.release_response is not None:
        asked = association.release_request.evidence
        if asked.direction is not association.to_acceptor:
            way = clock.way(asked.direction) or 0
        took += max(0, association.release_response.evidence.last_ns - asked.first_ns) + way
    return took
