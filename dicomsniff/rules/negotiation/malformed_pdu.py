"""A PDU is malformed, or may not be sent at this moment.

What it sees
A PDU type outside 01H-07H; a PDU of fixed length with another length; item or sub-item lengths that do not add up to those
around them (the fragments inside a P-DATA-TF are judged by DS-DIMSE-006); a mandatory item that is missing or stands twice (without any
proposed context nothing can be done on an association, and acceptors reject it, abort, close or never answer); a padded or illegal UID in an item; and a PDU that
its sender may not send in the state the association is in. A sender is judged only by what it can have received: PDUs
that crossed in flight are in order.

Why it matters
The receiver aborts, hangs, or reads on out of step. If it bears with it today, the next one will not.

Likely causes
1. A fault in the sender's implementation.
2. An earlier wrong length put the stream out of step.
3. Without any proposed context: the program had not registered a SOP class, service or file when it connected.
4. Something between the two changed the stream (proxy, gateway), or another protocol is spoken on the connection.

Fix
Report it to the maker of the sending side, with the packets named here.

Could be wrong when
Packets are missing from the capture: nothing is said of a direction with holes where that could explain it. Unknown
user-information sub-items and reserved bytes are not judged, for receivers must ignore them.

Reference
PS3.8 §9.3.1
PS3.8 §9.2
PS3.8 §F.1
https://github.com/fo-dicom/fo-dicom/issues/543
https://github.com/pydicom/pynetdicom/issues/240
"""

from collections import Counter
from collections.abc import Sequence

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import Anomaly, AnomalyCode
from dicomsniff.core.patterns import pattern
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.harm import came_to_grief, ended_by_protocol
from dicomsniff.rules.naming import counted, peer, side
from dicomsniff.rules.negotiation.offence import MILD, cost, left_upon, went_on
from dicomsniff.rules.rule import Rule, Thresholds

_FRAMING = frozenset({AnomalyCode.PDU_UNKNOWN_TYPE, AnomalyCode.PDU_BAD_LENGTH})
"""What a hole in the capture could imitate."""
CODES = (
    _FRAMING
    | (MILD - {AnomalyCode.CONTEXT_UID_INVALID})
    | {AnomalyCode.PDU_ITEMS_DO_NOT_FIT, AnomalyCode.PDU_OUT_OF_PHASE}
)
_HIDES = ("DS-ASSOC-006", "DS-ASSOC-007", "DS-ASSOC-009", "DS-TCP-005")
_PLACE = pattern(r"\d+")


_REGISTER = (
    "Let the requestor propose a context for each SOP class that it wants to use, before it connects; for a test of the "
    "connection that is Verification."
)


def odd(traffic: Traffic) -> list[Association]:
    return [a for a in traffic.associations if a.anomalies]


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive | None:
    hits, doubt = [], False
    for role in ("requestor", "acceptor"):
        own = [a for a in association.anomalies if a.code in CODES and association.role(a.evidence.direction) == role]
        own = [a for a in own if not _answers_nothing(association, a)]
        sure = [a for a in own if a.code not in _FRAMING or not association.blind_towards(a.evidence.direction)]
        doubt = doubt or len(sure) < len(own)
        if sure:
            hits.append(
                _hit(association, role, sorted(sure, key=lambda a: (a.evidence.first_ns, a.evidence.start)), traffic)
            )
    if doubt and not hits:
        return Inconclusive(
            "bytes of this direction were not captured: what looks malformed may be out of step only here"
        )
    return hits


def _answers_nothing(association: Association, anomaly: Anomaly) -> bool:
    """Whether it is only that an acceptance has no contexts where none was proposed: there are none to answer."""
    request, accept = association.request, association.accept
    if request is None or request.contexts or accept is None or accept.contexts:
        return False
    return _no_context(anomaly) and anomaly.evidence == accept.evidence


def _severity(association: Association, anomalies: Sequence[Anomaly]) -> Severity:
    """As bad as what came of it."""
    codes = {a.code for a in anomalies}
    if codes <= MILD and _proposes_nothing(association, anomalies):
        return Severity.ERROR if came_to_grief(association) else Severity.WARNING
    if codes <= MILD:
        return Severity.ERROR if ended_by_protocol(association) else Severity.NOTE
    if all(_behind_the_end(association, a) for a in anomalies if a.code not in MILD):
        return Severity.NOTE
    return Severity.ERROR if _grievous(association, anomalies) else Severity.WARNING


def _grievous(association: Association, anomalies: Sequence[Anomaly]) -> bool:
    """Whether the association ended badly, and as far as is known for this: not where the receiver had gone on after it."""
    grave = (a.evidence for a in anomalies if a.code not in MILD)
    last = max(grave, key=lambda evidence: evidence.start, default=None)  # who went on after that one did so after all
    return came_to_grief(association) and last is not None and not went_on(association, last)


def _proposes_nothing(association: Association, anomalies: Sequence[Anomaly]) -> bool:
    """Whether its request has not one presentation context (PS3.8 §9.3.2: one or more)."""
    request = association.request
    if request is None or request.contexts:
        return False
    return any(_no_context(a) and a.evidence == request.evidence for a in anomalies)


def _no_context(anomaly: Anomaly) -> bool:
    return anomaly.code is AnomalyCode.PDU_ITEM_MISSING and "every Presentation Context" in anomaly.detail


def _behind_the_end(association: Association, anomaly: Anomaly) -> bool:
    """Whether the association had been aborted, released or rejected by then: it can harm nobody any more. Libraries that
    only put an A-ABORT in line go on sending what stands behind it."""
    if any(anomaly.evidence.after(abort.evidence) for abort in association.aborts):
        return True
    end = association.release_response or association.reject
    return end is not None and end.evidence.last_ns <= anomaly.evidence.first_ns


def _hit(association: Association, role: str, anomalies: Sequence[Anomaly], traffic: Traffic) -> Hit:
    worst = next((a for a in anomalies if a.code not in MILD), anomalies[0])
    lost = cost(association, anomalies, traffic)
    severity, counts = _severity(association, anomalies), Counter(str(a.code) for a in anomalies)
    how = "a PDU that may not come now" if worst.code is AnomalyCode.PDU_OUT_OF_PHASE else "a malformed PDU"
    sender, at = peer(association, role), worst.evidence
    more = f" {counted(len(anomalies) - 1, 'more oddity', 'more oddities')} of it followed." if anomalies[1:] else ""
    grievous = _grievous(association, anomalies) or (came_to_grief(association) and worst.code in MILD)
    borne = "" if grievous else " The other side bore with it."
    said = f"sent {how}: {worst.detail or worst.code} (stream offset {at.start}, packet {at.first_packet})"
    fix = None
    if association.request is not None and _proposes_nothing(association, anomalies):
        said = (
            f"proposed no presentation context in its A-ASSOCIATE-RQ (packet {association.request.evidence.first_packet}): "
            f"nothing can be done on such an association, and {peer(association, 'acceptor')} need not accept it"
        )
        fix = _REGISTER
    return Hit(
        f"{sender} {said}.{more}{borne}",
        packets_of(*(a.evidence for a in (worst, *anomalies[:5]))),
        at.first_ns,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=lost[-1] if lost else None,
        tells_of=lost,
        act=side(role),
        actor=sender,
        fix=fix,
        hides=(*_HIDES, *(() if worst.code in MILD else left_upon(association, at, traffic))) if grievous else (),
        key=f"{role}|{association.requestor.ip}|{association.acceptor}|{severity}|{_PLACE.sub('', worst.detail)}|{worst.code}",
        facts={
            "sent_by": role,
            "stream_offset": at.start,
            "oddities": dict(counts),
            "details": list(dict.fromkeys(a.detail for a in anomalies))[:10],
        },
    )


RULE = Rule(
    id="DS-ASSOC-015",
    name="pdu-malformed-or-unexpected",
    severity=Severity.ERROR,
    title="Malformed or unexpected PDU",
    subjects=odd,
    check=check,
    page=__doc__ or "",
    claims=frozenset(CODES),
    hides=_HIDES,
)
