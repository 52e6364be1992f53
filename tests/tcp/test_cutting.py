"""Connections cut out of a capture."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.values import Exchange
from dicomsniff.capture import CaptureError, open_captures
from dicomsniff.capture.pcapng_writer import PcapngWriter
from tests.captures import real
from tests.cli.running import dialogue
from tests.forge.capture_files import Packet
from tests.forge.conditions import Files, ipv4_fragments, ipv6_fragments

DATA = Path(__file__).parents[1] / "captures" / "data"


def packets(path: Path) -> list[tuple[int, bytes, int, int, int]]:
    """Number, bytes, length on the wire, time and link type of every packet."""
    out = []
    with open_captures([path]) as source:
        for block in source.blocks():
            for row in range(len(block)):
                start, size = int(block.offset[row]), int(block.captured[row])
                data = block.data[start : start + size].tobytes()
                out.append(
                    (
                        int(block.number[row]),
                        data,
                        int(block.wire[row]),
                        int(block.time_ns[row]),
                        int(block.link_type[row]),
                    )
                )
    return out


@real.here
@pytest.mark.parametrize("name", ["query_retrieve", "ipv6_any_interface", "lossy_network", "reject_called_ae"])
def test_the_packets_are_those_of_the_connection_byte_for_byte(tmp_path: Path, name: str) -> None:
    read = analyze(real.capture(name), rules=False)
    before = {packet[0]: packet[1:] for packet in packets(real.capture(name))}
    for conversation in read.connections[:3]:
        numbers = read.cut_out([conversation.id], tmp_path / "cut.pcapng")
        after = packets(tmp_path / "cut.pcapng")
        assert [packet[0] for packet in after] == list(numbers.values()) == list(range(1, len(after) + 1))
        assert [packet[1:] for packet in after] == [before[number] for number in numbers]
        assert min(numbers) == conversation.tcp.first_packet and max(numbers) <= conversation.tcp.last_packet
    read.close()


@real.here
@pytest.mark.parametrize("name", ["query_retrieve", "workflow_mwl_mpps_commit", "lossy_network"])
def test_what_was_cut_out_is_read_as_the_same_conversation(tmp_path: Path, name: str) -> None:
    whole = analyze(real.capture(name), rules=False)
    for association in whole.associations:
        whole.cut_out([association.connection], tmp_path / "cut.pcapng")
        [again] = analyze(tmp_path / "cut.pcapng", rules=False).associations
        assert (again.calling_ae, again.outcome, again.pdu_counts) == (
            association.calling_ae, association.outcome, association.pdu_counts,
        )  # fmt: skip
        told = [
            [(e.service, e.status, e.payload and e.payload.sha256) for e in a.exchanges] for a in (association, again)
        ]
        assert told[0] == told[1]
    whole.close()


@real.here
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_wireshark_shows_the_comments(tmp_path: Path) -> None:
    read = analyze(real.capture("echo_ok"), rules=False)
    read.cut_out([1], tmp_path / "cut.pcapng", {4: ["first", "zweiter ✓"]})
    line = ["tshark", "-r", str(tmp_path / "cut.pcapng"), "-T", "fields", "-e", "frame.number", "-e", "frame.comment"]
    rows = subprocess.run(line, capture_output=True, text=True, check=True).stdout.splitlines()
    assert rows[3].split("\t") == ["4", "first,zweiter ✓"] and rows[0].strip() == "1"


def test_a_capture_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    read = analyze(path)
    path.unlink()
    with pytest.raises((CaptureError, OSError)):
        read.cut_out([1], tmp_path / "cut.pcapng")
    assert not list(tmp_path.glob("cut*"))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "w.pcapng"
    with path.open("wb") as stream:
        writer = PcapngWriter(stream, "made")
        writer.packet(1, 1_700_000_000_123_456_789, b"abcde", 60, ["x" * 70_000])
        writer.packet(101, 1_700_000_001_000_000_000, b"", 0)
    assert packets(path) == [
        (1, b"abcde", 60, 1_700_000_000_123_456_789, 1),
        (2, b"", 0, 1_700_000_001_000_000_000, 101),
    ]
    with open_captures([path]) as source:
        list(source.blocks())
        [facts] = source.facts()
    assert facts.comments[0] == (0, "made") and facts.comments[1][0] == 1 and not facts.cut


@real.here
@pytest.mark.parametrize("how", [ipv4_fragments, ipv6_fragments, partial(ipv4_fragments, backwards=True)])
def test_all_fragments_of_a_packet_go_with_it(tmp_path: Path, how: Callable[..., Files]) -> None:
    frames = [Packet(row[3], row[1]) for row in packets(real.capture("slow_nagle"))]
    [data] = how(frames)
    path = tmp_path / "fragments.pcap"
    path.write_bytes(data)
    read = analyze(path, rules=False)
    numbers = read.cut_out([1], tmp_path / "cut.pcapng")
    fragments = len(packets(path))
    assert len(numbers) > 0.9 * fragments and list(numbers) == sorted(numbers)
    again = analyze(tmp_path / "cut.pcapng", rules=False)
    assert told(again.exchanges) == told(read.exchanges) != [] and not again.connections[0].gaps


def told(exchanges: Sequence[Exchange]) -> list[tuple[object, ...]]:
    return [(e.service, e.status, e.payload and e.payload.sha256) for e in exchanges]


@pytest.mark.parametrize("first", [0, 1])
def test_of_captures_of_several_points_each_connection_is_cut_as_it_was_seen_there(tmp_path: Path, first: int) -> None:
    paths = [DATA / "two_ends_client.pcap", DATA / "two_ends_server.pcap"]
    read = analyze(*paths[first:], *paths[:first], rules=False)
    assert len({capture.point.number for capture in read.traffic.captures}) == 2
    assert read.traffic.places is not None
    for conversation in read.traffic.conversations:
        numbers = read.cut_out([conversation.id], tmp_path / "cut.pcapng")
        [again] = analyze(tmp_path / "cut.pcapng", rules=False).traffic.conversations
        tcp = conversation.tcp
        assert [facts.bytes for facts in (again.tcp.to_responder, again.tcp.to_initiator)] == [
            facts.bytes for facts in (tcp.to_responder, tcp.to_initiator)
        ]
        assert min(numbers) == tcp.first_packet and max(numbers) <= tcp.last_packet


def test_packets_that_were_joined_are_not_cut(tmp_path: Path) -> None:
    paths = [DATA / "two_ends_client.pcap", DATA / "two_ends_server.pcap"]
    read = analyze(*paths, rules=False, merge_views=True)
    with pytest.raises(CaptureError, match="joined"):
        read.cut_out([1], tmp_path / "cut.pcapng")
