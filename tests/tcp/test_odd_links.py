"""Link types that few captures have; that each leads to its segment is tested with the wrappings."""

import struct

import pytest

from dicomsniff.tcp.odd_links import odd_link
from dicomsniff.tcp.shims import BRIDGED, IPV4

IP4 = b"\x45" + bytes(39)


def _read(link_type: int, data: bytes) -> tuple[int, int]:
    return odd_link(memoryview(data), link_type, 0, len(data))


def test_an_unknown_link_type_is_read_as_nothing() -> None:
    for link_type in (147, 189, 220, 252, 65535):
        assert _read(link_type, IP4) == (0, 0)


def test_an_envelope_around_itself_ends_somewhere() -> None:
    packet = IP4
    for _ in range(5):
        packet = struct.pack("<BBHI", 0, 0, 8, 192) + packet
    assert _read(192, packet) == (0, 0)


def test_an_envelope_names_what_it_holds() -> None:
    assert _read(192, struct.pack("<BBHI", 0, 0, 8, 101) + IP4) == (IPV4, 8)
    assert _read(192, struct.pack("<BBHI", 0, 0, 8, 1) + IP4) == (BRIDGED, 8)
    assert _read(192, struct.pack("<BBHI", 0, 0, 8, 147) + IP4) == (0, 0)


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_packet_is_found_among_the_attributes_of_the_log(order: str) -> None:
    mark, hardware = struct.pack(order + "HHI", 8, 3, 7), struct.pack(order + "HH", 7, 8) + b"abc\0"
    payload = struct.pack(order + "HH", 44, 9) + IP4
    assert _read(239, b"\2\0\0\0" + mark + hardware + payload) == (IPV4, 24)
    assert _read(239, b"\2\0\0\0" + mark + hardware) == (0, 0)


def test_attributes_of_no_length_end_the_search() -> None:
    assert _read(239, b"\2\0\0\0" + bytes(400)) == (0, 0)


def test_another_kind_of_record_than_ethernet_is_left_alone() -> None:
    assert _read(197, bytes(8) + b"\x05" + bytes(7) + IP4) == (0, 0)
    assert _read(178, b"abc\0" + IP4) == (0, 0)


def test_a_packet_cut_anywhere_is_read_or_left() -> None:
    for link_type in range(300):
        for length in range(40):
            ether, at = _read(link_type, (b"\x82\x45" * 20)[:length])
            assert ether == 0 or at <= 200
