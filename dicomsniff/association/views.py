"""Traffic in, the same traffic out with every conversation that was captured a second time on its way marked as a view.

Behind a NAT the same segments run under other addresses; a proxy sends the same bytes over a connection of its own.
Both are told only where they are proved: everything said is the same, and every step reached the second connection
later on its way there and earlier on its way back than the first. What may be a proxy's other side but is not proved to be
is judged, with that in mind (see `relays`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dicomsniff.association.relays import NOWHERE, joined, suspected
from dicomsniff.association.values import Association, Conversation, Exchange, Traffic
from dicomsniff.core import Direction, Evidence
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.payload import Payload

TRANSLATED = (
    "both initial sequence numbers and every byte are those of connection {id}: the same conversation behind an address"
    " translation"
)
RELAYED = (
    "every byte is that of connection {id}, and each message passed here on its way between the ends of that"
    " connection: a proxy's other side"
)
NEIGHBOURS = 8
"""Conversations that say the very same are compared with this many that began before, the nearest first."""
ANSWERS = 3
"""Messages on the way back that must lie within their requests' journey; chance would put three there once in 200."""


class View(NamedTuple):
    """A conversation shows another one again; how this is known."""

    conversation: int
    of: int
    proof: str


def mark_views(traffic: Traffic) -> Traffic:
    """Mark conversations and associations that are second views, which `Traffic.without_views` leaves out, and those that
    may be."""
    found = {view.conversation: view for view in (*_relayed(traffic), *_translated(traffic))}
    perhaps = list(suspected(traffic, found))
    if not found and not perhaps:
        return traffic
    conversations, associations = list(traffic.conversations), list(traffic.associations)
    for relay in perhaps:
        conversations[relay.conversation - 1] = replace(conversations[relay.conversation - 1], relays=relay.of)
    for id in sorted(found):
        first = _first(id, found)
        own, original = traffic.conversation(id), traffic.conversation(first)
        proof = found[id].proof.format(id=found[id].of)
        conversations[id - 1] = replace(own, view_of=first, view_proof=proof)
        for one, other in zip(own.associations, original.associations, strict=True):
            associations[one - 1] = replace(traffic.association(one), view_of=other)
    return replace(traffic, conversations=tuple(conversations), associations=tuple(associations))


def _first(id: int, found: dict[int, View]) -> int:
    """Where a chain of views begins; each was captured later than the one it shows."""
    while id in found:
        id = found[id].of
    return id


def _translated(traffic: Traffic) -> Iterator[View]:
    """Views under other addresses with the same sequence numbers (RFC 3022 §2.2)."""
    with_both = (c for c in traffic.conversations if None not in c.tcp.isns)
    for own, earlier in _neighbours(with_both, lambda c: (c.tcp.isns, _outline(c))):
        for other in earlier:
            if _handshake_within(other, own) and _same(traffic, other, own):
                yield View(own.id, other.id, TRANSLATED)
                break


def _relayed(traffic: Traffic) -> Iterator[View]:
    """Views on the other side of a proxy: all that its side made to one server in this capture, or none."""
    candidates = [c for c in traffic.conversations if c.associations and not c.gaps]
    found: dict[tuple[str, str], list[View | None]] = {}
    views = {own.id: _relay(traffic, own, earlier) for own, earlier in _neighbours(candidates, _outline)}
    for conversation in traffic.conversations:
        if conversation.associations:
            route = conversation.tcp.initiator.ip, str(conversation.tcp.responder)
            found.setdefault(route, []).append(views.get(conversation.id))
    for made in found.values():
        proved = [view for view in made if view is not None]
        entrances = {traffic.conversation(view.of).tcp.responder for view in proved}
        if len(proved) == len(made) == len({view.of for view in proved}) and len(entrances) == 1:
            yield from proved


def _relay(traffic: Traffic, own: Conversation, earlier: list[Conversation]) -> View | None:
    """The one conversation whose messages a proxy passed on in this one."""
    fitting = [
        other
        for other in earlier
        if other.tcp.responder != own.tcp.responder
        and joined(other.tcp.responder.ip, own.tcp.initiator.ip)
        and _same(traffic, other, own)
        and _within(traffic, other, own)
    ]
    return View(own.id, fitting[0].id, RELAYED) if len(fitting) == 1 else None


def _neighbours(
    conversations: Iterable[Conversation], key: Callable[[Conversation], tuple[object, ...]]
) -> Iterator[tuple[Conversation, list[Conversation]]]:
    """Each conversation with the nearest that began before it, were not over then, and have the same key."""
    known: dict[object, list[Conversation]] = {}
    for conversation in conversations:
        before = known.setdefault(key(conversation), [])
        near = [c for c in before[: -NEIGHBOURS - 1 : -1] if c.tcp.last_packet > conversation.tcp.first_packet]
        if near:
            yield conversation, near
        before.append(conversation)


def _outline(conversation: Conversation) -> tuple[object, ...]:
    """What two views have in common at a glance; what a load balancer puts in front on its side is none of it."""
    there, back = conversation.tcp.to_responder, conversation.tcp.to_initiator
    lengths = [facts.bytes + facts.lost_bytes + facts.truncated_bytes for facts in (there, back)]
    lengths[0] -= conversation.preamble.length if conversation.preamble else 0
    return conversation.kind, conversation.first_bytes, *lengths, len(conversation.associations)


def _handshake_within(outer: Conversation, inner: Conversation) -> bool:
    """Whether the SYN came to the inner connection later and its answer came from there earlier."""
    one, other = outer.tcp, inner.tcp
    if not one.syn_packets or not other.syn_packets or one.syn_ack_packet is None or other.syn_ack_packet is None:
        return False
    spoken = all(facts.bytes for facts in (one.to_responder, one.to_initiator))
    return spoken and one.syn_packets[0] < other.syn_packets[0] < other.syn_ack_packet < one.syn_ack_packet


def _same(traffic: Traffic, one: Conversation, other: Conversation) -> bool:
    """Whether both say exactly the same."""
    pairs = zip(one.associations, other.associations, strict=True)
    return all(_said(traffic.association(a)) == _said(traffic.association(b)) for a, b in pairs)


def _within(traffic: Traffic, outer: Conversation, inner: Conversation) -> bool:
    """Whether every message travelled from the outer connection to the inner, or back."""
    answers = 0
    for one, other in zip(outer.associations, inner.associations, strict=True):
        steps, again = _steps(traffic.association(one)), _steps(traffic.association(other))
        if [step.direction for step in steps] != [step.direction for step in again]:
            return False
        for first, second in zip(steps, again, strict=True):
            there = first.direction is Direction.TO_RESPONDER
            answers += not there
            if (first.first_packet < second.first_packet) is not there:
                return False
    return answers >= ANSWERS


def _steps(association: Association) -> list[Evidence]:
    """Everything that was sent, once each."""
    a = association
    pdus = (a.request, a.accept, a.reject, a.release_request, a.release_response, *a.aborts)
    steps = [pdu.evidence for pdu in pdus if pdu is not None]
    for exchange in a.exchanges:
        steps += [evidence for evidence in (exchange.request, exchange.final) if evidence is not None]
    return steps


def _said(association: Association) -> tuple[object, ...]:
    """What was said in an association, without where and when."""
    a = association
    negotiation = [
        pdu and replace(pdu, evidence=NOWHERE)
        for pdu in (a.request, a.accept, a.reject, a.release_request, a.release_response, *a.aborts)
    ]
    return a.to_acceptor, a.outcome, negotiation, a.pdu_counts, [_exchange(exchange) for exchange in a.exchanges]


def _exchange(exchange: Exchange) -> tuple[object, ...]:
    e = exchange
    return (
        e.direction, e.context_id, e.service, e.message_id, e.sop_class, e.sop_instance, e.status, e.responses, e.pending,
        e.suboperations, e.error_comment, e.request_complete, _bytes_of(e.payload), [_bytes_of(each) for each in e.answers],
    )  # fmt: skip


def _bytes_of(payload: Payload | None) -> tuple[object, ...] | None:
    return None if payload is None else (payload.length, payload.missing, payload.complete, payload.sha256)
