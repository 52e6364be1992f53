"""A command set is not as the standard wants it.

What it sees
A command set that cannot be read as Implicit VR Little Endian, has no or an unknown Command Field, lacks an element
that its message must have, or is not in order: group length that does not count the rest, elements out of place or of
odd length. Each mistake of a sender is told once an association. Where the peer did what it was asked nevertheless, it
is a note.

Why it matters
Lenient implementations accept such commands for years; the first strict peer ("Command Parse Failed") aborts.

Likely causes
1. A hand-written DICOM layer omits Priority, Affected SOP Class UID or Affected SOP Instance UID.
2. The group length was computed before an element was added.
3. The command is encoded in the transfer syntax of the data set instead of Implicit VR Little Endian.

Fix
This is a fault of the sending software: report the named element to its vendor. An upgrade of its DICOM library often
suffices.

Could be wrong when
Retired elements of group 0000 are legal to meet and not judged. In responses Affected SOP Class and Instance UID may be
absent, though some products insist on them. A wrong group length alone is common and mostly harmless.

Reference
PS3.7 §6.3.1
PS3.7 §9.3
PS3.7 §10.3
PS3.7 §E.1
https://github.com/PantelisGeorgiadis/dcmjs-dimse/issues/9
https://github.com/grailbio/go-netdicom/issues/11
https://github.com/fo-dicom/fo-dicom/issues/1390
"""

from dicomsniff.association.values import Association, Exchange, ExchangeOutcome, Traffic
from dicomsniff.core import Anomaly, AnomalyCode
from dicomsniff.core.records import replace
from dicomsniff.rules.dimse.oddities import aborted_by_receiver, by_sender, exchange_at, odd_associations, odd_hit, upon
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.rules.naming import peer
from dicomsniff.rules.rule import Rule, Thresholds

_LACKS = "without the mandatory"
_STATUS = "without the mandatory (0000,0900)"
_HIDES = ("DS-ASSOC-009",)
_CODES = (AnomalyCode.COMMAND_UNDECODABLE, AnomalyCode.COMMAND_UNKNOWN_FIELD, AnomalyCode.COMMAND_ODD)


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    return [_hit(association, role, one, traffic) for role, own in by_sender(association, _CODES) for one in own]


def _hit(association: Association, role: str, anomaly: Anomaly, traffic: Traffic) -> Hit:
    exchange = exchange_at(association, anomaly)
    aborted = aborted_by_receiver(association, anomaly)
    broken = anomaly.code is not AnomalyCode.COMMAND_ODD
    what = f"cannot be read: {anomaly.detail}" if broken else f"is invalid: {anomaly.detail}"
    after = " The receiver aborted then." if aborted else ""
    severity = Severity.ERROR if broken or aborted else _severity(anomaly, exchange)
    made = odd_hit(
        association,
        role,
        [anomaly],
        f"A command of {peer(association, role)} {what}.{after}",
        severity,
        traffic,
        exchange,
        service=exchange.service if exchange else None,
        message_id=exchange.message_id if exchange else None,
    )
    made = made if broken or _LACKS in anomaly.detail else replace(made, explained=())
    return upon(made, association, [anomaly], _HIDES, traffic)


def _severity(anomaly: Anomaly, exchange: Exchange | None) -> Severity:
    """A lacking element may be why a request was refused or not answered; anything else hardly ever is. Without a status
    nobody knows what became of the request."""
    if exchange is not None and exchange.final is not None and exchange.status is None and _STATUS in anomaly.detail:
        return Severity.ERROR
    refused = (ExchangeOutcome.FAILED, ExchangeOutcome.UNANSWERED)
    is_request = exchange is not None and exchange.request is not None
    if exchange is None or not is_request or exchange.direction is not anomaly.evidence.direction:
        return Severity.NOTE
    if exchange.outcome not in refused or exchange.unseen:
        return Severity.NOTE
    return Severity.ERROR if _LACKS in anomaly.detail else Severity.WARNING


RULE = Rule(
    id="DS-DIMSE-003",
    name="command-set-invalid",
    severity=Severity.ERROR,
    title="Invalid command set",
    subjects=odd_associations,
    check=check,
    page=__doc__,
    claims=frozenset(_CODES),
    hides=_HIDES,
    explains=("DS-DIMSE-008", "DS-STORE-002", "DS-FIND-001"),
)
