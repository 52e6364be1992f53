"""The life of an association as a table: in each phase, which PDU may come from which side, and what comes next.

PS3.8 §9.2 seen from outside: the table knows no local events and never refuses to go on. A sender is judged only
against PDUs it can have received, so what crossed another PDU in flight is not out of phase.
"""

from __future__ import annotations

from enum import StrEnum

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
NEXT[P.ENDED_BY_REQUESTOR, A, T.ABORT] = P.ENDED_BY_REQUESTOR
NEXT[P.ENDED_BY_ACCEPTOR, R, T.ABORT] = P.ENDED_BY_ACCEPTOR


class LifeCycle:
    """Follows one association through its phases."""

    __slots__ = ("_changed_by", "_changed_ns", "phase")

    def __init__(self, phase: Phase = Phase.OPEN) -> None:
        self.phase = phase
        self._changed_by = ""
        self._changed_ns = 0

    def step(self, role: str, type: PduType, first_ns: int, last_ns: int, round_trip_ns: int) -> str | None:
        """Take one PDU of this side; says what is wrong if the side cannot rightly have sent it."""
        following = NEXT.get((self.phase, role, type))
        if following is not None:
            if following is not self.phase:
                self.phase, self._changed_by, self._changed_ns = following, role, last_ns
            return None
        crossed = self._changed_by != role and first_ns - self._changed_ns <= round_trip_ns
        return None if crossed else f"not allowed from the {role} while the association is {self.phase}"
