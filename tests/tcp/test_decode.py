"""Packets in columns: what is plainly TCP, what needs a closer look, and what is neither."""

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, LLC, STP, Dot3
from scapy.packet import Raw

from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from tests.forge.wire import ACK, OUT, Wire
from tests.tcp import wrappings
from tests.tcp.assembling import block, decode, payloads

FRAME = bytes(wrappings.ethernet() / wrappings.v4())
LINK_TYPES = (0, 1, 9, 12, 50, 101, 105, 108, 113, 127, 147, 228, 276)
VALID = sorted(wrappings.packets().values())


def _frames(*packets: Any) -> list[tuple[int, bytes]]:
    return [(number * 1000, bytes(packet)) for number, packet in enumerate(packets)]


def test_rows_keep_packet_order_whatever_they_are_wrapped_in() -> None:
    names = ["GRE", "ethernet", "hop by hop 6", "ethernet 6", "MPLS", "QinQ", "PPPoE", "ethernet"]
    packets = wrappings.packets()
    decoded, _ = decode(_frames(*(packets[name][1] for name in names)))
    assert decoded.segments.number.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert decoded.segments.time_ns.tolist() == [n * 1000 for n in range(8)]


def test_what_is_not_tcp_is_passed_over() -> None:
    ether, ip = wrappings.ethernet(), IP(src="10.0.0.1", dst="10.0.0.2")
    others = [ether / ARP(), ether / ip / UDP(sport=5, dport=53) / b"x", ether / ip / ICMP(), Dot3() / LLC() / STP()]
    decoded, _ = decode(_frames(*others))
    assert (len(decoded.segments), decoded.quotes, decoded.not_decoded) == (0, [], 0)


def test_a_link_layer_that_cannot_be_read_is_counted() -> None:
    decoded, _ = decode(_frames(FRAME, FRAME), 147)
    assert (len(decoded.segments), decoded.not_decoded) == (0, 2)


def test_an_empty_block_is_empty() -> None:
    decoded, _ = decode([])
    assert (len(decoded.segments), decoded.not_decoded) == (0, 0)


def test_a_segment_cut_by_the_snap_length_keeps_its_length_on_the_wire() -> None:
    decoded, _ = decode(_frames(FRAME), snap=len(FRAME) - 50)
    assert decoded.segments.length.tolist() == [200]
    assert payloads(decoded) == [wrappings.DATA[:150]]


def test_a_segment_cut_inside_its_options_has_no_payload_but_its_length() -> None:
    decoded, _ = decode(_frames(FRAME), snap=14 + 20 + 22)
    assert (decoded.segments.length.tolist(), payloads(decoded)) == ([200], [b""])


def test_a_segment_cut_inside_its_header_is_nothing() -> None:
    decoded, _ = decode(_frames(FRAME), snap=14 + 20 + 19)
    assert len(decoded.segments) == 0


def test_an_offloaded_packet_without_ip_length_is_as_long_as_it_was_on_the_wire() -> None:
    link_type, packet = wrappings.packets()["IP length 0"]
    decoded, _ = decode(_frames(packet), link_type, snap=100)
    assert (decoded.segments.length.tolist(), decoded.segments.captured.tolist()) == ([200], [100 - 14 - 20 - 24])


def test_padding_is_no_payload() -> None:
    ack = bytes(wrappings.ethernet() / IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=1, dport=2, flags="A"))
    decoded, _ = decode(_frames(ack + bytes(6)))
    assert (decoded.segments.length.tolist(), payloads(decoded)) == ([0], [b""])


@pytest.mark.parametrize(("nibble", "skipped"), [(0, 0), (4, 0), (5, 0), (6, 4), (15, 40)])
def test_a_data_offset_says_where_the_payload_begins_but_never_inside_the_header(nibble: int, skipped: int) -> None:
    frame = Wire().frame(OUT, ACK, bytes(range(60)))
    frame = frame[:46] + bytes([nibble << 4]) + frame[47:]
    decoded, _ = decode([(0, frame)])
    assert payloads(decoded) == [bytes(range(60))[skipped:]]


def test_an_ip_header_that_lies_about_its_length_is_passed_over() -> None:
    for first in (0x44, 0x40, 0x55, 0x00):
        decoded, _ = decode([(0, FRAME[:14] + bytes([first]) + FRAME[15:])])
        assert len(decoded.segments) == 0


def test_an_ip_length_beyond_the_packet_reads_as_bytes_that_were_not_captured() -> None:
    frame = FRAME[:16] + struct.pack(">H", 300) + FRAME[18:]
    decoded, _ = decode([(0, frame)])
    assert (decoded.segments.length.tolist(), payloads(decoded)) == ([300 - 44], [wrappings.DATA])


def test_interfaces_of_different_link_types_share_a_block() -> None:
    packets = wrappings.packets()
    one, two = block([(0, packets["ethernet"][1])], 1), packets["raw 6"][1]
    both = block([(0, bytes(one.data)), (1, two), (2, packets["802.11"][1])])
    both.link_type[:] = (1, 101, 105)
    decoded = Decoder(EndpointBook()).decode(both)
    assert decoded.segments.number.tolist() == [1, 2, 3]
    assert payloads(decoded) == [wrappings.DATA] * 3


def test_udp_to_a_tunnel_port_that_holds_no_tunnel_is_passed_over() -> None:
    for port in (4789, 6081, 2152):
        for rest in (b"", b"\0" * 3, b"\x08" + bytes(40), b"\xff" * 40):
            decoded, _ = decode(_frames(wrappings.outer() / UDP(sport=9, dport=port) / Raw(rest)))
            assert len(decoded.segments) == 0


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(LINK_TYPES), st.lists(st.binary(max_size=120), max_size=6))
def test_random_bytes_on_any_link_never_raise(link_type: int, packets: list[bytes]) -> None:
    decoded, _ = decode(_frames(*packets), link_type)
    _check_bounds(decoded.segments.payload.tolist(), decoded.segments.captured.tolist(), len(decoded.data))
    assert (decoded.segments.length >= decoded.segments.captured).all()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_corrupted_packets_never_raise(data: st.DataObject) -> None:
    link_type, packet = data.draw(st.sampled_from(VALID))
    broken = bytearray(packet)
    for at in data.draw(st.lists(st.integers(0, min(len(packet) - 1, 140)), max_size=5)):
        broken[at] = data.draw(st.integers(0, 255))
    decoded, _ = decode([(0, bytes(broken)), (1, packet)], link_type)
    _check_bounds(decoded.segments.payload.tolist(), decoded.segments.captured.tolist(), len(decoded.data))
    assert decoded.segments.number.tolist()[-1:] == [2]


def _check_bounds(starts: list[int], counts: list[int], size: int) -> None:
    assert all(count >= 0 and (count == 0 or 0 <= at <= size - count) for at, count in zip(starts, counts, strict=True))
