"""A connection to a port in, whether a header of the PROXY protocol was missed there or stood in the way out.

A load balancer that puts one in front and a server that does not expect it (or the reverse) are both as they were told to be;
which of the two was told wrongly, nobody but their owner knows.
"""

from __future__ import annotations

from dicomsniff.association.values import Association, Conversation, Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import Abort
from dicomsniff.rules.finding import Hit, Side
from dicomsniff.rules.naming import SECOND, peer

_PROVIDER = 2  # the source of an A-ABORT that the protocol layer sends (PS3.8 §9.3.8)
_PATIENCE_NS = 2 * SECOND  # no server gives up on who says nothing so soon
_VAIN = (Outcome.ABORTED, Outcome.CLOSED, Outcome.UNANSWERED)


class Habits(NamedTuple):
    """On how many connections a server answered a request for an association behind such a header, and without one."""

    behind: int = 0
    plain: int = 0


NO_HABITS = Habits()


def habits(traffic: Traffic) -> dict[Endpoint, Habits]:
    """Of each server to which such a header was sent."""
    servers = {c.tcp.responder for c in traffic.conversations if c.preamble is not None}
    found = dict.fromkeys(servers, NO_HABITS)
    for conversation in traffic.conversations if servers else ():
        known = found.get(conversation.tcp.responder)
        if known is not None and any(_answered(traffic.association(a)) for a in conversation.associations):
            behind = conversation.preamble is not None
            found[conversation.tcp.responder] = Habits(known.behind + behind, known.plain + (not behind))
    return found


def answered_at_once(conversation: Conversation, spoken: list[Association]) -> bool:
    """Whether an A-ABORT came upon a header behind which nothing came, rather than because nothing came."""
    opened_ns = max(conversation.tcp.syn_times, default=conversation.tcp.first_ns)
    aborts = [abort.evidence.first_ns for association in spoken for abort in association.aborts]
    return bool(aborts) and 0 <= min(aborts) - opened_ns < _PATIENCE_NS


def _answered(association: Association) -> bool:
    return association.accept is not None or association.reject is not None


def missed_or_unexpected(conversation: Conversation, spoken: list[Association], known: Habits) -> Hit | None:
    """`spoken` are the associations of this connection, of which one begins with a request; `known` is of its server."""
    association = next(a for a in spoken if a.request is not None)
    if association is not spoken[0]:  # a server that needs no request to abort: what it said is part of the answer
        early = tuple(abort for before in spoken[: spoken.index(association)] for abort in before.aborts)
        association = replace(association, aborts=(*early, *association.aborts))
    if _answered(association) or association.outcome not in _VAIN or association.blind or conversation.gaps:
        return None
    if conversation.preamble is None:
        return _missed(conversation, association, known) if known.behind and not known.plain else None
    return None if known.behind else _unexpected(conversation, association, known)


def _unexpected(conversation: Conversation, association: Association, known: Habits) -> Hit | None:
    at_once = _at_once(conversation, association)
    if not (at_once or known.plain or _turned_away(association)):
        return None
    tcp, preamble = conversation.tcp, conversation.preamble
    assert preamble is not None
    if at_once:
        why = "It had received nothing but that header."
    elif known.plain:
        why = f"Without it the same port answers ({known.plain} connection{'s' if known.plain > 1 else ''} here)."
    else:
        why = "It may not expect it; nothing else in this capture shows what that port does without it."
    client = f" (the client is {preamble.source})" if preamble.source else ""
    certain = bool(at_once and known.plain)
    return Hit(
        f"A load balancer at {tcp.initiator.ip} puts a header of the {preamble.protocol} protocol before the request for an"
        f" association{client}; {tcp.responder} {_reaction(association)}. {why}",
        packets=tuple(sorted({*_packets(conversation, association), tcp.first_packet})),
        time_ns=association.first_ns,
        connection=conversation.id,
        association=association.id,
        act=Side.UNKNOWN,
        fix=f"Let both agree: switch the PROXY protocol off at the load balancer {tcp.initiator.ip} for {tcp.responder}"
        " (HAProxy: send-proxy; nginx: proxy_protocol; AWS: a target group's attribute), or on at the server.",
        key=f"{tcp.initiator.ip} proxy {tcp.responder}",
        facts=_facts(conversation) | {"certain": certain},
    )


def _missed(conversation: Conversation, association: Association, known: Habits) -> Hit:
    tcp, requestor = conversation.tcp, peer(association, "requestor")
    times = f"{known.behind} connection{'s' if known.behind > 1 else ''}"
    return Hit(
        f"{requestor} asks {tcp.responder} for an association without the header of the PROXY protocol behind which the same"
        f" port answers ({times} here); {tcp.responder.ip} {_reaction(association)}. It may take nothing but connections"
        " that a load balancer passes on.",
        packets=_packets(conversation, association),
        time_ns=association.first_ns,
        connection=conversation.id,
        association=association.id,
        act=Side.UNKNOWN,
        fix=f"Give {requestor} the address of the load balancer, or let {tcp.responder} take connections without the header.",
        key=f"{tcp.initiator.ip} no proxy {tcp.responder}",
        facts=_facts(conversation),
    )


def _at_once(conversation: Conversation, association: Association) -> bool:
    """Whether the server ended it before a byte of DICOM had reached it."""
    assert conversation.preamble is not None
    ends = [(a.evidence.direction, a.evidence.heard) for a in association.aborts]
    ends += [(closing.direction, closing.heard) for closing in conversation.tcp.closings]
    length = conversation.preamble.length
    return any(way is not association.to_acceptor and 0 <= heard <= length for way, heard in ends)


def _turned_away(association: Association) -> bool:
    """Whether the server's protocol layer aborted, or it closed the connection without a word."""
    if aborts := _aborts_of_the_server(association):
        return any(abort.source == _PROVIDER for abort in aborts)
    return _closed_by_the_server(association)


def _aborts_of_the_server(association: Association) -> list[Abort]:
    return [a for a in association.aborts if a.evidence.direction is not association.to_acceptor]


def _closed_by_the_server(association: Association) -> bool:
    return association.closed_by is association.to_acceptor.opposite


def _reaction(association: Association) -> str:
    if _aborts_of_the_server(association):
        return "answers with an A-ABORT"
    return "closes the connection without an answer" if _closed_by_the_server(association) else "does not answer"


def _packets(conversation: Conversation, association: Association) -> tuple[int, ...]:
    proof = set(association.request.evidence.packets if association.request else ())
    proof |= {packet for abort in association.aborts for packet in abort.evidence.packets}
    return tuple(sorted(proof | {closing.packet for closing in conversation.tcp.closings[:1]}))


def _facts(conversation: Conversation) -> dict[str, object]:
    preamble = conversation.preamble
    return {
        "protocols": list(conversation.protocols),
        "header": preamble.protocol if preamble else None,
        "client": str(preamble.source) if preamble and preamble.source else None,
    }
