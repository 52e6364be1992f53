"""Every message of the real captures, against an independent decoding of the same captures (`*.facts.json`)."""

import json
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS, Direction
from dicomsniff.dimse import Message, MessageAssembler, PayloadStore, message_name
from dicomsniff.pdu import Framer
from dicomsniff.pdu.values import BrokenPdu, PData
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import Chunk, Gap

CAPTURES = Path("../shared/captures")
ENCRYPTED = ("tls", "e22_")
FACTS = sorted(
    path
    for path in CAPTURES.glob("*/*.facts.json")
    if not (path.parent.name.startswith(ENCRYPTED) or path.name.startswith(ENCRYPTED))
)


def messages_of(capture: Path) -> list[tuple[int, list[list[Message]]]]:
    """TCP stream number and the messages of both directions, per connection that speaks DICOM."""
    lines: dict[int, list[tuple[Framer, MessageAssembler, list[Message]]]] = {}
    numbers: dict[int, int] = {}
    with PayloadStore() as store:
        tcp = Assembler(LIMITS, None)
        source = open_captures([str(capture)])
        events = [event for block in source.blocks() for event in tcp.feed(block)] + tcp.finish()
        for event in events:
            if isinstance(event, Chunk | Gap):
                if event.connection not in lines:
                    lines[event.connection] = [(Framer(d), MessageAssembler(d, store), []) for d in Direction]
                framer, assembler, found = lines[event.connection][event.direction]
                for item in framer.feed(event):
                    if isinstance(item, PData | BrokenPdu):
                        found += [m for m in assembler.feed(item) if isinstance(m, Message)]
            else:
                numbers[event.connection] = event.facts.tcp_stream
        for sides in lines.values():
            for _, assembler, found in sides:
                found += [m for m in assembler.close() if isinstance(m, Message)]
    return [(numbers[id], [side[2] for side in sides]) for id, sides in lines.items()]


def told(message: Message) -> dict[str, Any]:
    """A message in the words of the facts."""
    command, payload = message.command, message.payload
    answered = command.message_id_being_responded_to
    facts = {
        "command": message_name(command.command_field),
        "context": message.context_id,
        "message_id": command.message_id if command.message_id is not None else answered,
        "status": command.status,
        "sop_instance": command.sop_instance_uid,
        "error_comment": command.error_comment,
        "move_destination": command.move_destination,
        "dataset_bytes": payload.length if payload and message.complete else None,
        "dataset_sha256": payload.sha256 if payload and message.complete else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


@pytest.mark.skipif(not FACTS, reason="the real captures are not beside this checkout")
@pytest.mark.parametrize("path", FACTS, ids=lambda p: f"{p.parent.name}/{p.name.removesuffix('.facts.json')}")
def test_every_message_is_the_one_that_was_sent(path: Path) -> None:
    [capture] = path.parent.glob(path.name.replace(".facts.json", ".pcap*"))
    ours = {stream: [[told(m) for m in side] for side in sides] for stream, sides in messages_of(capture)}
    for connection in json.loads(path.read_text()):
        wanted = connection["messages"]
        if any(wanted):
            assert ours[connection["stream"]] == wanted
