"""Traffic in, the conversations that may be a proxy's other side though nothing proves it out, each with the one it may show.

A proof (see `views`) needs every byte of both sides and the order of their steps; a hole, packets out of order, or an end
before the last message was passed on takes it away. What is left is that one host is reached by one conversation and makes the
other meanwhile, and that nothing of the two differs where both were seen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator
from ipaddress import ip_address

from dicomsniff.association.values import Association, Blind, Conversation, Exchange, Traffic
from dicomsniff.core import Direction, Evidence
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import AssociateAc, AssociateRj, AssociateRq

NEIGHBOURS = 8
"""A conversation is compared with this many that began before it and as many that began after it, the nearest first."""
NOWHERE = Evidence(Direction.TO_RESPONDER, 0, 0, 0, 0, 0, 0)
_LOOPBACK = "loopback"
_Negotiation = AssociateRq | AssociateAc | AssociateRj


class Relay(NamedTuple):
    """A conversation may show another one again."""

    conversation: int
    of: int


def joined(entrance: str, exit: str) -> bool:
    """Whether both addresses can be those of one host: a proxy is reached at one and sends from the other."""
    return entrance == exit or ip_address(entrance).is_loopback != ip_address(exit).is_loopback


def suspected(traffic: Traffic, proved: Container[int]) -> Iterator[Relay]:
    """What may be the other side of a proxy, but for what is `proved` to be a view."""
    spoken = [c for c in traffic.conversations if c.associations and c.id not in proved]
    sources = {_host(c.tcp.initiator.ip) for c in spoken}
    reached: dict[object, list[Conversation]] = {}
    for outer in spoken:
        for host in _hosts(outer.tcp.responder.ip):
            if host in sources:
                for key in ((host, _titles(traffic, outer)), host):
                    reached.setdefault(key, []).append(outer)
    for inner in spoken:
        found = (other for other in _near(traffic, inner, reached) if _alike(traffic, other, inner))
        if (outer_of := next(found, None)) is not None:
            yield Relay(inner.id, outer_of.id)


def _host(ip: str) -> str:
    return _LOOPBACK if ip == "::1" or ip.startswith("127.") else ip


def _hosts(ip: str) -> tuple[str, ...]:
    """As what the host that is reached at this address may send."""
    return (_LOOPBACK,) if _host(ip) == _LOOPBACK else (ip, _LOOPBACK)


def _titles(traffic: Traffic, conversation: Conversation) -> tuple[str | None, str | None] | None:
    request = traffic.association(conversation.associations[0]).request
    return None if request is None else (request.calling_ae, request.called_ae)


def _near(traffic: Traffic, inner: Conversation, reached: dict[object, list[Conversation]]) -> Iterator[Conversation]:
    """The conversations by which the host that made this one was reached meanwhile, under the same titles or unknown ones."""
    host, titles = _host(inner.tcp.initiator.ip), _titles(traffic, inner)
    keys: tuple[object, ...] = (host,) if titles is None else ((host, titles), (host, None))
    for key in keys:
        others = reached.get(key, [])
        place = bisect_left(others, inner.tcp.first_packet, key=lambda other: other.tcp.first_packet)
        for other in others[max(0, place - NEIGHBOURS) : place + NEIGHBOURS]:
            apart = other.tcp.responder != inner.tcp.responder and other.id != inner.id
            meanwhile = (
                other.tcp.last_packet > inner.tcp.first_packet and inner.tcp.last_packet > other.tcp.first_packet
            )
            if apart and meanwhile:
                yield other


def _alike(traffic: Traffic, outer: Conversation, inner: Conversation) -> bool:
    """Whether each association of the inner conversation may be one of the outer passed on."""
    others = [traffic.association(id) for id in outer.associations]
    return all(any(_passed_on(other, traffic.association(id)) for other in others) for id in inner.associations)


def _passed_on(one: Association, other: Association) -> bool:
    """Whether nothing differs where both were seen, and something is the same or may only be missing."""
    if one.to_acceptor is not other.to_acceptor:
        return False
    pdus = ((one.request, other.request), (one.accept, other.accept), (one.reject, other.reject))
    negotiated = [_same_pdu(a, b) for a, b in pdus if a is not None and b is not None]
    if not all(negotiated):
        return False
    said = {_name(exchange): exchange for exchange in one.exchanges}
    common = 0
    for exchange in other.exchanges:
        before = said.get(_name(exchange))
        if before is None:
            if not _may_lack(one, exchange, other):
                return False
        elif _differ(before, exchange):
            return False
        else:
            common += 1
    return bool(common or negotiated or one.blind or other.blind)


def _same_pdu(one: _Negotiation, other: _Negotiation) -> bool:
    return replace(one, evidence=NOWHERE) == replace(other, evidence=NOWHERE)


def _name(exchange: Exchange) -> tuple[object, ...]:
    e = exchange
    return e.direction, e.context_id, e.service, e.message_id, e.sop_instance


def _may_lack(association: Association, exchange: Exchange, other: Association) -> bool:
    """Whether what the other association says may be missing here: in a hole, or it was the last thing said."""
    return (
        association.blind_towards(exchange.direction)
        or Blind.REQUEST in association.blind
        or exchange is other.exchanges[-1]
    )


def _differ(one: Exchange, other: Exchange) -> bool:
    """Whether one says something that the other contradicts."""
    if one.final is not None and other.final is not None and one.status != other.status:
        return True
    a, b = one.payload, other.payload
    return a is not None and b is not None and a.complete and b.complete and a.sha256 != b.sha256
