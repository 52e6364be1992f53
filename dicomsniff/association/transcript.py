"""Messages and PDUs of one association in, kept in the payload store in their order; read back when somebody asks.

A transcript is made only where it was asked for (`pipeline.Options.transcribe`). It costs sixteen bytes of memory for each
entry; what the entries say lies with the payloads, on disk once there is much of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from enum import IntEnum
from struct import Struct

from dicomsniff.core import LIMITS, Direction, Evidence, Limits
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.command import decode_command
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.payload import Payload, PayloadStore
from dicomsniff.pdu.values import (
    Abort,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    BrokenPdu,
    PData,
    Pdu,
    ReleaseRp,
    ReleaseRq,
    UnknownPdu,
)

_HOLES = 1_000  # unseen ranges of one data set that are kept; a packet that was cut short is one
_MESSAGE, _PDU = 0, 1
_TYPES: dict[type, int] = {
    AssociateRq: 1, AssociateAc: 2, AssociateRj: 3, PData: 4, ReleaseRq: 5, ReleaseRp: 6, Abort: 7,
}  # fmt: skip
_REASONS = ("", "lost", "cut", "malformed")
_FIXED = 4  # PDU-length of the types that are not told otherwise (PS3.8 §9.3)

# kind, direction, then Evidence without connection and direction
_head = Struct("<BBqqqqqqq")
# context ID, flags, length of the command set, of what is odd; then of the data set: length, place and length of its head,
# number of holes, hash
_message = Struct("<BBIHqqqI32s")
_pdu = Struct("<hqBBI")  # type, PDU-length, reason, flags, number of PDVs
_pdv = Struct("<BBIq")  # context ID, flags, length, missing
_hole = Struct("<qq")


class _Flag(IntEnum):
    COMPLETE, FINISHED, PAYLOAD, WHOLE, HASHED = 1, 2, 4, 8, 16


class PdvFacts(NamedTuple):
    """A presentation-data-value item without its bytes (see `pdu.values.Pdv`); `length` counts those seen here."""

    context_id: int
    is_command: bool
    is_last: bool
    length: int
    missing: int
    more: bool


class PduFacts(NamedTuple):
    """A PDU without its bytes. `type` is None where even that is unknown; `length` is the PDU-length field, None where
    unknown. `broken`: "lost", "cut" or "malformed" where it could not be read. `begins`, `ends`: whether this piece of a
    very long one holds its start and its end."""

    evidence: Evidence
    type: int | None
    length: int | None
    pdvs: tuple[PdvFacts, ...] = ()
    broken: str = ""
    begins: bool = True
    ends: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Transcript:
    """What was said on one association, in order. `left_off` entries were beyond the limit."""

    _store: PayloadStore
    _places: array[int]  # offset and length of each entry in the store, one after the other
    left_off: int = 0

    def __len__(self) -> int:
        return len(self._places) // 2

    def entries(self) -> Iterator[Message | PduFacts]:
        """The entries in order. Raises ValueError once the store is closed."""
        for place in range(0, len(self._places), 2):
            data = self._store.read(self._places[place], self._places[place + 1])
            kind, direction, *seen = _head.unpack_from(data)
            evidence = Evidence(Direction(direction), *seen)
            yield _read_message(data, evidence, self._store) if kind == _MESSAGE else _read_pdu(data, evidence)

    def messages(self) -> Iterator[Message]:
        """The messages alone."""
        return (entry for entry in self.entries() if isinstance(entry, Message))


class TranscriptWriter:
    """Takes what an association brings; gives its Transcript."""

    def __init__(self, store: PayloadStore, pdus: bool, limits: Limits = LIMITS) -> None:
        self._store, self._pdus, self._left = store, pdus, limits.transcript_entries
        self._places = array("Q")
        self._left_off = 0

    def add_message(self, message: Message) -> None:
        """One message of either direction."""
        payload, odd = message.payload, (message.odd or "").encode("utf-8", "replace")[:1000]
        flags = message.complete * _Flag.COMPLETE | message.finished * _Flag.FINISHED
        data = (0, 0, 0, 0, b"")
        holes: tuple[tuple[int, int], ...] = ()
        if payload is not None:
            holes = payload.missing[:_HOLES]
            flags |= _Flag.PAYLOAD | payload.complete * _Flag.WHOLE | bool(payload.sha256) * _Flag.HASHED
            data = (payload.length, *payload._head, len(holes), bytes.fromhex(payload.sha256 or ""))
        head = _head.pack(_MESSAGE, message.direction, *message.evidence[1:])
        body = _message.pack(message.context_id, flags, len(message.text), len(odd), *data)
        self._add(b"".join((head, body, message.text, odd, *(_hole.pack(*hole) for hole in holes))))

    def add_pdu(self, pdu: Pdu) -> None:
        """One PDU, or a piece of one, of either direction."""
        if not self._pdus:
            return
        evidence = pdu.evidence
        parts = [_head.pack(_PDU, evidence.direction, *evidence[1:])]
        match pdu:
            case PData():
                flags = pdu.begins | pdu.ends << 1
                parts.append(_pdu.pack(4, pdu.length, 0, flags, len(pdu.pdvs)))
                for context_id, is_command, is_last, data, missing, more in pdu.pdvs:
                    parts.append(_pdv.pack(context_id, is_command | is_last << 1 | more << 2, len(data), missing))
            case BrokenPdu():
                type, length = -1 if pdu.type is None else pdu.type, -1 if pdu.length is None else pdu.length
                parts.append(_pdu.pack(type, length, _REASONS.index(pdu.reason), 3, 0))
            case UnknownPdu():
                parts.append(_pdu.pack(pdu.type, pdu.length, 0, 3, 0))
            case _:
                length = pdu.length if isinstance(pdu, AssociateRq | AssociateAc) else _FIXED
                parts.append(_pdu.pack(_TYPES[pdu.__class__], length, 0, 3, 0))
        self._add(b"".join(parts))

    def _add(self, entry: bytes) -> None:
        if len(self._places) >= 2 * self._left:
            self._left_off += 1
            return
        self._places.append(self._store.append(entry))
        self._places.append(len(entry))

    def transcript(self) -> Transcript:
        """What was added so far."""
        return Transcript(self._store, self._places, self._left_off)


def _read_message(data: bytes, evidence: Evidence, store: PayloadStore) -> Message:
    context_id, flags, size, oddity, length, place, kept, count, digest = _message.unpack_from(data, _head.size)
    at = _head.size + _message.size
    text, odd = data[at : at + size], data[at + size : at + size + oddity].decode("utf-8")
    holes = tuple(_hole.unpack_from(data, at + size + oddity + each * _hole.size) for each in range(count))
    payload = None
    if flags & _Flag.PAYLOAD:
        sha256 = digest.hex() if flags & _Flag.HASHED else None
        payload = Payload(length, holes, bool(flags & _Flag.WHOLE), sha256, store, (place, kept), None)
    command, _ = decode_command(text)
    assert command is not None  # it was decoded once
    complete, finished = bool(flags & _Flag.COMPLETE), bool(flags & _Flag.FINISHED)
    return Message(evidence.direction, context_id, command, payload, evidence, complete, finished, odd or None, text)


def _read_pdu(data: bytes, evidence: Evidence) -> PduFacts:
    type, length, reason, flags, count = _pdu.unpack_from(data, _head.size)
    at = _head.size + _pdu.size
    pdvs = []
    for place in range(at, at + count * _pdv.size, _pdv.size):
        context_id, marks, seen, missing = _pdv.unpack_from(data, place)
        pdvs.append(PdvFacts(context_id, bool(marks & 1), bool(marks & 2), seen, missing, bool(marks & 4)))
    return PduFacts(
        evidence,
        None if type < 0 else type,
        None if length < 0 else length,
        tuple(pdvs),
        _REASONS[reason],
        bool(flags & 1),
        bool(flags & 2),
    )
