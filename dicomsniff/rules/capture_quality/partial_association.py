"""Associations were already running when the capture began, or still open when it ended.

What it sees
Associations of which the A-ASSOCIATE-RQ is not in the capture, and associations that are neither released, aborted nor
closed at its last packet.

Why it matters
Without the negotiation, SOP classes and transfer syntaxes are concluded from the messages, or unknown. A request that is
open at the end may have been answered a moment later: it is no fault.

Likely causes
1. The capture was started after the association, or stopped before its end.
2. Ring-buffer files: the rest is in the file before or after.

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
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import counted
from dicomsniff.rules.rule import Rule, Thresholds

_SHOWN = 6


def together(traffic: Traffic) -> list[tuple[Association, ...]]:
    """All associations as one subject."""
    return [traffic.associations] if traffic.associations else []


def check(associations: Sequence[Association], traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    late = [a for a in associations if a.request is None and Blind.REQUEST in a.blind]
    still = [a for a in associations if a.outcome is Outcome.OPEN or Blind.END in a.blind]
    return [*_began(late), *_ended(still)]


def _began(late: list[Association]) -> list[Hit]:
    if not late:
        return []
    inferred = sum(any(c.inferred for c in a.contexts) for a in late)
    how = f"inferred from the messages in {inferred} of them" if inferred else "unknown"
    message = (
        f"{counted(len(late), 'association')} {_were(late)} already running when the capture began: SOP classes, transfer "
        f"syntaxes and limits are {how}."
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
