"""Conversations that differ in one thing in, captures of them out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from tests.association.dialogue import Dialogue, p_data
from tests.forge import messages, pdus
from tests.forge.wire import BACK, Wire

FIND = "1.2.840.10008.5.1.4.1.2.2.1"
EXPLICIT = pdus.EXPLICIT_LITTLE


def talk(path: Path, say: Callable[[Dialogue], Any], port: int = 40000, start: int = 0, **opening: Any) -> Path:
    """One association in which `say` spoke."""
    wire = Wire(("10.0.0.1", port), ("10.0.0.2", 104), start_ns=1_700_000_000_000_000_000 + start)
    made = Dialogue(wire).open(**opening)
    say(made)
    return made.release().save(path)


def find(identifier: bytes, message_id: int = 1, matches: int = 0, status: int = 0) -> Callable[[Dialogue], Any]:
    """A C-FIND with this identifier."""

    def say(dialogue: Dialogue) -> None:
        request = messages.command_bytes(
            AffectedSOPClassUID=FIND, CommandField=0x0020, MessageID=message_id, Priority=0, CommandDataSetType=1
        )
        dialogue.say(p_data(1, request, identifier))
        for _ in range(matches):
            dialogue.say(p_data(1, _answer(message_id, 0xFF00, 1), identifier), BACK)
        dialogue.say(p_data(1, _answer(message_id, status, 0x0101)), BACK)

    return say


def _answer(message_id: int, status: int, data_set_type: int) -> bytes:
    return messages.command_bytes(
        AffectedSOPClassUID=FIND,
        CommandField=0x8020,
        MessageIDBeingRespondedTo=message_id,
        CommandDataSetType=data_set_type,
        Status=status,
    )


def identifier(**elements: object) -> bytes:
    """An identifier by keywords."""
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return messages.encode(made, implicit=False)


def explicit(tag: int, vr: bytes, value: bytes) -> bytes:
    """One element with a value of any length."""
    return tag.to_bytes(4, "little")[2:] + tag.to_bytes(4, "little")[:2] + vr + len(value).to_bytes(2, "little") + value
