"""Our reading of a connection and Wireshark's in, the PDUs and messages where the two differ out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from dicomsniff.association.transcript import PduFacts
from dicomsniff.association.values import Association
from dicomsniff.core import Direction, Endpoint
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.crosscheck.asking import Opinion
from dicomsniff.dimse.command import message_name
from dicomsniff.dimse.message import Message
from dicomsniff.pdu.tables import pdu_name
from dicomsniff.tcp.events import Connection

_MOST = 2_000  # readings that are aligned with each other; where more differ, only their number is told


class Reading(NamedTuple):
    """One PDU or message as one of the two reads it; `packet` in the capture, and `text` what is compared and shown."""

    packet: int
    text: str


class Disagreement(NamedTuple):
    """`what` is "pdu" or "message"; `ours` or `theirs` is None where only the other has it."""

    what: str
    sender: Endpoint
    ours: Reading | None
    theirs: Reading | None


def disagreements(
    tcp: Connection,
    associations: Iterable[Association],
    opinions: Sequence[Opinion],
    numbers: Mapping[int, int],
) -> tuple[list[Disagreement], int]:
    """Where the two differ, and how many readings agree. `numbers` are those of packets in the cut-out by those in the
    capture. The associations need transcripts with PDUs."""
    old = {new: number for number, new in numbers.items()}
    found: list[Disagreement] = []
    same = 0
    every = list(associations)
    for direction in Direction:
        sender = tcp.sender(direction)
        theirs = [o for o in opinions if o.source == f"{sender.ip}|{sender.port}"]
        for what, one, other in (
            ("pdu", list(_our_pdus(every, direction)), [Reading(old.get(o.packet, 0), _their_pdu(o)) for o in theirs]),
            ("message", list(_our_messages(every, direction)), list(_their_messages(theirs, old))),
        ):
            differing, equal = _compare(one, other)
            same += equal
            found += [Disagreement(what, sender, ours, theirs_) for ours, theirs_ in differing]
    return found, same


def _our_pdus(associations: list[Association], direction: Direction) -> Iterator[Reading]:
    """Pieces of a very long PDU are one PDU."""
    pieces: list[PduFacts] = []
    for association in associations:
        for entry in association.transcript.entries() if association.transcript else ():
            if isinstance(entry, PduFacts) and entry.evidence.direction is direction and not entry.broken:
                pieces.append(entry)
                if entry.ends:
                    yield _our_pdu(pieces)
                    pieces = []


def _our_pdu(pieces: list[PduFacts]) -> Reading:
    values, length = [], 0
    for value in (value for piece in pieces for value in piece.pdvs):
        length += value.length + value.missing
        if not value.more:
            flags = int(value.is_command) | int(value.is_last) << 1
            values.append((length + 2, value.context_id, flags))
            length = 0
    last = pieces[-1]
    return Reading(last.evidence.last_packet, _pdu_text(last.type or 0, last.length, values))


def _their_pdu(opinion: Opinion) -> str:
    return _pdu_text(opinion.type, opinion.length, opinion.values)


def _pdu_text(type: int, length: int | None, values: Sequence[tuple[int, int, int]]) -> str:
    inside = "".join(f"; PDV {size} bytes, context {context}, flags {flags}" for size, context, flags in values)
    return f"{pdu_name(type)} {length} bytes{inside}"


def _our_messages(associations: list[Association], direction: Direction) -> Iterator[Reading]:
    for association in associations:
        for entry in association.transcript.entries() if association.transcript else ():
            if isinstance(entry, Message) and entry.direction is direction:
                command = entry.command
                id = command.message_id_being_responded_to if command.message_id is None else command.message_id
                yield Reading(
                    entry.evidence.last_packet, _message_text(message_name(command.command_field), id, command.status)
                )


def _their_messages(opinions: Iterable[Opinion], old: Mapping[int, int]) -> Iterator[Reading]:
    """Wireshark tells a message at its command."""
    for opinion in opinions:
        for name, id, status in opinion.messages:
            yield Reading(old.get(opinion.packet, 0), _message_text(name, id, status))


def _message_text(name: str, id: int | None, status: int | None) -> str:
    return f"{name} ID {id}" + ("" if status is None else f" status 0x{status:04X}")


def _compare(ours: list[Reading], theirs: list[Reading]) -> tuple[list[tuple[Reading | None, Reading | None]], int]:
    """By their texts in their order: what differs, and how many are equal. The ends that agree are taken off first."""
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start].text == theirs[start].text:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end].text == theirs[-1 - end].text:
        end += 1
    equal = start + end
    one, other = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    if max(len(one), len(other)) > _MOST:
        return [(_summed(one), _summed(other))], equal
    out: list[tuple[Reading | None, Reading | None]] = []
    texts = [reading.text for reading in one], [reading.text for reading in other]
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag == "equal":
            equal += a2 - a1
            continue
        for place in range(max(a2 - a1, b2 - b1)):
            left = one[a1 + place] if a1 + place < a2 else None
            right = other[b1 + place] if b1 + place < b2 else None
            out.append((left, right))
    return out, equal


def _summed(readings: list[Reading]) -> Reading | None:
    return (
        Reading(readings[0].packet, f"and {len(readings) - 1} more after it: {readings[0].text}") if readings else None
    )
