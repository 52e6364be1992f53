"""Associations were already running when the capture began, or still open when it ended.

What it sees
Associations of which the A-ASSOCIATE-RQ is not in the capture, associations that are neither released, aborted nor
closed at its last packet, and capture files that end in the middle of a packet (a warning: the file is damaged).

Why it matters
Without the negotiation, SOP classes and transfer syntaxes are concluded from the messages, or unknown. A request that is
open at the end may have been answered a moment later: it is no fault.

Likely causes
1. The capture was started after the association, or stopped before its end.
2. Ring-buffer files: the rest is in the file before or after.
3. The file was copied while it was being written, or the disk was full.

Fix
Start the capture before the job and stop it afterwards, or give the neighbouring files together.

Could be wrong when
The beginning was lost by the capture, not missed: see the finding on missing packets.

Reference
PS3.8 §7.1
PS3.8 §9.2
"""

from collections.abc import Sequence

from dicomsniff.association.values import Association, Blind, Outcome, Traffic
from dicomsniff.capture.block import CaptureFacts
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import counted
from dicomsniff.rules.rule import Rule, Thresholds

_SHOWN = 6


def together(traffic: Traffic) -> list[Traffic]:
    """The capture as one subject, if it holds associations or is damaged."""
    return [traffic] if traffic.associations or any(c.cut for c in traffic.captures) else []


def check(subject: Traffic, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    unseen = [a for a in traffic.associations if a.request is None and Blind.REQUEST in a.blind]
    late = [a for a in unseen if traffic.conversation(a.connection).tcp.opened == "midstream"]
    still = [a for a in traffic.associations if a.outcome is Outcome.OPEN or Blind.END in a.blind]
    lost = [a for a in unseen if a not in late]
    return [*_cut(traffic.captures), *_began(late), *_request_lost(lost), *_ended(still)]


def _cut(captures: Sequence[CaptureFacts]) -> list[Hit]:
    return [
        Hit(
            f"{c.path} ends in the middle of a packet: {counted(c.packets, 'packet')} could be read, what came later is not in it.",
            severity=Severity.WARNING,
            time_ns=c.last_ns,
            act=Side.CAPTURE,
            facts={"edge": "cut", "path": c.path, "packets": c.packets},
        )
        for c in captures
        if c.cut
    ]


def _request_lost(lost: list[Association]) -> list[Hit]:
    if not lost:
        return []
    message = (
        f"The A-ASSOCIATE-RQ of {counted(len(lost), 'association')} is not whole in the capture, though the connection is: "
        f"{_inferred(lost)}."
    )
    return [_hit(message, lost, [a.first_packet for a in lost], lost[0].first_ns, "request lost")]


def _inferred(associations: list[Association]) -> str:
    """What of the negotiation the messages show instead."""
    contexts = [c for a in associations for c in a.contexts if c.inferred]
    if not contexts:
        return "SOP classes, transfer syntaxes and limits are unknown"
    unanswered = any(a.accept is None for a in associations)
    high, low = (sum(c.confidence == word for c in contexts) for word in ("high", "low"))
    known = sum(c.transfer_syntax is not None and c.confidence is None for c in contexts)
    parts = (
        (high, "inferred with high confidence"),
        (low, "inferred with low confidence"),
        (known, "accepted in the capture"),
        (len(contexts) - high - low - known, "unknown"),
    )
    told = ", ".join(f"{number} {how}" for number, how in parts if number)
    return (
        f"of {counted(len(contexts), 'context')} the SOP class is inferred from the messages where they tell; of their "
        f"transfer syntaxes {told}. {'The limits' if unanswered else 'Limits of the calling side'} are unknown"
    )


def _began(late: list[Association]) -> list[Hit]:
    if not late:
        return []
    message = (
        f"{counted(len(late), 'association')} {_were(late)} already running when the capture began: {_inferred(late)}."
    )
    return [_hit(message, late, [a.first_packet for a in late], late[0].first_ns, "began")]


def _ended(still: list[Association]) -> list[Hit]:
    if not still:
        return []
    message = (
        f"{counted(len(still), 'association')} {_were(still)} still open when the capture ended; what was not answered by "
        "then is not held against anybody."
    )
    return [_hit(message, still, [a.last_packet for a in still], max(a.last_ns for a in still), "ended")]


def _were(some: Sequence[Association]) -> str:
    return "was" if len(some) == 1 else "were"


def _hit(message: str, some: list[Association], packets: list[int], time_ns: int, edge: str) -> Hit:
    one = some[0] if len(some) == 1 else None
    return Hit(
        message,
        packets=tuple(sorted(set(packets))[:_SHOWN]),
        time_ns=time_ns,
        connection=one.connection if one else None,
        association=one.id if one else None,
        act=Side.CAPTURE,
        facts={"edge": edge, "associations": [a.id for a in some[:100]]},
    )


RULE = Rule(
    id="DS-CAP-004",
    name="started-or-ended-mid-association",
    severity=Severity.INFO,
    title="Association not captured whole",
    subjects=together,
    check=check,
    page=__doc__ or "",
)
