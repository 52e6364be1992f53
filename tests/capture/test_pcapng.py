"""pcapng: sections, the three packet blocks, blocks that are skipped, and damage."""

import struct
from pathlib import Path

import pytest

from dicomsniff.core import Limits
from tests.capture.reading import Row, read
from tests.forge.capture_files import (
    NS,
    Packet,
    block,
    comment,
    enhanced,
    interface,
    obsolete,
    packets,
    pcapng,
    section,
    simple,
)

ONE = Packet(1_700_000_000 * NS + 123_456_000, b"x" * 61)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_give_the_same_packets(tmp_path: Path, order: str) -> None:
    written = packets(20)
    found, facts = read(tmp_path, pcapng(written, order))
    assert found == [Row(i + 1, p.time_ns, p.data, len(p.data), 1) for i, p in enumerate(written)]
    assert (facts.format, facts.packets, facts.cut, facts.dropped, facts.notes) == ("pcapng", 20, False, None, ())


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_obsolete_packet_block_is_read(tmp_path: Path, order: str) -> None:
    data = section(order=order) + interface(order=order) * 2 + obsolete(ONE, 1, drops=3, order=order)
    found, facts = read(tmp_path, data)
    assert found == [Row(1, ONE.time_ns, ONE.data, 61, 1)]
    assert facts.dropped == 3


def test_an_unknown_drop_count_is_none(tmp_path: Path) -> None:
    _, facts = read(tmp_path, section() + interface() + obsolete(ONE))
    assert facts.dropped is None


def test_a_simple_packet_has_no_time_and_the_first_interface(tmp_path: Path) -> None:
    data = section() + interface(101) + interface(1) + simple(ONE) + enhanced(ONE, 1)
    found, facts = read(tmp_path, data)
    assert found == [Row(1, -1, ONE.data, 61, 101), Row(2, ONE.time_ns, ONE.data, 61, 1)]
    assert facts.link_types == (1, 101)
    assert facts.first_ns == facts.last_ns == ONE.time_ns
    assert "1 packet carries no time" in facts.notes[0]


@pytest.mark.parametrize(("snap_length", "captured"), [(0, 64), (40, 40), (100, 64)])
def test_a_simple_packet_is_as_long_as_snap_length_and_block_allow(
    tmp_path: Path, snap_length: int, captured: int
) -> None:
    body = struct.pack("<I", 1514) + bytes(64)
    found, facts = read(tmp_path, section() + interface(snap_length=snap_length) + block(3, body))
    assert (len(found[0].data), found[0].wire, facts.truncated_packets) == (captured, 1514, 1)


def test_sections_have_their_own_byte_order_and_interfaces(tmp_path: Path) -> None:
    data = pcapng([ONE], "<", 1) + pcapng([ONE, ONE], ">", 113) + pcapng([ONE], "<", 101)
    found, facts = read(tmp_path, data)
    assert [(row.number, row.link_type, row.data) for row in found] == [
        (1, 1, ONE.data),
        (2, 113, ONE.data),
        (3, 113, ONE.data),
        (4, 101, ONE.data),
    ]
    assert facts.link_types == (1, 101, 113)


def test_each_interface_has_its_link_type_and_the_smallest_snap_length_is_told(tmp_path: Path) -> None:
    data = section() + interface(1, 0) + interface(113, 96) + interface(276, 262144)
    found, facts = read(tmp_path, data + b"".join(enhanced(ONE, n) for n in (2, 0, 1)))
    assert [row.link_type for row in found] == [276, 1, 113]
    assert facts.snap_length == 96


def test_unknown_blocks_are_skipped(tmp_path: Path) -> None:
    strange = block(0x80000001, b"apple") + block(4, bytes(8)) + block(0x12345678, b"")
    found, facts = read(tmp_path, section() + strange + interface() + enhanced(ONE) + strange + enhanced(ONE))
    assert [row.number for row in found] == [1, 2]
    assert not facts.cut


def test_blocks_that_wireshark_numbers_take_a_number(tmp_path: Path) -> None:
    journal, custom = block(9, b"__REALTIME_TIMESTAMP=1\n"), block(0xBAD, bytes(8))
    found, facts = read(tmp_path, section() + interface() + enhanced(ONE) + journal + custom + enhanced(ONE))
    assert [row.number for row in found] == [1, 4]
    assert facts.packets == 2


def test_packets_of_an_undescribed_interface_are_left_out_with_a_note(tmp_path: Path) -> None:
    data = section() + enhanced(ONE) + interface() + enhanced(ONE) + enhanced(ONE, 7) + enhanced(ONE)
    for block_bytes in (1, 8 << 20):
        found, facts = read(tmp_path, data, Limits(block_bytes=block_bytes))
        assert [row.number for row in found] == [2, 4]
        assert facts.notes == ("2 packets name an interface that the file does not describe; they were left out",)


def test_section_headers_without_packets_are_an_empty_capture(tmp_path: Path) -> None:
    found, facts = read(tmp_path, section() + interface() + section())
    assert found == []
    assert not facts.cut
    assert "no packets" in facts.notes[0]


def _wrong_trailer() -> bytes:
    return enhanced(ONE)[:-4] + b"\1\2\3\4"


def _packet_beyond_its_block() -> bytes:
    return block(6, struct.pack("<IIIII", 0, 0, 0, 61, 61) + bytes(60))


def _huge_block() -> bytes:
    return struct.pack("<II", 6, 0x70000000) + bytes(100)


def _tiny_block() -> bytes:
    return struct.pack("<III", 6, 8, 8)


def _section_without_order() -> bytes:
    return block(0x0A0D0D0A, bytes(16))


def _short_interface() -> bytes:
    return block(1, bytes(4))


@pytest.mark.parametrize(
    "bad",
    [
        _wrong_trailer(),
        _packet_beyond_its_block(),
        _huge_block(),
        _tiny_block(),
        _section_without_order(),
        _short_interface(),
        block(3, b""),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 8 << 20])
def test_reading_stops_at_a_block_that_cannot_be(tmp_path: Path, bad: bytes, block_bytes: int) -> None:
    found, facts = read(tmp_path, pcapng([ONE, ONE]) + bad + enhanced(ONE) * 3, Limits(block_bytes=block_bytes))
    assert [row.data for row in found] == [ONE.data] * 2
    assert facts.cut
    assert "after packet 2" in facts.notes[0]


@pytest.mark.parametrize("missing", [1, 4, 40, 90])
def test_a_file_that_ends_inside_a_block_is_read_up_to_there(tmp_path: Path, missing: int) -> None:
    found, facts = read(tmp_path, pcapng([ONE, ONE])[:-missing])
    assert len(found) == 1
    assert facts.cut
    assert "ends inside a block after packet 1" in facts.notes[0]


def test_a_cut_in_the_section_header_is_noted(tmp_path: Path) -> None:
    found, facts = read(tmp_path, section(comment("first"))[:20])
    assert found == []
    assert facts.cut
