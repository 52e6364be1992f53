"""P-DATA-TF PDUs are longer than their receiver said it would take.

What it sees
A P-DATA-TF whose PDU-length is above the Maximum Length that its receiver announced: the value in the A-ASSOCIATE-RQ
limits what the acceptor may send, the value in the A-ASSOCIATE-AC what the requestor may send. The 6 bytes of the PDU's
header do not count; 0 or no value means unlimited.

Why it matters
The standard forbids it, and receivers that allocate what they announced abort or overrun.

Likely causes
1. The sender compares with its own limit, or ignores that of the other side.
2. It counts the 6-byte header the wrong way: the excess is then exactly 6 or 12 bytes.

Fix
Set the sender's maximum PDU length to that of the receiver, or lower; an excess of 6 or 12 bytes wants a correction by
its maker.

Could be wrong when
Nothing is claimed for a PDU above what its own sender announced: the limits belong to the receivers, each its own.

Reference
PS3.8 §D.1
PS3.8 §9.3.5
https://github.com/Enet4/dicom-rs/issues/163
https://github.com/Enet4/dicom-rs/issues/712
"""

from dicomsniff.association.values import Association, Overlong, Traffic
from dicomsniff.core import AnomalyCode, Evidence
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.harm import came_to_grief
from dicomsniff.rules.naming import counted, peer, side
from dicomsniff.rules.negotiation.offence import aborted_upon
from dicomsniff.rules.rule import Rule, Thresholds

_HEADERS = (6, 12)
_ABORTS = ("DS-ASSOC-009", "DS-ASSOC-008")


def overlong(traffic: Traffic) -> list[Association]:
    return [a for a in traffic.associations if a.overlong]


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    return [_hit(association, found) for found in association.overlong]


def _hit(association: Association, found: Overlong) -> Hit:
    role = association.role(found.first.direction)
    sender, receiver = peer(association, role), peer(association, association.other(role))
    announced = association.accept if role == "requestor" else association.request
    off = found.longest - found.limit if found.longest - found.limit in _HEADERS else None
    lengths = f"{found.longest}" if found.shortest == found.longest else f"up to {found.longest}"
    hint = f" The excess is {off} bytes, as if the PDU header were counted wrongly." if off else ""
    borne = "" if came_to_grief(association) else " It was borne with."
    return Hit(
        f"{sender} sends PDUs of {lengths} bytes; {receiver} announced at most {found.limit} "
        f"({counted(found.count, 'PDU')} above it).{hint}{borne}",
        packets_of(announced.evidence if announced else None, found.first),
        found.first.first_ns,
        Severity.ERROR if came_to_grief(association) else Severity.WARNING,
        connection=association.connection,
        association=association.id,
        exchange=_within(association, found.first),
        hides=_ABORTS if aborted_upon(association, found.first) else _ABORTS[:1],
        act=side(role),
        actor=sender,
        fix=f"Set the maximum PDU length of {sender} to {found.limit} or less, or raise that of {receiver}."
        if not off
        else None,
        key=f"{role}|{association.requestor.ip}|{association.acceptor}|{found.limit}|{came_to_grief(association)}",
        facts={
            "sent_by": role,
            "max_pdu_length": found.limit,
            "longest_pdu_length": found.longest,
            "shortest_pdu_length": found.shortest,
            "pdus": found.count,
            "excess": found.longest - found.limit,
        },
    )


def _within(association: Association, pdu: Evidence) -> int | None:
    """The operation whose request it belongs to."""
    for exchange in association.exchanges:
        request = exchange.request
        if request and request.direction is pdu.direction and request.start <= pdu.start < request.end:
            return exchange.id
    return None


RULE = Rule(
    id="DS-ASSOC-016",
    name="pdu-exceeds-maximum-length",
    severity=Severity.ERROR,
    title="PDU longer than its receiver takes",
    subjects=overlong,
    check=check,
    page=__doc__ or "",
    claims=frozenset({AnomalyCode.PDU_TOO_LONG}),
    hides=_ABORTS,
)
