"""A C-MOVE played on a traffic forge: the request, what the archive opens for it, sub-operations, counters, the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dicomsniff.association.values import Kind, Outcome
from dicomsniff.core import Endpoint
from tests.forge.traffic import ARCHIVE, CT, IMPLICIT, STUDY_MOVE, TrafficForge, data_set

CLIENT = "10.0.0.1"
LISTENER = Endpoint(CLIENT, 11112)
STUDY = "1.2.3"
Counts = tuple[int | None, int | None, int | None, int | None]


class Move:
    """`calling` at `client` asks PACS (10.0.0.2:104) to send a study to `destination`. Made on an association of its own,
    or on that of another move."""

    def __init__(
        self,
        forge: TrafficForge,
        destination: str = "WS1",
        *,
        calling: str = "WS1",
        client: str = CLIENT,
        archive: Endpoint = ARCHIVE,
        study: str = STUDY,
        beside: Move | None = None,
        association: dict[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        self.forge, self.destination, self.study = forge, destination, study
        self.archive, self.origin = archive, (calling, fields.get("message_id", 1))
        if beside is None:
            line = forge.connection(initiator=Endpoint(client, 40000 + forge.packet % 20000), responder=archive)
            talk = {"contexts": [(STUDY_MOVE, [IMPLICIT], 0)], "calling": calling, **(association or {})}
            self.association = forge.association(line, **talk)
        else:
            self.association = beside.association
        keys = data_set(QueryRetrieveLevel="STUDY", StudyInstanceUID=study)
        made = {"message_id": 1, "data": keys, "move_destination": destination, **fields}
        self.id = forge.exchange(self.association, "C-MOVE", **made)

    def connect(self, to: Endpoint = LISTENER, source: str | None = None, **fields: Any) -> int:
        """A connection of the archive; `opened`, `syns` and so on as those of the forge."""
        ip = source or self.archive.ip
        return self.forge.connection(initiator=Endpoint(ip, 50000 + self.forge.packet % 9999), responder=to, **fields)

    def refused(self, to: Endpoint = LISTENER, **fields: Any) -> int:
        return self.connect(to, opened="refused", kind=Kind.EMPTY, **fields)

    def callback(
        self, to: Endpoint = LISTENER, *, called: str | None = None, source: str | None = None, **fields: Any
    ) -> int:
        """An association of the archive to the destination."""
        made = {"calling": "PACS", "called": called or self.destination, "contexts": [(CT, [IMPLICIT], 0)], **fields}
        return self.forge.association(self.connect(to, source), **made)

    def rejected(self, *codes: int, **fields: Any) -> int:
        return self.callback(outcome=Outcome.REJECTED, reject=(codes[0], codes[1], codes[2]), **fields)

    def store(
        self,
        callback: int,
        number: int = 1,
        *,
        status: int | None = 0,
        origin: tuple[str | None, int | None] | None = None,
        study: str | None = None,
        **fields: Any,
    ) -> int:
        """One sub-operation. `origin` (None, None): the archive does not say whose."""
        title, message_id = self.origin if origin is None else origin
        instance = f"{study or self.study}.1.{number}"
        of = study or self.study
        body = data_set(
            SOPClassUID=CT, SOPInstanceUID=instance, PatientID="P1", StudyInstanceUID=of, SeriesInstanceUID=f"{of}.1"
        )
        made = {"data": body, "sop_instance": instance, "message_id": number, **fields}
        made |= {"move_originator_ae": title, "move_originator_message_id": message_id}
        return self.forge.exchange(callback, "C-STORE", status=status, **made)

    def pending(self, counts: Counts) -> Move:
        self.forge.answer(self.id, 0xFF00, suboperations=counts)
        return self

    def done(self, status: int = 0, counts: Counts | None = None, failed: Sequence[str] = ()) -> Move:
        data = data_set(FailedSOPInstanceUIDList=list(failed)) if failed else None
        self.forge.answer(self.id, status, suboperations=counts, data=data)
        return self


def delivered(forge: TrafficForge, count: int = 3, **fields: Any) -> Move:
    """A C-MOVE of which everything goes well."""
    move = Move(forge, **fields)
    callback = move.callback()
    for number in range(1, count + 1):
        move.store(callback, number)
        move.pending((count - number, number, 0, 0))
    return move.done(0, (None, count, 0, 0))
