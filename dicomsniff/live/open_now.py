"""Moments in, the associations that are open now with their rates out; a moment that shows only some leaves the others."""

from __future__ import annotations

from collections.abc import Collection

from dicomsniff.association.values import Association, Outcome
from dicomsniff.core.records import dataclass
from dicomsniff.live.window import Moment


@dataclass(frozen=True, slots=True)
class OpenAssociation:
    """One of them: its id for the session, who speaks with whom, how many operations, the last of them and its outcome,
    bytes on its connection, and how many of them a second lately."""

    id: int
    calling_ae: str | None
    called_ae: str | None
    requestor: str
    acceptor: str
    first_ns: int
    operations: int
    doing: str
    bytes: int
    rate: float


class OpenNow:
    """Remembers what is open."""

    def __init__(self) -> None:
        self._rows: dict[int, OpenAssociation] = {}
        self._seen: dict[int, float] = {}  # when, in seconds of the watch

    def see(self, moment: Moment, seconds: float) -> None:
        """This is how it stands after so many seconds."""
        seen: dict[int, OpenAssociation] = {}
        for association in moment.traffic.associations:
            id = moment.names.of(association)
            if association.outcome is Outcome.OPEN and association.connection not in moment.ended:
                seen[id] = self._row(id, association, moment, seconds)
            else:
                self._rows.pop(id, None)
        self._rows = seen if moment.whole else self._rows | seen
        self._seen = {id: seconds if id in seen else self._seen[id] for id in self._rows}

    def rows(self) -> Collection[OpenAssociation]:
        """Those that were open when last seen, the oldest first."""
        return tuple(self._rows.values())

    def _row(self, id: int, association: Association, moment: Moment, seconds: float) -> OpenAssociation:
        tcp = moment.traffic.conversation(association.connection).tcp
        total, before = tcp.to_responder.bytes + tcp.to_initiator.bytes, self._rows.get(id)
        passed = max(seconds - self._seen.get(id, 0.0), 0.001)
        last = association.exchanges[-1] if association.exchanges else None
        return OpenAssociation(
            id=id,
            calling_ae=association.calling_ae,
            called_ae=association.called_ae,
            requestor=association.requestor.ip,
            acceptor=str(association.acceptor),
            first_ns=association.first_ns,
            operations=len(association.exchanges),
            doing="" if last is None else f"{last.service} {last.outcome}",
            bytes=total,
            rate=(total - (before.bytes if before else 0)) / passed,
        )
