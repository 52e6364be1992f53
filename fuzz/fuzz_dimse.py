"""PDV items in any order, with losses between them, through the message assembler.

Layout of the bytes: mode, then items. An item begins with a byte: 0 to 15 say what it is (see `KINDS`), the upper bits
which context; behind it the length of a fragment and the fragment, or what `KINDS` says.
"""

import hashlib
from dataclasses import dataclass, field

from dicomsniff.core import Anomaly, Direction
from dicomsniff.dimse import Message, MessageAssembler, PayloadStore
from dicomsniff.dimse.command import decode_command
from dicomsniff.pdu.values import BrokenPdu, Pdv
from fuzz.choices import Choices
from fuzz.engine import run
from tests.forge.messages import echo_rq, lost, p_data, response, store_rq

KEEP, MIDSTREAM, CLOSE = 1, 2, 4
CONTEXTS = (1, 3, 0, 255)
KINDS = ("fragment", "whole command", "missing", "broken", "close")
COMMANDS = (store_rq(), echo_rq(), response(0x8001), store_rq(2, "1.2.3.5"), response(0x8020, data_set_type=1))
MOST_ITEMS = 200

Part = Pdv | BrokenPdu | None
"""An item, a loss, or the end of the association."""


def parts(choices: Choices) -> list[Part]:
    """The script."""
    found: list[Part] = []
    while choices and len(found) < MOST_ITEMS:
        first = choices.byte()
        kind, context = first & 15, CONTEXTS[first >> 4 & 3]
        is_command, is_last = bool(kind & 1), bool(kind & 2)
        if kind < 8:
            found.append(Pdv(context, is_command, is_last, choices.take(choices.byte()), more=bool(kind & 4)))
        elif kind < 12:
            command = COMMANDS[choices.byte() % len(COMMANDS)]
            found.append(Pdv(context, True, True, command))
        elif kind < 14:
            found.append(Pdv(context, is_command, is_last, b"", missing=1 + choices.byte()))
        else:
            found.append(lost(len(found) + 1) if kind == 14 else None)
    return found


@dataclass
class Seen:
    """Messages with the bytes of their data sets, and how many oddities there were."""

    messages: list[tuple[Message, bytes | None]] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)


def _assemble(script: list[Part], store: PayloadStore, midstream: bool) -> Seen:
    """One item to a PDU: the packet number of its evidence is its place in the script, from 1."""
    seen, assembler = Seen(), MessageAssembler(Direction.TO_RESPONDER, store, midstream=midstream)
    outcomes = []
    for number, part in enumerate(script, 1):
        match part:
            case None:
                outcomes.append(assembler.close())
            case BrokenPdu():
                outcomes.append(assembler.feed(part))
            case _:
                outcomes.append(assembler.feed(p_data(number, part)))
    for value in [value for outcome in [*outcomes, assembler.close()] for value in outcome]:
        if isinstance(value, Anomaly):
            seen.anomalies.append(value)
        else:
            data = b"".join(value.payload.pieces()) if value.payload and value.payload.kept else None
            seen.messages.append((value, data))
    return seen


def invariant(data: bytes) -> None:
    """A message called complete is exactly the fragments sent for it, in one piece; nothing depends on what is kept."""
    choices = Choices(data)
    mode = choices.byte()
    script = parts(choices)
    with PayloadStore(keep=True) as store, PayloadStore() as heads:
        seen = _assemble(script, store, bool(mode & MIDSTREAM))
        other = _assemble(script, heads, bool(mode & MIDSTREAM))
        assert seen.anomalies == other.anomalies
        assert [m._replace(payload=None) for m, _ in seen.messages] == [
            m._replace(payload=None) for m, _ in other.messages
        ]
        for (message, content), (twin, _) in zip(seen.messages, other.messages, strict=True):
            _check(message, content, script)
            if message.payload and twin.payload:
                assert (message.payload.sha256, message.payload.length) == (twin.payload.sha256, twin.payload.length)
                assert content is not None and content.startswith(twin.payload.head())
    begun = [m.evidence.first_packet for m, _ in seen.messages]
    assert begun == sorted(set(begun)), "messages of one direction do not interleave"
    assert len(seen.anomalies) <= 2 * len(script)  # a command may be unknown and lack an element besides


def _check(message: Message, content: bytes | None, script: list[Part]) -> None:
    """Against the items between the first and the last of the message."""
    own = script[message.evidence.first_packet - 1 : message.evidence.last_packet]
    assert not message.complete or message.finished
    if message.payload and content is not None:
        assert len(content) == message.payload.length
        assert message.payload.complete == (message.payload.sha256 is not None)
    if not message.complete:
        return
    mine = [part for part in own if isinstance(part, Pdv) and part.context_id == message.context_id]
    assert not [part for part in own if part is None or isinstance(part, BrokenPdu)]
    assert not any(part.missing for part in mine)
    assert decode_command(b"".join(part.data for part in mine if part.is_command))[0] == message.command
    sent = b"".join(part.data for part in mine if not part.is_command)
    if message.payload is None:
        assert not message.command.has_data_set
    else:
        assert content == sent
        assert message.payload.sha256 == hashlib.sha256(sent).hexdigest()


if __name__ == "__main__":
    run("fuzz.fuzz_dimse")
