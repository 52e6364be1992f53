"""A conversation that is captured in two numberings from its middle on is read once; nothing else is touched."""

from pathlib import Path
from random import Random

import pytest

from dicomsniff.api import analyze
from dicomsniff.rules.finding import Severity
from tests.captures import real
from tests.captures.test_field_conditions import payload_hashes
from tests.forge import pdus
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.field import counted, drawn_anew, merged, sealed
from tests.forge.wire import ACK, BACK, OUT, Frame, Wire, write_pcap
from tests.tcp.assembling import Outcome, assemble

CT = "1.2.840.10008.5.1.4.1.1.2"
FAR = 3_123_456_789, 987_654_321
MOVES = (FAR, (FAR[0], 0), (0, FAR[1]))


def _stored(size: int = 20_000) -> list[Frame]:
    dialogue = Dialogue(Wire(), "CT1", "PACS", (CT, (pdus.IMPLICIT_LITTLE,), 0)).request().accept()
    for number in range(3):
        text = bytes(Random(number).randrange(32, 127) for _ in range(size)).decode()
        image = data_set(SOPClassUID=CT, SOPInstanceUID=f"1.2.{number}", ImageComments=text)
        dialogue.store(CT, f"1.2.{number}", image, 0)
    return dialogue.release().wire.frames


def _both(frames: list[Frame], moved: tuple[int, int] = FAR) -> list[Frame]:
    return merged(frames, drawn_anew(frames, *moved, late_ns=4_000))


def _rules(path: Path) -> set[str]:
    analysis = analyze(path)
    return {f.rule for f in real.flat(analysis.findings) if f.severity is not Severity.INFO} - {"DS-CAP-005"}


def _told(outcome: Outcome) -> list[tuple[int, int]]:
    (facts,) = outcome.ends.values()
    return [(facts.facts(way).lost_bytes, facts.facts(way).retransmitted_bytes) for way in (OUT, BACK)]


@pytest.mark.parametrize("moved", MOVES)
@pytest.mark.parametrize("cut", [1, 3, 6, 7, 20, 41])
@pytest.mark.parametrize("ids", ["counted", "none"])
def test_a_capture_that_begins_in_the_middle_is_read_as_that_of_one_side(
    tmp_path: Path, moved: tuple[int, int], cut: int, ids: str
) -> None:
    once = counted(_stored()) if ids == "counted" else sealed(_stored(), None)
    both = analyze(write_pcap(tmp_path / "both.pcap", _both(once, moved)[cut:]))
    plain = analyze(write_pcap(tmp_path / "plain.pcap", once[cut // 2 :]))
    assert list(payload_hashes(both.traffic)) == list(payload_hashes(plain.traffic)) != []
    assert _rules(tmp_path / "both.pcap") <= _rules(tmp_path / "plain.pcap")
    for connection in both.connections:
        for way in (OUT, BACK):
            facts = connection.tcp.facts(way)
            assert facts.retransmitted_bytes == 0
            assert facts.lost_bytes < 3_000  # of packets whose other copy came before the capture began


@pytest.mark.parametrize("size", [1, 2, 7, 50])
@pytest.mark.parametrize("cut", [2, 9])
def test_it_is_the_same_for_blocks_of_any_size(size: int, cut: int) -> None:
    frames = _both(counted(_stored()))[cut:]
    assert assemble(frames, size) == assemble(frames)


def test_where_one_side_is_no_longer_captured_the_other_goes_on(tmp_path: Path) -> None:
    frames = _both(counted(_stored()))[8:]
    outside = {data for _, data in counted(_stored())}
    left = [frame for place, frame in enumerate(frames) if place < 60 or frame[1] not in outside]
    whole, half = (assemble(each) for each in (frames, left))
    assert half.parts(OUT) == whole.parts(OUT)
    assert half.parts(BACK) == whole.parts(BACK)
    assert _told(half) == [(0, 0), (0, 0)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("ids", ["counted", "none"])
def test_no_loss_makes_another_byte_of_it(seed: int, ids: str) -> None:
    rng, once = Random(seed), counted(_stored()) if ids == "counted" else sealed(_stored(), None)
    said = {way: assemble(once).data(way) for way in (OUT, BACK)}
    frames = [each for each in _both(once)[rng.randrange(40) :] if rng.random() > 0.1]
    for (_, way), line in assemble(frames).lines.items():
        for part in line.parts:
            assert not isinstance(part, bytes) or part in said[way]


def test_what_was_not_captured_for_long_is_a_hole_and_no_other_numbering() -> None:
    """Half a minute is missing in the capture of a conversation that went on."""
    wire = Wire().connect().send(OUT, b"first" * 1_000)
    wire.seq[OUT] += (1 << 24) + 1
    frames = wire.wait(30).send(OUT, b"second" * 1_000).close().frames
    assert _told(assemble(frames)) == [((1 << 24) + 1, 0), (0, 0)]


def test_ports_used_again_at_once_are_another_conversation() -> None:
    first = Wire(isn=(1000, 9000)).connect().send(OUT, b"first" * 300).close()
    second = Wire(isn=(2_000_000_000, 3_000_000_000), start_ns=first.now + 1_000_000)
    frames = counted([*first.frames, *second.connect().send(OUT, b"other" * 300).close().frames])
    outcome = assemble(frames)
    assert [facts.to_responder.bytes for facts in outcome.connections] == [1_500, 1_500]
    assert assemble(frames, 1) == outcome


def test_numbers_from_elsewhere_are_no_numbering_where_nothing_was_sent_with_both() -> None:
    """Somebody guesses numbers in a conversation: it goes on as if nothing had been."""
    wire = Wire().connect().send(OUT, b"question" * 100)
    for way in (OUT, BACK) * 20:
        wire.packet(way, ACK, b"guessed" * 20, seq=wire.seq[way] + 1_500_000_000)
        wire.send(OUT, b"more" * 100)
    outcome = assemble(wire.close().frames)
    assert outcome.data(OUT) == b"question" * 100 + b"more" * 4_000
    assert _told(outcome) == [(0, 0), (0, 0)]


def test_the_other_numbering_is_known_again_after_a_pause() -> None:
    """A request is answered after a second, of which only one side was captured; neither SYN was."""
    wire = Wire().connect().send(OUT, b"question" * 100)
    once = counted(
        wire.acknowledge(OUT).send(OUT, b"and another" * 9).wait(1).send(BACK, b"answer" * 50).close().frames
    )
    answer = next(frame for frame in once if b"answer" in frame[1])
    frames = [frame for frame in _both(once)[6:] if frame is not answer]
    outcome = assemble(frames)
    assert outcome.data(OUT) == b"question" * 100 + b"and another" * 9
    assert [facts.to_responder.retransmitted_bytes for facts in outcome.connections] == [0]
    assert all(length < 1_000 for _, length, _ in outcome.holes(BACK))


def test_a_syn_that_is_captured_behind_the_first_bytes_ends_nothing() -> None:
    once = counted(_stored())
    frames = _both(once)
    late = [*frames[2:12], *frames[:2], *frames[12:]]
    for size in (None, 1, 5):
        outcome = assemble(late, size)
        assert outcome.data(OUT) == assemble(once).data(OUT)
        assert outcome.data(BACK) == assemble(once).data(BACK)
