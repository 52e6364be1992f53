"""pcap in all its flavours, and what happens where a file is cut or damaged."""

import struct
from pathlib import Path

import pytest

from dicomsniff.capture import window
from dicomsniff.core import Limits
from tests.capture.reading import Row, read
from tests.forge.capture_files import NS, Packet, packets, pcap, pcap_header

ONE = Packet(1_700_000_000 * NS + 123_456_000, b"x" * 60)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34])
def test_every_flavour_gives_the_same_packets(tmp_path: Path, order: str, magic: int) -> None:
    written = packets(20)
    found, facts = read(tmp_path, pcap(written, order, magic))
    assert found == [Row(i + 1, p.time_ns, p.data, len(p.data), 1) for i, p in enumerate(written)]
    assert (facts.format, facts.packets, facts.cut, facts.notes) == ("pcap", 20, False, ())


def test_nanoseconds_are_kept(tmp_path: Path) -> None:
    found, _ = read(tmp_path, pcap([Packet(1_700_000_000 * NS + 123_456_789, b"x")], magic=0xA1B23C4D))
    assert found[0].time_ns == 1_700_000_000_123_456_789


def test_seconds_after_2038_are_unsigned(tmp_path: Path) -> None:
    found, _ = read(tmp_path, pcap([Packet(4_000_000_000 * NS, b"x")]))
    assert found[0].time_ns == 4_000_000_000 * NS


def test_a_snapped_packet_keeps_its_wire_length_and_is_counted(tmp_path: Path) -> None:
    found, facts = read(tmp_path, pcap([ONE._replace(wire=1514), ONE]))
    assert [row.wire for row in found] == [1514, 60]
    assert (facts.truncated_packets, facts.bytes, facts.snap_length) == (1, 120, 262144)


def test_frame_check_sequence_bits_are_no_part_of_the_link_type(tmp_path: Path) -> None:
    found, facts = read(tmp_path, pcap([ONE], link_type=0x14000000 | 113))
    assert found[0].link_type == 113
    assert facts.link_types == (113,)


def test_a_header_without_packets_is_an_empty_capture_with_advice(tmp_path: Path) -> None:
    found, facts = read(tmp_path, pcap_header(snap_length=0))
    assert found == []
    assert (facts.packets, facts.first_packet, facts.first_ns, facts.cut, facts.snap_length) == (
        0,
        0,
        None,
        False,
        None,
    )
    assert "--immediate-mode" in facts.notes[0]


def test_a_cut_in_the_header_is_noted(tmp_path: Path) -> None:
    found, facts = read(tmp_path, pcap([ONE])[:20])
    assert found == []
    assert facts.cut
    assert "inside its header" in facts.notes[0]


@pytest.mark.parametrize("missing", [1, 59, 60, 61, 75])
def test_a_file_that_ends_inside_a_record_is_read_up_to_there(tmp_path: Path, missing: int) -> None:
    found, facts = read(tmp_path, pcap([ONE, ONE])[:-missing])
    assert len(found) == 1
    assert facts.cut
    assert "ends inside packet 2" in facts.notes[0]


@pytest.mark.parametrize("lengths", [(0x7FFFFFFF, 60), (0xFFFFFFFF, 0xFFFFFFFF), (16 << 20 | 1, 16 << 20 | 1)])
@pytest.mark.parametrize("block_bytes", [16, 8 << 20])
def test_reading_stops_at_an_impossible_length(tmp_path: Path, lengths: tuple[int, int], block_bytes: int) -> None:
    bad = struct.pack("<IIII", 1_700_000_000, 0, *lengths) + b"x" * 60
    data = pcap([ONE, ONE]) + bad + pcap([ONE])[24:]
    found, facts = read(tmp_path, data, Limits(block_bytes=block_bytes))
    assert len(found) == 2
    assert facts.cut
    assert "packet 3 has an impossible length" in facts.notes[0]


@pytest.mark.parametrize("block_bytes", [16, 8 << 20])
def test_reading_stops_where_far_more_was_captured_than_sent(tmp_path: Path, block_bytes: int) -> None:
    data = pcap([ONE, Packet(ONE.time_ns, bytes(80_000), wire=60), ONE])
    found, facts = read(tmp_path, data, Limits(block_bytes=block_bytes))
    assert len(found) == 1
    assert facts.cut


def test_a_tool_that_writes_no_wire_length_is_believed_in_the_rest(tmp_path: Path) -> None:
    found, facts = read(tmp_path, pcap([Packet(ONE.time_ns, bytes(80_000), wire=0), ONE]))
    assert [len(row.data) for row in found] == [80_000, 60]
    assert not facts.cut


def test_a_packet_longer_than_a_block_is_read_whole(tmp_path: Path) -> None:
    written = [ONE, Packet(ONE.time_ns, bytes(range(256)) * 1000), ONE]
    found, _ = read(tmp_path, pcap(written), Limits(block_bytes=1000))
    assert [row.data for row in found] == [p.data for p in written]


def test_packets_of_no_bytes_are_packets(tmp_path: Path) -> None:
    found, facts = read(tmp_path, pcap([Packet(ONE.time_ns, b"", wire=60)] * 3))
    assert [row.number for row in found] == [1, 2, 3]
    assert (facts.bytes, facts.truncated_packets) == (0, 3)


@pytest.mark.parametrize("piece", [1, 15, 16, 61, 1000])
@pytest.mark.parametrize("missing", [0, 1, 85])
def test_records_are_the_same_in_whatever_pieces_a_block_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, missing: int
) -> None:
    written = pcap(packets(40))
    whole = read(tmp_path, written[: len(written) - missing], Limits(block_bytes=500))
    monkeypatch.setattr(window, "PIECE", piece)
    found, facts = read(tmp_path, written[: len(written) - missing], Limits(block_bytes=500))
    assert (found, facts.cut, facts.notes) == (whole[0], whole[1].cut, whole[1].notes)
    assert len(found) == 40 - (missing > 0) - (missing > 80)
