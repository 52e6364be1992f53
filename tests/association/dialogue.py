"""DICOM conversations in, captures of them out: PDUs and messages of the forge, spoken over its wire."""

from pathlib import Path

from dicomsniff.association.values import Traffic
from dicomsniff.capture import open_captures
from dicomsniff.core import Direction
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.pipeline import Options, Pipeline
from tests.forge import messages, pdus
from tests.forge.wire import BACK, OUT, Wire, write_pcap

CT = messages.CT
EXPLICIT = pdus.EXPLICIT_LITTLE
SIZE = 1 << 14


def p_data(context_id: int, command: bytes, data: bytes | None = None) -> bytes:
    """One message as P-DATA-TF PDUs, command and data set in PDUs of their own."""
    out = pdus.p_data(pdus.pdv(command, context_id, command=True))
    if data is None:
        return out
    starts = range(0, max(1, len(data)), SIZE)
    return out + b"".join(
        pdus.p_data(pdus.pdv(data[s : s + SIZE], context_id, last=s + SIZE >= len(data))) for s in starts
    )


class Dialogue:
    """One connection between a modality and an archive, every step of which may be left out."""

    def __init__(self, wire: Wire | None = None) -> None:
        self.wire = wire or Wire()
        self._id = 0

    def say(self, data: bytes, direction: Direction = OUT) -> "Dialogue":
        """Any bytes in one go."""
        self.wire.send(direction, data)
        return self

    def open(
        self, abstract: str = CT, transfer: str = EXPLICIT, result: int = 0, calling: bytes = b"MODALITY"
    ) -> "Dialogue":
        """TCP and the negotiation of one context."""
        self.wire.connect()
        return self.negotiate(abstract, transfer, result, calling)

    def negotiate(
        self, abstract: str = CT, transfer: str = EXPLICIT, result: int = 0, calling: bytes = b"MODALITY"
    ) -> "Dialogue":
        """A-ASSOCIATE-RQ and its answer."""
        context = pdus.proposed_context(1, abstract, transfer)
        application = pdus.uid(0x10, pdus.APPLICATION_CONTEXT)
        self.say(pdus.associate(1, application, context, pdus.user_information(), calling=calling))
        return self.say(pdus.acceptance(pdus.answered_context(1, result, transfer if result == 0 else None)), BACK)

    def store(self, instance: str, data: bytes, status: int | None = 0, direction: Direction = OUT) -> "Dialogue":
        """A C-STORE and, unless `status` is None, its response."""
        self._id += 1
        self.say(p_data(1, messages.store_rq(self._id, instance), data), direction)
        if status is not None:
            self.say(p_data(1, messages.response(0x8001, self._id, status)), direction.opposite)
        return self

    def echo(self, message_id: int = 1, status: int | None = 0) -> "Dialogue":
        self.say(p_data(1, messages.echo_rq(message_id)))
        return self if status is None else self.say(p_data(1, messages.response(0x8030, message_id, status)), BACK)

    def release(self) -> "Dialogue":
        """A-RELEASE and the end of TCP."""
        self.say(pdus.release_request()).say(pdus.release_response(), BACK)
        self.wire.close()
        return self

    def save(self, path: Path) -> Path:
        """A capture of what was said so far."""
        return write_pcap(path, self.wire.frames)


def read(path: Path, *dialogues: Dialogue | Wire, keep: bool = False, options: Options | None = None) -> Traffic:
    """The traffic of these conversations, captured together; a fault in any room is raised."""
    wires = (d.wire if isinstance(d, Dialogue) else d for d in dialogues)
    frames = sorted((frame for wire in wires for frame in wire.frames), key=lambda frame: frame[0])
    write_pcap(path, frames)
    with open_captures([path]) as source:
        return Pipeline(source, PayloadStore(keep=keep), options or Options(fence=False)).run()
