"""An A-ABORT in, the oddity that provoked it out; oddities in, how their receiver left upon them, and with what unanswered, out."""

from collections.abc import Iterable

from dicomsniff.association.values import Association, Outcome, Traffic
from dicomsniff.core import Anomaly, AnomalyCode, Evidence
from dicomsniff.pdu.values import Abort
from dicomsniff.rules.endings import closing, heard, heard_before, unanswered
from dicomsniff.rules.naming import SECOND

_ENDINGS = frozenset({AnomalyCode.PDU_TRUNCATED, AnomalyCode.DATASET_NEVER_SENT})
"""What an abort leaves behind, and so never its cause."""

MILD = frozenset(
    {
        AnomalyCode.PDU_ITEM_MISSING,
        AnomalyCode.PDU_ITEM_TWICE,
        AnomalyCode.PDU_UID_INVALID,
        AnomalyCode.CONTEXT_UID_INVALID,
    }
)
"""What nearly every receiver bears with: a reason to abort only for a protocol layer that says so (source 2)."""

_SOON = 5 * SECOND


def offence(association: Association, abort: Abort) -> Anomaly | None:
    """The first oddity in what the peer sent since the aborting side last said anything, and before its abort.

    What the aborting side went on after did not make it abort, and garbage is followed by more of it.
    """
    way = abort.evidence.direction
    said = heard_before(association, abort.evidence, way)
    heard = (
        a
        for a in association.anomalies
        if a.code not in _ENDINGS
        and (abort.source == 2 or a.code not in MILD)
        and a.evidence.direction is not way
        and abort.evidence.after(a.evidence)
        and (said is None or not said.after(a.evidence))
    )
    return min(heard, key=lambda a: (a.evidence.first_ns, a.evidence.start), default=None)


def went_on(association: Association, odd: Evidence) -> bool:
    """Whether the receiver of these bytes said something more, other than an A-ABORT: then it bore with them."""
    way = odd.direction.opposite
    return any(each.direction is way and each.after(odd) for each in heard(association))


def aborted_upon(association: Association, odd: Evidence) -> bool:
    """Whether the receiver of these bytes said nothing more but an A-ABORT, and that soon."""
    abort = association.abort
    if abort is None or abort.evidence.direction is odd.direction or not abort.evidence.after(odd):
        return False
    return abort.evidence.first_ns - odd.last_ns < _SOON and not went_on(association, odd)


def left_upon(association: Association, odd: Evidence, traffic: Traffic) -> tuple[str, ...]:
    """The rule that tells how the receiver of these bytes left, where it did so soon and said nothing else."""
    if aborted_upon(association, odd):
        return ("DS-ASSOC-008",)
    cut = closing(association, traffic) if association.outcome is Outcome.CLOSED else None
    if cut is None or cut.direction is odd.direction or not 0 <= cut.time_ns - odd.last_ns < _SOON:
        return ()
    return () if went_on(association, odd) else ("DS-TCP-005",)


def cost(association: Association, anomalies: Iterable[Anomaly], traffic: Traffic) -> tuple[int, ...]:
    """The requests that were left unanswered because one of these made the other side leave."""
    abort = association.abort
    if abort is None:
        grave = [each.evidence for each in anomalies if each.code not in MILD]
        upon = bool(grave) and bool(left_upon(association, grave[-1], traffic))
    else:
        wrong = offence(association, abort)
        upon = wrong is not None and any(wrong is each for each in anomalies)
    return tuple(exchange.id for exchange in unanswered(association)) if upon else ()
