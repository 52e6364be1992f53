"""What was said on an association, kept and read back."""

from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.transcript import PduFacts, TranscriptWriter
from dicomsniff.core import Direction
from dicomsniff.core.limits import Limits
from dicomsniff.dimse.command import decode_command
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.payload import PayloadStore
from tests.captures import real
from tests.cli.running import dialogue
from tests.forge import messages

real_captures = [pytest.param(name, marks=real.here) for name in real.names() or ["none"]]


@pytest.mark.parametrize("name", real_captures)
def test_every_message_comes_back_as_it_was_added(name: str) -> None:
    read = analyze(real.capture(name), transcribe="messages", rules=False)
    traffic, heard = real.heard(name)
    assert traffic.associations and len(traffic.associations) == len(read.associations)
    added: list[Message] = []
    for stream in sorted(heard):
        added += [item for _, item in heard[stream].items if isinstance(item, Message)]
    kept = [m for a in read.associations if a.transcript for m in a.transcript.messages()]

    def told(message: Message) -> object:
        payload = message.payload
        data = payload and (payload.length, payload.missing, payload.complete, payload.sha256)
        return message.evidence, message.context_id, message.command, message.complete, message.text, message.odd, data

    assert sorted(map(repr, map(told, kept))) == sorted(map(repr, map(told, added)))
    read.close()


def test_nothing_is_kept_unless_it_was_asked_for(tmp_path: Path) -> None:
    assert analyze(dialogue(0).save(tmp_path / "c.pcap")).associations[0].transcript is None


def test_pdus_are_told_with_their_values_in_the_order_of_the_wire(tmp_path: Path) -> None:
    read = analyze(dialogue(0, 0).save(tmp_path / "c.pcap"), transcribe="pdus")
    [association] = read.associations
    assert association.transcript is not None
    entries = list(association.transcript.entries())
    pdus = [entry for entry in entries if isinstance(entry, PduFacts)]
    assert [pdu.type for pdu in pdus] == [1, 2, 4, 4, 4, 4, 4, 4, 5, 6]
    assert len(entries) == len(association.transcript) == 14
    assert [(v.is_command, v.is_last) for v in pdus[3].pdvs] == [(False, True)]
    assert pdus[2].length == pdus[2].evidence.length - 6
    places = [(entry.evidence.direction, entry.evidence.start) for entry in pdus]
    assert len(set(places)) == len(places)
    read.close()


def test_several_processes_keep_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dicomsniff.api.WORTH_SHARING", 0)
    path = dialogue(0, 0xA700, 0).save(tmp_path / "c.pcap")
    alone, shared = (analyze(path, transcribe="pdus", jobs=jobs) for jobs in (1, 2))
    for one, other in zip(alone.associations, shared.associations, strict=True):
        assert one.transcript is not None and other.transcript is not None
        pairs = zip(one.transcript.entries(), other.transcript.entries(), strict=True)
        for left, right in pairs:
            assert left[:3] == right[:3] and left.evidence == right.evidence
            if isinstance(left, Message) and isinstance(right, Message) and left.payload and right.payload:
                assert left.payload.head() == right.payload.head() != b""
    alone.close()
    shared.close()


def test_beyond_the_limit_entries_are_counted_and_not_kept() -> None:
    with PayloadStore() as store:
        writer = TranscriptWriter(store, False, Limits(transcript_entries=2))
        text = messages.echo_rq()
        command, odd = decode_command(text)
        assert command is not None
        for number in range(5):
            seen = messages.evidence(number)
            writer.add_message(Message(Direction.TO_RESPONDER, 1, command, None, seen, True, True, odd, text))
        made = writer.transcript()
        assert (len(made), made.left_off) == (2, 3)
        assert [m.evidence.first_packet for m in made.messages()] == [0, 1]


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    read = analyze(dialogue(0).save(tmp_path / "c.pcap"), transcribe="messages")
    read.close()
    [association] = read.associations
    assert association.transcript is not None
    with pytest.raises(ValueError, match="closed"):
        list(association.transcript.entries())
