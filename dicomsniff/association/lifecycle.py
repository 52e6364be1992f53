"""The life of an association as a table: in each phase, which PDU may come from which side, and what comes next.

PS3.8 §9.2 seen from outside: the table knows no local events and never refuses to go on. A sender is judged only
against PDUs it can have received, so what crossed another PDU in flight is not out of phase, nor is what follows an abort.
"""

from __future__ import annotations

from enum import StrEnum

from dicomsniff.core import LIMITS, AnomalyCode, Evidence, Limits
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import PduType


class Phase(StrEnum):
    OPEN = "open"
    NEGOTIATING = "negotiating"
    ESTABLISHED = "established"
    RELEASING_BY_REQUESTOR = "releasing by the requestor"
    RELEASING_BY_ACCEPTOR = "releasing by the acceptor"
    RELEASE_COLLISION = "release collision"
    ENDED_BY_REQUESTOR = "ended by the requestor"
    ENDED_BY_ACCEPTOR = "ended by the acceptor"


R, A = "requestor", "acceptor"
P, T = Phase, PduType

NEXT: dict[tuple[Phase, str, PduType], Phase] = {
    (P.OPEN, R, T.ASSOCIATE_RQ): P.NEGOTIATING,
    (P.NEGOTIATING, A, T.ASSOCIATE_AC): P.ESTABLISHED,
    (P.NEGOTIATING, A, T.ASSOCIATE_RJ): P.ENDED_BY_ACCEPTOR,
    (P.ESTABLISHED, R, T.P_DATA_TF): P.ESTABLISHED,
    (P.ESTABLISHED, A, T.P_DATA_TF): P.ESTABLISHED,
    (P.ESTABLISHED, R, T.RELEASE_RQ): P.RELEASING_BY_REQUESTOR,
    (P.ESTABLISHED, A, T.RELEASE_RQ): P.RELEASING_BY_ACCEPTOR,
    (P.RELEASING_BY_REQUESTOR, A, T.P_DATA_TF): P.RELEASING_BY_REQUESTOR,
    (P.RELEASING_BY_REQUESTOR, A, T.RELEASE_RP): P.ENDED_BY_ACCEPTOR,
    (P.RELEASING_BY_REQUESTOR, A, T.RELEASE_RQ): P.RELEASE_COLLISION,
    (P.RELEASING_BY_ACCEPTOR, R, T.P_DATA_TF): P.RELEASING_BY_ACCEPTOR,
    (P.RELEASING_BY_ACCEPTOR, R, T.RELEASE_RP): P.ENDED_BY_REQUESTOR,
    (P.RELEASING_BY_ACCEPTOR, R, T.RELEASE_RQ): P.RELEASE_COLLISION,
    (P.RELEASE_COLLISION, A, T.RELEASE_RP): P.RELEASING_BY_ACCEPTOR,
    (P.RELEASE_COLLISION, R, T.RELEASE_RP): P.RELEASING_BY_REQUESTOR,
}
for _phase in (
    P.OPEN,
    P.NEGOTIATING,
    P.ESTABLISHED,
    P.RELEASING_BY_REQUESTOR,
    P.RELEASING_BY_ACCEPTOR,
    P.RELEASE_COLLISION,
):
    NEXT[_phase, R, T.ABORT] = P.ENDED_BY_REQUESTOR
    NEXT[_phase, A, T.ABORT] = P.ENDED_BY_ACCEPTOR
for _phase in (P.ENDED_BY_REQUESTOR, P.ENDED_BY_ACCEPTOR):  # some abort twice, for each of their layers
    NEXT[_phase, R, T.ABORT] = NEXT[_phase, A, T.ABORT] = _phase

_RELEASING = {R: P.RELEASING_BY_REQUESTOR, A: P.RELEASING_BY_ACCEPTOR}

REORDERED_NS = 10_000_000
"""How much later the PDU that permits another may stand in a capture: queues of a network card, mirrored ports."""


class Early(NamedTuple):
    """A PDU that its sender could not send yet, by what had been captured then."""

    role: str
    type: PduType
    evidence: Evidence
    phase: Phase


class LifeCycle:
    """Follows one association through its phases; `wrong` lists the PDUs that their senders cannot rightly have sent."""

    __slots__ = ("_aborted", "_changed_at", "_changed_by", "_early", "_limits", "phase", "steady", "wrong")

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.phase = Phase.OPEN
        self.steady = False  # whether data of either side change nothing
        self.wrong: list[tuple[AnomalyCode, Evidence, str]] = []
        self._aborted = False
        self._changed_by = ""
        self._changed_at: Evidence | None = None
        self._early: Early | None = None
        self._limits = limits

    def step(self, role: str, type: PduType, evidence: Evidence, round_trip_ns: int) -> None:
        """Take one PDU of this side."""
        self._take(role, type, evidence, round_trip_ns)
        self.steady = self.phase is Phase.ESTABLISHED and self._early is None

    def _take(self, role: str, type: PduType, evidence: Evidence, round_trip_ns: int) -> None:
        following = NEXT.get((self.phase, role, type))
        if following is not None:
            if following is not self.phase:
                self.phase, self._changed_by, self._changed_at = following, role, evidence
                self._aborted = type is PduType.ABORT
            if self._early is not None and role != self._early.role:
                self._again(self._early, evidence, round_trip_ns)
            return
        if not self._crossed(role, evidence, round_trip_ns):
            self.finish()
            self._early = Early(role, type, evidence, self.phase)

    def _crossed(self, role: str, evidence: Evidence, round_trip_ns: int) -> bool:
        """Whether this side need not have known of what the other did last. Of an abort it never need: that TCP has it
        says nothing of the application, which may write a whole object, or have it written, before it reads."""
        changed = self._changed_at
        if changed is None or self._changed_by == role:
            return False
        if self._aborted:
            return True
        unheard = evidence.heard >= 0 and not evidence.knew(changed)
        return unheard or evidence.first_ns - changed.last_ns <= round_trip_ns

    def finish(self) -> None:
        """Nothing more comes that could explain an early PDU."""
        early, self._early = self._early, None
        if early is not None and len(self.wrong) < self._limits.anomalies:
            detail = f"{early.type.name} not allowed from the {early.role} while the association is {early.phase}"
            late = early.type is PduType.P_DATA_TF and early.phase is _RELEASING[early.role]
            code = AnomalyCode.DATA_AFTER_RELEASE if late else AnomalyCode.PDU_OUT_OF_PHASE
            self.wrong.append((code, early.evidence, detail))

    def _again(self, early: Early, evidence: Evidence, round_trip_ns: int) -> None:
        """The other side has spoken: perhaps the early PDU answered that, and the capture exchanged the two."""
        exchanged = evidence.first_ns - early.evidence.last_ns <= REORDERED_NS
        if not (exchanged and (self.phase, early.role, early.type) in NEXT):
            self.finish()
            return
        self._early = None
        self._take(early.role, early.type, early.evidence, round_trip_ns)
