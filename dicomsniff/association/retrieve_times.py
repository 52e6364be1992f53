"""A C-MOVE or C-GET and its deliveries in; where its time went in both layers, the asking and the delivering, out (catalogue
part 3.3)."""

from __future__ import annotations

from dicomsniff.association.spans import union
from dicomsniff.association.time_sums import TimeSums, add_exchange
from dicomsniff.association.timing import Timing
from dicomsniff.association.values import Association, Exchange, Retrieval, Traffic
from dicomsniff.core.records import dataclass


@dataclass(slots=True)
class RetrieveTimes:
    """In ns; None where it is not known. `whole`: from the end of the request to the final response. `start`: until the
    first object was begun, without `setup`, in which the association for it was made, what was tried in vain before counted in.
    `storing`: in which at least one
    object was under way or being answered; `between`: in which none was, until the last was answered. `tail`: from then to
    the final response. `delivered` are the times of the deliveries added up, of which `concurrency` ran at once on average;
    its `server` is the destination's."""

    whole: int | None = None
    start: int | None = None
    setup: int | None = None
    storing: int | None = None
    between: int | None = None
    tail: int | None = None
    stores: int = 0
    delivered: TimeSums | None = None
    concurrency: float | None = None


def retrieve_times(retrieval: Retrieval, traffic: Traffic, times: Timing) -> RetrieveTimes:
    """What packets or the clock do not tell is None."""
    made = RetrieveTimes()
    association, asked = traffic.association(retrieval.association), traffic.exchange(retrieval.exchange)
    clock = times.clock(association)
    if asked.request is None or clock.holes:
        return made
    if asked.final is not None and clock.holds(asked.request, asked.final):
        made.whole = max(0, asked.final.last_ns - asked.request.last_ns)
    stores = [each for id in retrieval.stores if (each := traffic.exchange(id)).request is not None]
    made.stores = len(stores)
    if stores and all(_sound(traffic.association(id), asked, times) for id in {each.association for each in stores}):
        _deliveries(made, retrieval, asked, stores, times)
    return made


def _sound(delivery: Association, asked: Exchange, times: Timing) -> bool:
    """Whether what was captured of a delivery, and the clock until its end, are whole."""
    clock = times.clock(delivery)
    since = min(delivery.first_packet, asked.request.first_packet if asked.request else delivery.first_packet)
    return not clock.holes and clock.holds_between(since, delivery.last_packet)


def _deliveries(
    made: RetrieveTimes, retrieval: Retrieval, asked: Exchange, stores: list[Exchange], times: Timing
) -> None:
    association = times.traffic.association(retrieval.association)
    spans = [(each.request.first_ns, (each.final or each.request).last_ns) for each in stores if each.request]
    begin, end = min(spans)[0], max(last for _, last in spans)
    assert asked.request is not None
    first = min(stores, key=lambda each: each.request.first_ns if each.request else 0)
    made.setup = _setup(times.traffic.association(first.association), retrieval, asked, times.traffic)
    way = times.clock(association).way(asked.direction.opposite) or 0
    made.start = max(0, begin - asked.request.last_ns - made.setup - way)
    made.storing = union(spans)
    made.between = max(0, end - begin - made.storing)
    made.concurrency = round(sum(last - first for first, last in spans) / made.storing, 3) if made.storing else None
    if asked.final is not None:
        made.tail = max(0, asked.final.last_ns - end)
    made.delivered = TimeSums()
    for each in stores:
        add_exchange(made.delivered, times.exchange(each))


def _setup(delivery: Association, retrieval: Retrieval, asked: Exchange, traffic: Traffic) -> int:
    """How long it took to make the association for the first object, where it was made for this retrieve: from the first SYN
    of its connection, or of those that it had tried in vain before."""
    if delivery.id == retrieval.association or delivery.accept is None or asked.request is None:
        return 0
    if delivery.first_ns < asked.request.first_ns:
        return 0
    own = traffic.conversation(delivery.connection).tcp
    tried = [own.first_ns, delivery.first_ns] if own.first_ns >= asked.request.first_ns else [delivery.first_ns]
    vain = (traffic.conversation(d.connection).tcp for d in retrieval.deliveries if not d.stores)
    tried += [tcp.first_ns for tcp in vain if asked.request.first_ns <= tcp.first_ns < delivery.first_ns]
    return max(0, delivery.accept.evidence.last_ns - max(min(tried), asked.request.last_ns))
