"""An association spoken over a forged wire: services and statuses in, packets out; for samples, measurements and tests."""

from __future__ import annotations

import warnings
from typing import Any

from pydicom.dataset import Dataset

from dicomsniff.core import Direction
from tests.forge import pdus
from tests.forge.messages import command_bytes, encode
from tests.forge.wire import BACK, OUT, Wire

PDU_LENGTH = 16384
ECHO, STORE, FIND, MOVE, GET = 0x0030, 0x0001, 0x0020, 0x0021, 0x0010
N_REPORT, N_GET, N_SET, N_ACTION, N_CREATE, N_DELETE = 0x0100, 0x0110, 0x0120, 0x0130, 0x0140, 0x0150
PRIORITIZED = (STORE, FIND, MOVE, GET)
OF_AN_INSTANCE = (N_GET, N_SET, N_ACTION, N_DELETE)  # their requests name a Requested SOP Class (PS3.7 §10.3)
RESPONSE = 0x8000
NO_DATA, DATA = 0x0101, 0x0001
Proposal = tuple[str, tuple[str, ...], int]  # abstract syntax, proposed syntaxes, result: the first syntax is accepted


def data_set(**elements: Any) -> bytes:
    """A data set in Implicit VR Little Endian, by keyword."""
    content = Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some values are wrong on purpose
        for keyword, value in elements.items():
            setattr(content, keyword, value)
        return encode(content)


class Dialogue:
    """One association: contexts get the IDs 1, 3, 5 … in the order proposed."""

    def __init__(self, wire: Wire, calling: str, called: str, *proposals: Proposal) -> None:
        self.wire, self._titles = wire, (calling.encode(), called.encode())
        self._proposals = proposals
        best_last = sorted(enumerate(proposals), key=lambda each: (each[1][2] == 0, -each[0]))  # the first accepted one
        self._contexts = {abstract: 2 * place + 1 for place, (abstract, _, _) in best_last}
        self._message_id = 0

    def request(self, *sub_items: bytes, connect: bool = True) -> Dialogue:
        """TCP, unless it is connected already, and the A-ASSOCIATE-RQ."""
        contexts = [
            pdus.proposed_context(2 * place + 1, abstract, *syntaxes)
            for place, (abstract, syntaxes, _) in enumerate(self._proposals)
        ]
        identity = pdus.item(0x52, b"1.2.826.0.1.3680043.10.1") + pdus.item(0x55, b"FORGE_1")
        items = (pdus.uid(0x10, pdus.APPLICATION_CONTEXT), *contexts, pdus.user_information(identity, *sub_items))
        calling, called = self._titles
        if connect:
            self.wire.connect()
        self.wire.send(OUT, pdus.associate(1, *items, called=called, calling=calling))
        return self

    def accept(self, after: float = 0.0005, *sub_items: bytes) -> Dialogue:
        """The A-ASSOCIATE-AC with the results of the proposals."""
        answers = [
            pdus.answered_context(2 * place + 1, result, syntaxes[0])
            for place, (_, syntaxes, result) in enumerate(self._proposals)
        ]
        identity = pdus.item(0x52, b"1.2.826.0.1.3680043.10.2") + pdus.item(0x55, b"FORGE_SCP")
        items = (pdus.uid(0x10, pdus.APPLICATION_CONTEXT), *answers, pdus.user_information(identity, *sub_items))
        calling, called = self._titles
        self.wire.wait(after).send(BACK, pdus.associate(2, *items, called=called, calling=calling))
        return self

    def reject(self, result: int, source: int, reason: int) -> Dialogue:
        self.wire.wait(0.0005).send(BACK, pdus.rejection(result, source, reason)).close(BACK)
        return self

    def release(self) -> Dialogue:
        self.wire.send(OUT, pdus.release_request()).send(BACK, pdus.release_response()).close()
        return self

    def abort(self, direction: Direction, source: int = 0, reason: int = 0) -> Dialogue:
        self.wire.send(direction, pdus.abort(source, reason)).close(direction)
        return self

    def message(
        self, direction: Direction, sop_class: str, data: bytes | None = None, on: str | None = None, **elements: Any
    ) -> Dialogue:
        """One DIMSE message, command and data set in PDUs of their own; `on` the context of another class (a meta class)."""
        context = self._contexts[on or sop_class]
        asked = "Requested" if elements["CommandField"] in OF_AN_INSTANCE else "Affected"
        named = {f"{asked}SOPClassUID": sop_class, "CommandDataSetType": NO_DATA if data is None else DATA}
        command = command_bytes(**(named | elements))
        self.wire.send(direction, pdus.p_data(pdus.pdv(command, context, command=True)))
        if data is not None:
            self.wire.send(direction, fragments(context, data))
        return self

    def ask(self, field: int, sop_class: str, data: bytes | None = None, **elements: Any) -> Dialogue:
        """A request of the requestor."""
        self._message_id = self._message_id % 65535 + 1
        elements = {"CommandField": field, "MessageID": self._message_id, **elements}
        if field in PRIORITIZED:
            elements["Priority"] = 0
        return self.message(OUT, sop_class, data, **elements)

    def answer(
        self,
        field: int,
        sop_class: str,
        status: int,
        data: bytes | None = None,
        after: float = 0.0005,
        **elements: Any,
    ) -> Dialogue:
        """A response of the acceptor to the latest request."""
        self.wire.wait(after)
        elements = {"MessageIDBeingRespondedTo": self._message_id, "Status": status, **elements}
        return self.message(BACK, sop_class, data, CommandField=field | RESPONSE, **elements)

    def echo(self) -> Dialogue:
        return self.ask(ECHO, pdus.VERIFICATION).answer(ECHO, pdus.VERIFICATION, 0)

    def store(
        self,
        sop_class: str,
        instance: str,
        data: bytes,
        status: int = 0,
        after: float = 0.002,
        on: str | None = None,
        origin: tuple[str, int] | None = None,
        **elements: Any,
    ) -> Dialogue:
        """A C-STORE and its response; `origin` the AE and the message ID of the C-MOVE that it belongs to."""
        named: dict[str, Any] = {"AffectedSOPInstanceUID": instance}
        moved = (
            {"MoveOriginatorApplicationEntityTitle": origin[0], "MoveOriginatorMessageID": origin[1]} if origin else {}
        )
        self.ask(STORE, sop_class, data, on=on, **named, **moved)
        return self.answer(STORE, sop_class, status, after=after, on=on, **named, **elements)

    def find(self, sop_class: str, keys: bytes, matches: list[bytes], status: int = 0) -> Dialogue:
        """A C-FIND, its matches and its final response."""
        self.ask(FIND, sop_class, keys)
        for match in matches:
            self.answer(FIND, sop_class, 0xFF00, match)
        return self.answer(FIND, sop_class, status)


def fragments(context: int, data: bytes) -> bytes:
    """A data set in P-DATA-TF PDUs of the usual 16 KiB."""
    size = PDU_LENGTH - 6
    cuts = range(0, len(data), size)
    return b"".join(pdus.p_data(pdus.pdv(data[c : c + size], context, last=c + size >= len(data))) for c in cuts)
