"""Packets that were delivered are missing in the capture.

What it sees
Bytes of a DICOM connection that the receiver acknowledged and that no packet of the capture holds; or drop counters that
the capturing tool wrote into the file.

Why it matters
A missing packet looks like a malformed PDU, an object that was never finished or a response that never came. Findings
whose bytes overlap such a hole are one level milder and marked as incomplete evidence.

Likely causes
1. The capturing host is too slow for the traffic.
2. The mirror port (SPAN) carries more than it can deliver.
3. The capture filter or a ring buffer dropped part of the traffic.

Fix
Capture with a larger buffer (`-B`), with a filter on the hosts concerned, onto a fast disk, or with a hardware tap.

Could be wrong when
Real loss on the network is filled by a later copy and does not count here; a hole at the very end of a connection that
broke may be real loss.

Reference
draft-ietf-opsawg-pcapng §4.6
RFC 9293 §3.4
"""

from collections.abc import Sequence

from dicomsniff.association.values import Conversation, Exchange, Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.capture_quality.whole import whole
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.holes import Ranges
from dicomsniff.rules.naming import counted
from dicomsniff.rules.rule import DICOM_KINDS, Rule, Thresholds
from dicomsniff.tcp.events import Gap, GapCause


def check(seen: Sequence[Conversation], traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    holed = [(c, lost) for c in seen if c.kind in DICOM_KINDS and (lost := _delivered(c))]
    dropped = sum(f.dropped or 0 for f in traffic.captures)
    found = [_holes(holed, traffic)] if holed else []
    if dropped:
        found.append(
            Hit(
                f"The capturing tool itself counted {counted(dropped, 'packet')} that it dropped; what is missing in a "
                "connection may be missing only here.",
                act=Side.CAPTURE,
                facts={"dropped": dropped},
            )
        )
    return found


def _delivered(conversation: Conversation) -> list[Gap]:
    """The holes whose bytes the receiver confirmed."""
    lost = [g for g in conversation.gaps if g.cause is GapCause.LOST]
    return [g for g in lost if (conversation.tcp.facts(g.direction).acknowledged or 0) >= g.start + g.length]


def _holes(holed: list[tuple[Conversation, list[Gap]]], traffic: Traffic) -> Hit:
    lost = sum(gap.length for _, gaps in holed for gap in gaps)
    touched = sum(_touched(conversation, gaps, traffic) for conversation, gaps in holed)
    first = holed[0][0].tcp
    where = f"{first.initiator} -> {first.responder}" if len(holed) == 1 else counted(len(holed), "connection")
    proof = sorted({gap.packet for _, gaps in holed for gap in gaps})[:12]
    return Hit(
        f"{lost} bytes on {where} were delivered but not captured ({counted(touched, 'message')} affected); findings there "
        "are marked incomplete.",
        packets=tuple(proof),
        time_ns=min(gap.time_ns for _, gaps in holed for gap in gaps),
        connection=first.id,
        act=Side.CAPTURE,
        facts={
            "lost_bytes": lost,
            "messages_affected": touched,
            "connections": [conversation.id for conversation, _ in holed[:100]],
        },
    )


def _touched(conversation: Conversation, gaps: list[Gap], traffic: Traffic) -> int:
    """How many messages of the connection overlap a hole."""
    exchanges = [e for a in conversation.associations for e in traffic.association(a).exchanges]
    missing = Ranges(gaps)
    return sum(missing.overlap(message) for exchange in exchanges for message in _messages(exchange))


def _messages(exchange: Exchange) -> set[Evidence]:
    return {m for m in (exchange.request, exchange.first_response, exchange.final) if m is not None}


RULE = Rule(
    id="DS-CAP-002",
    name="capture-lost-packets",
    severity=Severity.WARNING,
    title="Packets missing in the capture",
    subjects=whole,
    check=check,
    page=__doc__ or "",
)
