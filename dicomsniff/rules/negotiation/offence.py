"""An A-ABORT in, the oddity that provoked it out."""

from dicomsniff.association.values import Association
from dicomsniff.core import Anomaly, AnomalyCode
from dicomsniff.pdu.values import Abort
from dicomsniff.rules.endings import last_heard

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


def offence(association: Association, abort: Abort) -> Anomaly | None:
    """The first oddity in what the peer sent since the aborting side last said anything, and before its abort.

    What the aborting side went on after did not make it abort, and garbage is followed by more of it.
    """
    way = abort.evidence.direction
    before_ns = abort.evidence.first_ns
    said = last_heard(association, before_ns, way)
    since_ns = said.last_ns if said else 0
    heard = (
        a
        for a in association.anomalies
        if a.code not in _ENDINGS
        and (abort.source == 2 or a.code not in MILD)
        and a.evidence.direction is not way
        and since_ns <= a.evidence.last_ns <= before_ns
    )
    return min(heard, key=lambda a: (a.evidence.first_ns, a.evidence.start), default=None)
