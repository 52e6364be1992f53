"""A message was sent on a presentation context that was not accepted, or one message on two contexts.

What it sees
A presentation data value whose context ID was refused or never proposed, or a message whose command travelled on one
context and whose data set on another.

Why it matters
The receiver cannot know what such bytes mean: class and encoding are those of the context. It will abort, or worse,
guess.

Likely causes
1. The sender ignores the results in the A-ASSOCIATE-AC.
2. A proxy between the two renumbered the contexts.

Fix
This is a fault of the sending software: report it to its vendor with the packets of the negotiation and of the
message. Until then, make the acceptor accept the class, so that the context becomes valid.

Could be wrong when
The capture does not hold the whole negotiation; then nothing is claimed.

Reference
PS3.8 §7.6
PS3.8 §E.1
PS3.7 §6.3
https://github.com/mercure-imaging/mercure/issues/45
"""

from collections.abc import Iterator, Sequence

from dicomsniff.association.values import Association, Blind, Exchange, Traffic
from dicomsniff.core import Anomaly, AnomalyCode
from dicomsniff.core.patterns import pattern
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.naming import brief, how_often, peer, side
from dicomsniff.rules.negotiation.offence import cost, left_upon
from dicomsniff.rules.rule import Rule, Thresholds

_HIDES = ("DS-ASSOC-009", "DS-PC-001", "DS-PC-002")
_CONTEXT = pattern(r"\bcontext (\d+)")


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    unaccepted = [a for a in association.anomalies if a.code is AnomalyCode.CONTEXT_NOT_ACCEPTED]
    mixed = [a for a in association.anomalies if _mixes_contexts(a)]
    if not unaccepted and not mixed:
        return None
    if unaccepted and (association.accept is None or {Blind.REQUEST, Blind.ANSWER} & association.blind):
        return Inconclusive("messages travel on contexts whose negotiation was not captured")
    return [*_on_unaccepted(association, unaccepted, traffic), *_on_two(association, mixed, traffic)]


def _mixes_contexts(anomaly: Anomaly) -> bool:
    """Whether data of a message came on another context than its command."""
    if anomaly.code is not AnomalyCode.PDV_UNEXPECTED_FRAGMENT or not anomaly.detail.startswith("a data fragment"):
        return False
    return len(set(_CONTEXT.findall(anomaly.detail))) > 1


def _on_unaccepted(association: Association, anomalies: Sequence[Anomaly], traffic: Traffic) -> Iterator[Hit]:
    """One hit for each sender: it does the same wrong again with every message."""
    for role in ("requestor", "acceptor"):
        own = [a for a in anomalies if association.role(a.evidence.direction) == role]
        if own:
            yield _hit(association, role, own, _sentence(association, role, own), traffic)


def _sentence(association: Association, role: str, anomalies: Sequence[Anomaly]) -> str:
    first = anomalies[0]
    exchange = _message_at(association, first)
    context_id = exchange.context_id if exchange else _numbered(first)
    what = f"{exchange.service} of {brief(exchange.sop_class)}" if exchange else "data"
    where = f"context {context_id}" if context_id is not None else "a context"
    more = f" ({how_often(len(anomalies))} in this association)" if len(anomalies) > 1 else ""
    return f"{peer(association, role)} sends {what} on {where}, which was {_standing(association, context_id)}{more}."


def _message_at(association: Association, anomaly: Anomaly) -> Exchange | None:
    """The exchange whose request, or response, holds the bytes in question."""
    at = anomaly.evidence
    for exchange in association.exchanges:
        for part in (exchange.request, exchange.first_response, exchange.final):
            if part and part.direction is at.direction and part.start <= at.start < max(part.end, part.start + 1):
                return exchange
    return None


def _numbered(anomaly: Anomaly) -> int | None:
    found = _CONTEXT.search(anomaly.detail)
    return int(found[1]) if found else None


def _standing(association: Association, context_id: int | None) -> str:
    context = association.context(context_id) if context_id is not None else None
    if context is None or context.inferred:
        return "never proposed" if context_id is not None else "not accepted"
    if context.result_code is None:
        return "never answered"
    return f"refused (result {context.result_code}, {context.result.value})"


def _on_two(association: Association, anomalies: Sequence[Anomaly], traffic: Traffic) -> Iterator[Hit]:
    for role in ("requestor", "acceptor"):
        own = [a for a in anomalies if association.role(a.evidence.direction) == role]
        if own:
            message = f"{peer(association, role)} sends one message on two contexts: {own[0].detail}."
            yield _hit(association, role, own, message, traffic)


def _hit(association: Association, role: str, anomalies: Sequence[Anomaly], message: str, traffic: Traffic) -> Hit:
    accept = association.accept.evidence if association.accept else None
    exchange = _message_at(association, anomalies[0])
    lost = () if exchange is not None else cost(association, anomalies, traffic)
    return Hit(
        message,
        packets_of(accept, *(a.evidence for a in anomalies[:6])),
        anomalies[0].evidence.first_ns,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id if exchange else lost[-1] if lost else None,
        tells_of=lost,
        hides=(*_HIDES, *left_upon(association, anomalies[-1].evidence, traffic)),
        act=side(role),
        actor=peer(association, role),
        facts={"count": len(anomalies), "details": [a.detail for a in anomalies[:6]]},
    )


def subjects(traffic: Traffic) -> list[Association]:
    """Associations on which anything was sent."""
    return [a for a in traffic.associations if a.exchanges or a.anomalies]


RULE = Rule(
    id="DS-PC-007",
    name="pdata-on-unaccepted-context",
    severity=Severity.ERROR,
    title="Message on a presentation context that was not accepted",
    subjects=subjects,
    check=check,
    page=__doc__,
    claims=frozenset({AnomalyCode.CONTEXT_NOT_ACCEPTED}),
    hides=_HIDES,
)
