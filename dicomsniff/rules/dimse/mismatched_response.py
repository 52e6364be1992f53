"""A response does not belong to any request that was waiting for one.

What it sees
A response whose Message ID Being Responded To has no outstanding request of its service in the other direction: the ID
was never used, belongs to another operation, or was answered already. Also a response on another presentation context
than its request, or with another Affected SOP Class UID, or of a C-STORE with another Affected SOP Instance UID. Where
the message IDs do match and the requestor went on, it is a warning.

Why it matters
The requestor cannot tell which of its operations ended. Strict implementations abort; others hang until a time-out or
take the result of one operation for that of another.

Likely causes
1. The performer answers with a fixed or wrong message ID, context or class.
2. The response came after the requestor had given up and used the ID again.
3. Several threads of the performer share one association.

Fix
This is a fault of the performing software: report it to its vendor with the packets of request and response. Where late
responses are the reason, lengthen the time-out of the requestor, and do not share an association between threads.

Could be wrong when
The association was joined midstream or the request was not captured; then nothing is claimed, nor where a request may
be missing in the capture between the two that differ. Message IDs need only be unique among outstanding requests, so a
repeated ID is no fault by itself. Unified procedure steps and print use several classes for one object and are left out.

Reference
PS3.7 §9.3
PS3.7 §10.3
https://github.com/pydicom/pynetdicom/issues/842
https://github.com/pydicom/pynetdicom/issues/541
"""

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import Anomaly, AnomalyCode, Evidence
from dicomsniff.core.records import replace
from dicomsniff.rules.dimse.oddities import (
    aborted_by_receiver,
    by_sender,
    exchange_at,
    odd_associations,
    odd_hit,
    upon,
    went_well,
)
from dicomsniff.rules.endings import unanswered
from dicomsniff.rules.finding import Hit, Inconclusive, Severity
from dicomsniff.rules.holes import Ranges
from dicomsniff.rules.naming import counted, peer, performer
from dicomsniff.rules.rule import Rule, Thresholds

_HIDES = ("DS-ASSOC-009",)
_CODES = (AnomalyCode.RESPONSE_WITHOUT_REQUEST, AnomalyCode.RESPONSE_DIFFERS)


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive:
    met = [
        (role, [a for a in own if a.code is code]) for role, own in by_sender(association, _CODES) for code in _CODES
    ]
    doubtful = _doubtful(association, traffic)
    sure = [(role, [a for a in own if a.evidence not in doubtful]) for role, own in met]
    hits = [_hit(association, role, own, traffic) for role, own in sure if own]
    if not hits and any(own for _, own in met):
        return Inconclusive("the request of a response, or one that it differs from, may not have been captured")
    return hits


def _doubtful(association: Association, traffic: Traffic) -> frozenset[Evidence]:
    """The responses that differ from a request that may be another than their own, or whose sender had, by its numbers, received
    less than the association request: what it did receive bore other numbers, as on the other side of a firewall."""
    begun = association.request.evidence.end if association.request is not None else 0
    numbered = frozenset(
        a.evidence for a in association.anomalies if a.code in _CODES and -1 != a.evidence.heard < begun
    )
    return numbered | _differing(association, traffic)


def _differing(association: Association, traffic: Traffic) -> frozenset[Evidence]:
    gaps = traffic.conversation(association.connection).gaps
    differ = {a.evidence for a in association.anomalies if a.code is AnomalyCode.RESPONSE_DIFFERS} if gaps else set()
    if not differ:
        return frozenset()
    holes = Ranges(gaps)
    answers = (
        (e.request, part) for e in association.exchanges for part in (e.first_response, e.last_response, e.final)
    )
    return frozenset(
        part
        for request, part in answers
        if part in differ and request and part and holes.another_request(request, part)
    )


def _hit(association: Association, role: str, own: list[Anomaly], traffic: Traffic) -> Hit:
    first = own[0]
    exchange = exchange_at(association, first)
    more = f" ({counted(len(own), 'such response')} in this association)" if len(own) > 1 else ""
    harmless = first.code is AnomalyCode.RESPONSE_DIFFERS and went_well(exchange)
    lenient = harmless and not aborted_by_receiver(association, first)
    made = odd_hit(
        association,
        role,
        own,
        f"{peer(association, role)} answered wrongly: {_why(association, exchange, first)}{more}.",
        Severity.WARNING if lenient else Severity.ERROR,
        traffic,
        exchange,
        service=exchange.service if exchange else None,
        message_id=exchange.message_id if exchange else None,
    )
    return upon(replace(made, explained=_meant(association, role, own)), association, own, _HIDES, traffic)


def _meant(association: Association, role: str, own: list[Anomaly]) -> tuple[int, ...]:
    """The exchanges of these responses, and the requests that they may have been meant to answer."""
    wrong = {anomaly.evidence for anomaly in own}
    odd = [e.id for e in association.exchanges if e.final in wrong]
    wanting = [e for e in unanswered(association) if performer(e) == role]
    meant = [e.id for e in wanting if e.request is not None and own[-1].evidence.after(e.request)]
    return (*odd, *meant) if len(meant) <= len(own) else tuple(odd)


def _why(association: Association, exchange: Exchange | None, anomaly: Anomaly) -> str:
    """What the message ID stands for, if it stands for anything."""
    if exchange is None or anomaly.code is AnomalyCode.RESPONSE_DIFFERS:
        return anomaly.detail
    name = f"a {exchange.service} response to message {exchange.message_id}"
    asked = [
        e
        for e in association.exchanges
        if e.request is not None and e.direction is exchange.direction and e.message_id == exchange.message_id
    ]
    before = [e for e in asked if e.request and not e.request.after(anomaly.evidence)]
    if not before:
        return f"{name}, which {peer(association, _asker(exchange))} had not sent"
    last = before[-1]
    if last.service != exchange.service:
        return f"{name}, but message {exchange.message_id} was a {last.service}"
    return f"{name}, which had been answered already"


def _asker(exchange: Exchange) -> str:
    return "requestor" if performer(exchange) == "acceptor" else "acceptor"


RULE = Rule(
    id="DS-DIMSE-002",
    name="response-does-not-match",
    severity=Severity.ERROR,
    title="Response that no request waits for",
    subjects=odd_associations,
    check=check,
    page=__doc__,
    claims=frozenset(_CODES),
    hides=_HIDES,
    explains=("DS-DIMSE-001", "DS-ASSOC-008", "DS-ASSOC-014", "DS-TCP-005"),
)
