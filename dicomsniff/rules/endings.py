"""An association in, how it came to its end out: who closed TCP and when, what was still unanswered, how long it was silent."""

from collections.abc import Iterator, Sequence

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Blind, Exchange, ExchangeOutcome, Traffic
from dicomsniff.core import DIRECTIONS, AnomalyCode, Direction, Evidence
from dicomsniff.pdu.values import PduType
from dicomsniff.rules.clock import CAPTURE_END, elapsed, on_the_way_ns
from dicomsniff.rules.naming import SECOND, brief, peer, seconds
from dicomsniff.tcp.events import Closing, Connection, DirectionFacts, Gap

_TIMERS = (5, 10, 15, 20, 25, 30, 40, 45, 60, 90, 120, 180, 240, 300, 600, 900, 1800, 3600)
GAVE_UP = SECOND  # who leaves sooner was not waiting for an answer
_PATIENCE = 5 * SECOND  # silence after which ending an association looks like giving up on the other side
BLIND_SIDES = frozenset({Blind.TO_ACCEPTOR, Blind.TO_REQUESTOR})


def closing(association: Association, traffic: Traffic) -> Closing | None:
    """The first FIN or RST of the side that closed the association's connection first, None while it is open."""
    every = traffic.conversation(association.connection).tcp.closings
    wanted = [c for c in every if c.packet >= association.first_packet and association.closed_by in (None, c.direction)]
    return min(wanted, key=lambda c: c.time_ns, default=None)


def closer_unseen(association: Association, traffic: Traffic) -> bool:
    """Whether the other side had closed too, in a packet that the capture missed: its FIN was acknowledged, one byte
    behind all that it sent. Who closed first is then unknown."""
    if association.closed_by is None:
        return False
    tcp = traffic.conversation(association.connection).tcp
    other = association.closed_by.opposite
    if any(c.direction is other for c in tcp.closings):
        return False
    return max(tcp.facts(other).acknowledged or 0, _confirmed_at_the_end(tcp, other)) > _sent(tcp, other)


def _sent(tcp: Connection, direction: Direction) -> int:
    """How many bytes are known to have been sent in a direction."""
    return _sent_bytes(tcp.facts(direction))


def _sent_bytes(facts: DirectionFacts) -> int:
    return facts.bytes + facts.lost_bytes + facts.truncated_bytes


def _confirmed_at_the_end(tcp: Connection, direction: Direction) -> int:
    """How much of a direction the other side had received when it closed: where packets stand out of order, an
    acknowledgement captured later may say less."""
    return max((c.heard for c in tcp.closings if c.direction is not direction), default=-1)


def unanswered(association: Association, until: Evidence | None = None) -> tuple[Exchange, ...]:
    """The requests without a final response: not answered, or not even sent to their end. Those whose response, or the
    rest of which, may only be missing in the capture are left out: see `doubtful`. With `until` those too whose answer
    its sender had not received when it began to send it."""
    never = (e for e in _open_ended(association) if not _maybe_unseen(association, e))
    if until is None:
        return tuple(never)
    begun = (e for e in never if e.request is not None and not e.request.after(until))
    return tuple(sorted({*begun, *_late(association, until)}, key=_place))


def _late(association: Association, until: Evidence) -> Iterator[Exchange]:
    for e in association.exchanges:
        crossed = e.final is not None and e.direction is until.direction and not until.after(e.final)
        if crossed and e.request is not None and until.after(e.request):
            yield e


def _place(exchange: Exchange) -> int:
    return exchange.id


def doubtful(association: Association) -> int:
    """How many requests have no final response in the capture, which may have missed it."""
    return sum(_maybe_unseen(association, e) for e in _open_ended(association))


def _open_ended(association: Association) -> list[Exchange]:
    outcomes = (ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE)
    return [e for e in association.exchanges if e.outcome in outcomes and e.request is not None]


def _maybe_unseen(association: Association, exchange: Exchange) -> bool:
    missing = exchange.direction.opposite if exchange.request_finished else exchange.direction
    return association.blind_towards(missing)


def meant_perhaps(exchange: Exchange, traffic: Traffic) -> bool:
    """Whether a response came that no captured request waits for, and of which nobody can say that it was sent wrongly: it
    may be the answer to this request."""
    stray = _strays(traffic).get((exchange.association, exchange.direction, exchange.service))
    return stray is not None and exchange.request is not None and stray.after(exchange.request)


@once
def _strays(traffic: Traffic) -> dict[tuple[int, Direction, str], Evidence]:
    """By association, direction of the requests and service the last response without one."""
    found: dict[tuple[int, Direction, str], Evidence] = {}
    for association in traffic.associations:
        strays = [e for e in association.exchanges if e.request is None and e.final is not None]
        if not strays:
            continue
        wrong = {a.evidence for a in association.anomalies if a.code is AnomalyCode.RESPONSE_WITHOUT_REQUEST}
        for e in strays:
            if e.final is not None and e.final not in wrong:
                found[association.id, e.direction, e.service] = e.final
    return found


def had_data(association: Association) -> bool:
    """Whether any P-DATA-TF was sent."""
    counts = association.pdu_counts
    return bool(association.exchanges) or any(counts.get((d, PduType.P_DATA_TF), 0) for d in DIRECTIONS)


def heard(association: Association) -> Iterator[Evidence]:
    """Every byte range of which an association keeps account: its PDUs but aborts, and its messages."""
    pdus = (
        association.request,
        association.accept,
        association.reject,
        association.release_request,
        association.release_response,
    )
    yield from (pdu.evidence for pdu in pdus if pdu is not None)
    yield from (broken.evidence for broken in association.broken if broken.reason != "lost")
    for e in association.exchanges:
        yield from (m for m in (e.request, e.first_response, e.last_response, e.final, e.cancel) if m is not None)


def last_heard(association: Association, before_ns: int, direction: Direction | None = None) -> Evidence | None:
    """The last of `heard` that was complete at `before_ns`, in one direction or both."""
    seen = (e for e in heard(association) if e.last_ns <= before_ns and direction in (None, e.direction))
    return max(seen, key=lambda e: e.last_ns, default=None)


def heard_before(association: Association, end: Evidence, direction: Direction | None = None) -> Evidence | None:
    """The last of `heard` that came before something else of the same connection, in one direction or both; packets may
    have been captured in another order."""
    seen = (e for e in heard(association) if direction in (None, e.direction) and end.after(e))
    return max(seen, key=lambda e: e.last_ns, default=None)


def timer(duration_ns: int | None) -> int | None:
    """The round number of seconds, as people configure, that this duration is within half a second of."""
    if duration_ns is None:
        return None
    return next((t for t in _TIMERS if abs(duration_ns - t * SECOND) <= SECOND // 2), None)


def tail_unseen(association: Association, traffic: Traffic) -> bool:
    """Whether a release or abort may have crossed unseen: a direction without packets, a hole behind the last thing
    that was seen of a direction, or more than a FIN that the other side had received when it closed."""
    if association.blind & BLIND_SIDES or association.id in _holes_at_the_end(traffic):
        return True
    tcp = traffic.conversation(association.connection).tcp
    return any(_confirmed_at_the_end(tcp, way) > _sent(tcp, way) + 1 for way in DIRECTIONS)


@once
def _holes_at_the_end(traffic: Traffic) -> frozenset[int]:
    """The associations behind whose last byte seen, in a direction, their connection has a hole."""
    holes = ((a, traffic.conversation(a.connection).gaps) for a in traffic.associations)
    return frozenset(a.id for a, gaps in holes if gaps and _reaches_beyond(a, gaps))


def _reaches_beyond(association: Association, gaps: Sequence[Gap]) -> bool:
    ends = dict.fromkeys(Direction, 0)
    for evidence in heard(association):
        ends[evidence.direction] = max(ends[evidence.direction], evidence.end)
    return any(gap.start + gap.length > ends[gap.direction] for gap in gaps)


def unconfirmed_ns(association: Association, traffic: Traffic) -> int | None:
    """How long an A-RELEASE-RQ stood without its answer, until its sender or the capture gave up; None where it was
    answered, its sender left nothing to wait for, or the clock does not tell."""
    release = association.release_request
    if release is None or association.release_response is not None:
        return None
    ends = [(a.evidence.first_ns, a.evidence.first_packet) for a in association.aborts]
    tcp = traffic.conversation(association.connection).tcp
    ends += [(c.time_ns, c.packet) for c in tcp.closings]
    later = [end for end in ends if end[0] >= release.evidence.first_ns]
    until_ns, packet = min(later, default=(traffic.last_ns, CAPTURE_END))
    return elapsed(traffic, release.evidence, packet, until_ns, tcp)


def let_down_ns(association: Association, traffic: Traffic, way: Direction) -> int | None:
    """How long who sends `way` had waited for the answer to its own A-RELEASE-RQ before it ended the association otherwise;
    None where it was not waiting, left sooner than anybody gives up,
    TCP did not acknowledge it, or the answer may not have been captured."""
    release = association.release_request
    if release is None or release.evidence.direction is not way or association.blind_towards(way.opposite):
        return None
    if association.abort is not None and not association.abort.evidence.after(release.evidence):
        return None
    if (traffic.conversation(association.connection).tcp.facts(way).acknowledged or 0) < release.evidence.end:
        return None
    waited_ns = unconfirmed_ns(association, traffic)
    return None if waited_ns is None or waited_ns < GAVE_UP else waited_ns


def let_down(association: Association, ender: str, waited_ns: int, then: str) -> dict[str, str]:
    """Gist and remedy where `ender` was let down so, and `then` "aborted" or "closed the connection"."""
    silent, who = peer(association, association.other(ender)), peer(association, ender)
    return {
        "gist": f"{silent} did not answer the A-RELEASE-RQ of {who}, which {then} after {seconds(waited_ns)}",
        "fix": f"Find out why {silent} does not answer A-RELEASE-RQ: it may be busy, or have forgotten the association.",
    }


def request_name(exchange: Exchange) -> str:
    """ "C-STORE 2 of CT Image Storage 1.2.3.4"."""
    what = f" of {brief(exchange.sop_class)}" if exchange.sop_class else ""
    return request_number(exchange) + what + (f" {exchange.sop_instance}" if exchange.sop_instance else "")


def request_number(exchange: Exchange) -> str:
    """ "C-STORE 2"."""
    return exchange.service if exchange.message_id is None else f"{exchange.service} {exchange.message_id}"


def deaf(association: Association, way: Direction, heard: int, traffic: Traffic) -> bool:
    """Whether something that who sends `way` had received, and may have ended the association upon, was not captured. `heard` is
    how much its last packet confirmed, negative where it does not say."""
    received = traffic.conversation(association.connection).tcp.facts(way.opposite)
    seen = _sent_bytes(received) + 1  # the one may be a FIN
    late = Blind.REQUEST in association.blind and not association.exchanges
    return late or association.blind_towards(way.opposite) or received.truncated_bytes > 0 or heard > seen


def in_vain(association: Association, traffic: Traffic, ender: str) -> bool:
    """Whether who ended it had sent something again, and had no confirmation of it when it gave up: the way, or the other
    host, had failed."""
    tcp = traffic.conversation(association.connection).tcp
    way = association.to_acceptor if ender == "requestor" else association.to_acceptor.opposite
    confirmed = tcp.facts(way).acknowledged
    if confirmed is None or association.blind_towards(way.opposite):
        return False
    ends = [pdu.evidence.first_ns for pdu in (association.abort, association.release_request) if pdu is not None]
    cut = closing(association, traffic)
    until_ns = min(ends, default=association.last_ns if cut is None else cut.time_ns)
    return any(r.start >= confirmed and r.time_ns <= until_ns for r in tcp.segments[way].resent)


def must_act(
    ender: str, association: Association, traffic: Traffic, silence_ns: int | None, until: Evidence | None = None
) -> str | None:
    """The role to look at first: who ended the association (with `until`, where that is a PDU), unless it had waited long
    for the other's answer. None where it had waited long for something else: the rest of a request, which the other side or
    the way held up, or the next request; where the way took all that time; and where what the capture lacks may make the
    difference."""
    if silence_ns is None or in_vain(association, traffic, ender):
        return None
    if silence_ns < _PATIENCE:
        return ender
    pending = unanswered(association, until)
    waiting = [e for e in pending if e.requested_by == ender and e.request_finished and e.request]
    if waiting:
        tcp = traffic.conversation(association.connection).tcp
        late_ns = max(on_the_way_ns(e.request, tcp) for e in waiting if e.request)
        # for a C-MOVE the other side may have been at work, on connections that were not captured
        told = any(e.service != "C-MOVE" for e in waiting) and silence_ns - late_ns >= _PATIENCE
        return association.other(ender) if told else None
    if (ender == "acceptor" and not pending) or not all(e.request_finished for e in pending):
        return None
    unheard = doubtful(association) or any(map(association.blind_towards, Direction))  # a request, an answer
    return None if unheard else ender
