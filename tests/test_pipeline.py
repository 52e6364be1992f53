"""The rooms joined: order of the two directions, block sizes, ports, foreign protocols, and the fence around a bug."""

import hashlib
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff import pipeline
from dicomsniff.association.values import Blind, Kind, Outcome, Traffic
from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS, Anomaly
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.pdu import Framer
from dicomsniff.pdu.values import Pdu
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.tcp.events import Chunk, Gap
from tests.association.dialogue import Dialogue, p_data, read
from tests.forge import messages, pdus
from tests.forge.wire import BACK, OUT, Wire, write_pcap

START = 1_700_000_000_000_000_000
HELLO = bytes.fromhex("16030100ba010000b60303") + bytes(180)
DATA = bytes(range(256)) * 300
SHA256 = hashlib.sha256(DATA).hexdigest()


def wire(port: int = 40000, server_port: int = 104, start_s: float = 0.0) -> Wire:
    return Wire(("10.0.0.1", port), ("10.0.0.2", server_port), start_ns=START + int(start_s * 1e9))


def stored(port: int = 40000, server_port: int = 104, start_s: float = 0.0, count: int = 2) -> Dialogue:
    """A whole association that stores some objects."""
    dialogue = Dialogue(wire(port, server_port, start_s)).open()
    for number in range(count):
        dialogue.store(f"1.2.{number}", DATA)
    return dialogue.release()


def rows(traffic: Traffic) -> list[tuple[object, ...]]:
    return [
        (a.outcome, a.blind, a.anomalies, [(e.service, e.status, e.outcome, e.payload and e.payload.sha256) for e in a.exchanges])
        for a in traffic.associations
    ]  # fmt: skip


@pytest.mark.parametrize("block_bytes", [1, 100, 1500, 5000, 20_000, 1 << 20])
def test_the_size_of_blocks_does_not_change_the_answer(block_bytes: int, tmp_path: Path) -> None:
    limits = replace(LIMITS, block_bytes=block_bytes)
    path = stored().save(tmp_path / "c.pcap")
    with open_captures([path], limits) as source:
        traffic = Pipeline(source, PayloadStore(), Options(fence=False, limits=limits)).run()
    assert rows(traffic) == rows(read(tmp_path / "whole.pcap", stored()))
    assert traffic.exchanges[1].payload is not None
    assert traffic.exchanges[1].payload.sha256 == SHA256


def test_progress_is_told_the_bytes_of_each_block(tmp_path: Path) -> None:
    limits = replace(LIMITS, block_bytes=20_000)
    counts: list[int] = []
    with open_captures([stored().save(tmp_path / "c.pcap")], limits) as source:
        Pipeline(source, PayloadStore(), Options(fence=False, limits=limits)).run(counts.append)
    assert len(counts) > 3 and sum(counts) >= len(DATA) * 2


def test_both_directions_reach_the_association_in_the_order_of_their_packets(tmp_path: Path) -> None:
    dialogue = Dialogue().open()
    for number in (1, 2, 3):
        dialogue.echo(number)
    dialogue.say(p_data(1, messages.echo_rq(9)), BACK).say(p_data(1, messages.response(0x8030, 9)), OUT)
    traffic = read(tmp_path / "c.pcap", dialogue.release())
    assert traffic.associations[0].anomalies == ()
    assert [(e.requested_by, e.message_id) for e in traffic.exchanges] == [
        ("requestor", 1),
        ("requestor", 2),
        ("requestor", 3),
        ("acceptor", 9),
    ]


def test_packets_of_many_connections_may_be_mixed(tmp_path: Path) -> None:
    together = [stored(40000 + n, start_s=n / 1e5) for n in range(8)]
    traffic = read(tmp_path / "c.pcap", *together)
    assert [a.outcome for a in traffic.associations] == [Outcome.RELEASED] * 8
    assert {e.payload.sha256 for e in traffic.exchanges if e.payload} == {SHA256}


def test_only_connections_of_the_wanted_ports_are_read(tmp_path: Path) -> None:
    both = (stored(40000, 104), stored(40001, 11112, start_s=1))
    traffic = read(tmp_path / "c.pcap", *both, options=Options(frozenset({11112}), fence=False))
    assert [c.tcp.responder.port for c in traffic.conversations] == [11112]
    assert [c.id for c in traffic.conversations] == [1] and len(traffic.associations) == 1


def test_foreign_connections_do_not_disturb_dicom_between_them(tmp_path: Path) -> None:
    web = wire(50000, 443)
    web.connect().send(OUT, HELLO).send(BACK, HELLO * 100).close()
    traffic = read(tmp_path / "c.pcap", web, stored(start_s=0.0001))
    assert [c.kind for c in traffic.conversations] == [Kind.TLS, Kind.DICOM]
    assert traffic.associations[0].connection == 2


def test_a_port_that_answers_a_web_client_with_an_abort_is_known_to_speak_dicom(tmp_path: Path) -> None:
    web = wire(50000, 8042)
    web.connect().send(OUT, b"GET / HTTP/1.1\r\nHost: pacs\r\n\r\n").send(BACK, pdus.abort(2, 1)).close()
    [conversation] = read(tmp_path / "c.pcap", web).conversations
    assert conversation.protocols == ("http", "dicom")


def test_a_conversation_that_begins_with_one_byte_at_a_time_is_read(tmp_path: Path) -> None:
    dialogue = Dialogue()
    dialogue.wire.connect()
    for byte in pdus.request():
        dialogue.say(bytes([byte]))
    for byte in pdus.acceptance():
        dialogue.say(bytes([byte]), BACK)
    [association] = read(tmp_path / "c.pcap", dialogue.release()).associations
    assert (association.outcome, association.anomalies) == (Outcome.RELEASED, ())


def test_a_rejection_with_undefined_codes_is_still_the_answer(tmp_path: Path) -> None:
    dialogue = Dialogue()
    dialogue.wire.connect()
    dialogue.say(pdus.request()).say(pdus.rejection(1, 0, 99), BACK).wire.close()
    [association] = read(tmp_path / "c.pcap", dialogue).associations
    assert association.outcome is Outcome.REJECTED and association.reject is not None
    assert (association.reject.source, association.reject.reason) == (0, 99)


def test_a_message_cut_by_the_start_of_the_capture_is_not_odd(tmp_path: Path) -> None:
    dialogue = Dialogue().store("1.2.3", DATA).store("1.2.4", DATA)
    [association] = read(tmp_path / "c.pcap", _from_the_second_pdu(dialogue)).associations
    assert association.anomalies == () and Blind.REQUEST in association.blind
    assert [e.sop_instance for e in association.exchanges if e.request] == ["1.2.4"]


def _from_the_second_pdu(dialogue: Dialogue) -> Dialogue:
    """The same without its first packet but from a PDU boundary on, as if the capture had begun there."""
    begun = Dialogue(wire(40009))
    middle = p_data(1, messages.store_rq(7), DATA)
    first = len(pdus.p_data(pdus.pdv(messages.store_rq(7), command=True)))
    begun.say(middle[first:]).store("1.2.4", DATA)
    return begun


@pytest.mark.parametrize("left_out", [range(0), range(40, 43)], ids=["whole", "with a hole"])
def test_nothing_depends_on_whether_pdus_of_one_data_set_are_one_value(left_out: range, tmp_path: Path) -> None:
    """They are unless single PDUs are asked for; those here are longer than was announced, some without a command."""
    dialogue = Dialogue().open().store("1.2.3", bytes(400_000)).store("1.2.4", bytes(100_000))
    stray = pdus.p_data(pdus.pdv(bytes(16_384), 1, last=False))
    dialogue.say(stray * 5).store("1.2.5", bytes(90_000)).release()
    for place in reversed(left_out):
        del dialogue.wire.frames[place]
    together, apart = (
        read(tmp_path / "c.pcap", dialogue, options=Options(fence=False, transcribe=transcribe))
        for transcribe in ("messages", "pdus")
    )
    for one, other in zip(together.associations, apart.associations, strict=True):
        assert one.overlong == other.overlong and one.overlong
        assert (one.anomalies, one.pdu_counts, one.blind) == (other.anomalies, other.pdu_counts, other.blind)
        assert (one.first_packet, one.last_packet) == (other.first_packet, other.last_packet)
    for mine, theirs in zip(together.exchanges, apart.exchanges, strict=True):
        assert (mine.request, mine.final, mine.outcome) == (theirs.request, theirs.final, theirs.outcome)
        assert mine.payload is not None and theirs.payload is not None
        assert (mine.payload.sha256, mine.payload.missing) == (theirs.payload.sha256, theirs.payload.missing)


def test_a_bug_in_one_connection_is_noted_and_the_others_keep_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_pcap(tmp_path / "c.pcap", [f for n in range(3) for f in stored(40000 + n, start_s=n).wire.frames])
    _break(monkeypatch, connection=2)
    with open_captures([path]) as source:
        traffic = Pipeline(source, PayloadStore(), Options()).run()
    assert [c.id for c in traffic.conversations] == [1, 2, 3]
    assert [c.associations for c in traffic.conversations] == [(1,), (), (2,)]
    assert [e.id for e in traffic.exchanges] == [1, 2, 3, 4]
    [note] = traffic.captures[0].notes
    assert note == "connection 2 could not be analysed, please report this: ZeroDivisionError: broken"


@pytest.mark.parametrize("block_bytes", [2000, 1 << 20])
def test_a_bug_in_the_middle_of_a_connection_is_noted_once(
    block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(LIMITS, block_bytes=block_bytes)
    _break(monkeypatch, connection=1)
    with open_captures([stored().save(tmp_path / "c.pcap")], limits) as source:
        traffic = Pipeline(source, PayloadStore(), Options(limits=limits)).run()
    assert len(traffic.captures[0].notes) == 1 and len(traffic.conversations) == 1


def test_without_the_fence_a_bug_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _break(monkeypatch, connection=1)
    with pytest.raises(ZeroDivisionError):
        read(tmp_path / "c.pcap", stored())


def test_no_room_for_data_sets_is_no_bug_of_one_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _break(monkeypatch, connection=1, error=OSError(28, "No space left on device", "/tmp"))
    with open_captures([stored().save(tmp_path / "c.pcap")]) as source, pytest.raises(OSError, match="No space left"):
        Pipeline(source, PayloadStore(), Options()).run()


def _break(monkeypatch: pytest.MonkeyPatch, connection: int, error: Exception | None = None) -> None:
    """Make the framer of one connection raise."""

    class Broken(Framer):
        id = 0

        def feed(self, event: Chunk | Gap) -> list[Pdu | Anomaly]:
            self.id = event.connection
            if self.id == connection:
                raise error or ZeroDivisionError("broken")
            return super().feed(event)

        def close(self) -> list[Pdu | Anomaly]:
            if self.id == connection:
                raise ZeroDivisionError("broken again")
            return super().close()

    monkeypatch.setattr(pipeline, "Framer", Broken)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_lost_doubled_or_exchanged_no_object_is_made_up(data: st.DataObject) -> None:
    frames = stored().wire.frames
    places = st.integers(0, len(frames) - 1)
    lost = data.draw(st.sets(places, max_size=12))
    kept = [frame for place, frame in enumerate(frames) if place not in lost]
    for place in data.draw(st.lists(places, max_size=6)):
        kept.insert(place, kept[min(place, len(kept) - 1)])
    for place in data.draw(st.lists(places, max_size=10)):
        near = max(0, min(place, len(kept) - 4))
        kept[near : near + 4] = kept[near : near + 4][::-1]
    with TemporaryDirectory() as directory:
        mixed = [(START + n * 1000, frame) for n, (_, frame) in enumerate(kept)]
        path = write_pcap(Path(directory) / "c.pcap", mixed[data.draw(st.integers(0, 30)) :])
        with open_captures([path]) as source:
            traffic = Pipeline(source, PayloadStore(), Options(fence=False)).run()
    assert {e.payload.sha256 for e in traffic.exchanges if e.payload and e.payload.complete} <= {SHA256}
    assert {e.status for e in traffic.exchanges} <= {None, 0}


def test_packets_of_an_unknown_link_layer_are_counted_in_a_note(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "c.pcap", stored().wire.frames, link_type=147)
    with open_captures([path]) as source:
        traffic = Pipeline(source, PayloadStore(), Options(fence=False)).run()
    assert traffic.conversations == ()
    assert any("link layer" in note for note in traffic.captures[0].notes)


def test_an_empty_capture_is_empty_traffic(tmp_path: Path) -> None:
    traffic = read(tmp_path / "c.pcap")
    assert (traffic.conversations, traffic.associations, traffic.exchanges) == ((), (), ())
    assert traffic.captures[0].packets == 0
