"""Both sides of a firewall that draws sequence numbers anew are one conversation; everything else stays as it is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.rules.finding import Severity
from tests.captures import real
from tests.captures.test_field_conditions import payload_hashes
from tests.forge import pdus
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.field import counted, drawn_anew, merged, through_syn_proxy, twice
from tests.forge.wire import BACK, OUT, Frame, Wire, write_pcap
from tests.tcp.assembling import assemble

CT = "1.2.840.10008.5.1.4.1.1.2"
PROPOSALS = ((pdus.VERIFICATION, (pdus.IMPLICIT_LITTLE,), 0), (CT, (pdus.IMPLICIT_LITTLE,), 0))
FAR, NEAR = (3_123_456_789, 987_654_321), 5_000


def _stored(
    port: int = 40000, isn: tuple[int, int] = (1000, 9000), start_s: float = 0, size: int = 40_000
) -> list[Frame]:
    wire = Wire(("10.0.0.1", port), start_ns=1_700_000_000_000_000_000 + int(start_s * 1e9), isn=isn)
    dialogue = Dialogue(wire, "CT1", "PACS", *PROPOSALS).request().accept()
    for number in range(2):
        image = data_set(SOPClassUID=CT, SOPInstanceUID=f"1.2.{port}.{number}", ImageComments="text" * (size // 4))
        dialogue.store(CT, f"1.2.{port}.{number}", image, 0)
    return dialogue.release().wire.frames


@pytest.mark.parametrize("moved", [FAR, (FAR[0], 0), (0, FAR[1]), (1 << 31, 1 << 31)])
def test_both_sides_of_the_firewall_are_one_conversation(tmp_path: Path, moved: tuple[int, int]) -> None:
    once = counted(_stored())
    plain = analyze(write_pcap(tmp_path / "plain.pcap", once))
    both = analyze(write_pcap(tmp_path / "both.pcap", merged(once, drawn_anew(once, *moved))))
    assert list(payload_hashes(both.traffic)) == list(payload_hashes(plain.traffic)) != []
    assert len(both.connections) == 1 and both.connections[0].gaps == ()
    for way in (OUT, BACK):
        one, other = plain.connections[0].tcp.facts(way), both.connections[0].tcp.facts(way)
        assert (other.packets, other.bytes, other.retransmitted_bytes) == (one.packets, one.bytes, 0)
        assert other.duplicates == one.packets
    told = {f.rule for f in real.flat(both.findings) if f.severity is not Severity.INFO}
    assert told == {f.rule for f in real.flat(plain.findings) if f.severity is not Severity.INFO} | {"DS-CAP-005"}


@pytest.mark.parametrize("size", [1, 2, 7, 50])
def test_it_is_the_same_for_blocks_of_any_size(size: int) -> None:
    once = counted(_stored(size=9_000))
    frames = merged(once, drawn_anew(once, *FAR))
    assert assemble(frames, size) == assemble(frames)


def test_ports_used_again_are_another_conversation() -> None:
    for second in (counted(_stored(isn=(77_000, 88_000), start_s=0.2), 700), None):
        first = counted(_stored())
        later = counted(_stored(isn=(5_000_000, 6_000_000), start_s=0.9), 3_000)
        captures = [first, drawn_anew(first, *FAR), later]
        captures += [second, drawn_anew(second, 2_000_000_000, 50_000_000)] if second is not None else []
        frames = merged(*captures)
        whole = assemble(frames)
        assert all(assemble(frames, size) == whole for size in (1, 5))
        assert len(whole.ends) == (2 if second is None else 3)
        for facts in whole.ends.values():
            assert (facts.to_responder.lost_bytes, facts.to_responder.retransmitted_bytes) == (0, 0)


def test_many_gigabytes_later_the_views_are_still_told_apart() -> None:
    wire = Wire()
    wire.connect()
    for _ in range(40):
        wire.send(OUT, b"x" * 3_000).send(BACK, b"y" * 100)
        wire.seq[OUT] += 0  # what was said goes on
    once = counted(wire.close().frames)
    frames = merged(once, drawn_anew(once, (1 << 24) + 1, 0))
    facts = next(iter(assemble(frames, 13).ends.values()))
    assert (facts.to_responder.lost_bytes, facts.to_responder.retransmitted_bytes) == (0, 0)


def test_the_streams_are_those_of_tshark(tmp_path: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    talks = [counted(_stored(40_000 + i, start_s=i * 0.01, size=5_000)) for i in range(4)]
    for moved in (FAR, (0, FAR[1]), (FAR[0], 0)):
        path = write_pcap(
            tmp_path / "c.pcap", merged(*talks, drawn_anew(talks[1], *moved), drawn_anew(talks[3], *moved))
        )
        command = ["tshark", "-r", str(path), "-T", "fields", "-e", "tcp.stream"]
        streams = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        connections = analyze(path).connections
        assert [c.tcp.tcp_stream for c in connections] == [int(streams[c.tcp.last_packet - 1]) for c in connections]


@pytest.mark.parametrize("moved", [987_654_321, 3_000_000_000])
def test_both_sides_of_a_firewall_that_answers_syns_itself_are_one_conversation(moved: int) -> None:
    wire = Wire().connect().send(OUT, b"question" * 100)
    once = counted(wire.send(BACK, b"answer" * 5_000).send(OUT, b"thanks" * 500).close().frames)
    plain = next(iter(assemble(once).ends.values()))
    frames = through_syn_proxy(once, moved)
    for size in (None, 1, 5):
        (facts,) = assemble(frames, size).ends.values()
        for way in (OUT, BACK):
            one, other = plain.facts(way), facts.facts(way)
            assert (other.bytes, other.lost_bytes, other.retransmitted_bytes) == (one.bytes, 0, 0)


def test_a_server_that_answers_a_second_syn_otherwise_is_none() -> None:
    """With SYN cookies, or where another host took the address over: the first answer was lost, the SYN sent again in time."""
    first, second = Wire(isn=(1000, 9000)), Wire(isn=(1000, 2_000_000_000), start_ns=1_700_000_001_000_000_000)
    frames = counted([*first.connect().frames[:2], *second.connect().send(OUT, b"question" * 100).close().frames])
    (facts,) = assemble(frames).ends.values()
    assert facts.isns == (1000, 2_000_000_000)
    assert facts.to_responder.lost_bytes == facts.to_initiator.lost_bytes == 0


def test_another_attempt_is_no_second_view() -> None:
    """A SYN that was sent anew has another identification."""
    attempts = counted([*Wire(isn=(1000, 1)).connect().frames[:1], *Wire(isn=(3_000_000_000, 1)).connect().frames])
    assert len(assemble(attempts).ends) == 2
    assert len(assemble(twice(attempts)).ends) == 2


def test_numbers_too_near_to_be_told_apart_are_left() -> None:
    once = counted(_stored())
    assert len(assemble(merged(once, drawn_anew(once, NEAR, NEAR))).ends) >= 1
