"""Rows that the columns leave: radio frames, PPP, and ICMP messages that quote a packet."""

from typing import Any

import pytest
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded, IPv6
from scapy.layers.l2 import LLC, SNAP
from scapy.packet import Raw

from dicomsniff.tcp.odd import QuotedSyn
from tests.tcp import wrappings
from tests.tcp.assembling import decode, payloads

SNAPPED = LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP() / wrappings.v4()


def _quotes(packet: Any, snap: int | None = None) -> list[QuotedSyn]:
    decoded, _ = decode([(77, bytes(packet))], snap=snap)
    assert len(decoded.segments) == 0
    return decoded.quotes


def _unreachable(type: int = 3, code: int = 1, quoted: bytes | None = None) -> Any:
    syn = bytes(IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=40000, dport=104, seq=1234, flags="S"))
    answer = IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(type=type, code=code) / Raw(syn if quoted is None else quoted)
    return wrappings.ethernet() / answer


def test_an_unreachable_message_names_the_packet_it_quotes() -> None:
    client, server = (b"\x0a\0\0\x01", 40000), (b"\x0a\0\0\x02", 104)
    assert _quotes(_unreachable()) == [QuotedSyn(b"\x0a\0\0\xfe", 3, 1, 1, 77, 1234, client, server)]


def test_eight_bytes_of_the_quoted_segment_are_enough() -> None:
    assert len(_quotes(_unreachable(quoted=bytes(_unreachable())[42:70]))) == 1
    assert _quotes(_unreachable(quoted=bytes(_unreachable())[42:69])) == []


def test_an_ipv6_unreachable_message_is_read_too() -> None:
    syn = IPv6(src="2001:db8::1", dst="2001:db8::2") / TCP(sport=40000, dport=104, seq=5, flags="S")
    outer = wrappings.ethernet() / IPv6(src="2001:db8::fe", dst="2001:db8::1")
    [quote] = _quotes(outer / ICMPv6DestUnreach(code=4) / syn)
    assert (quote.type, quote.code, quote.seq, quote.source[1], quote.target[1]) == (1, 4, 5, 40000, 104)
    assert (len(quote.sender), quote.sender[-1], quote.source[0][-1], quote.target[0][-1]) == (16, 0xFE, 1, 2)


def test_other_icmp_messages_quote_nothing_of_use() -> None:
    for type in (0, 8, 5, 12):
        assert _quotes(_unreachable(type=type)) == []
    assert _quotes(_unreachable(quoted=bytes(IP() / b"not tcp"))) == []


def test_a_quote_cut_anywhere_is_used_or_dropped() -> None:
    packet = bytes(_unreachable())
    found = [len(_quotes(packet, snap=length)) for length in range(14, len(packet))]
    assert found == sorted(found)
    assert found[-1] == 1


@pytest.mark.parametrize(
    "head",
    [
        Dot11(type=2, subtype=0, FCfield="protected"),
        Dot11(type=2, subtype=4),
        Dot11(type=2, subtype=12) / Dot11QoS(),
        Dot11(type=0, subtype=8),
        Dot11(type=1, subtype=13),
    ],
    ids=["encrypted", "null", "qos-null", "beacon", "ack"],
)
def test_radio_frames_without_readable_data_are_counted_as_not_decoded(head: Any) -> None:
    decoded, _ = decode([(0, bytes(RadioTap() / head / SNAPPED))], 127)
    assert (len(decoded.segments), decoded.not_decoded) == (0, 1)


def test_a_high_throughput_control_field_is_skipped() -> None:
    head = bytes(Dot11(type=2, subtype=8, FCfield="order") / Dot11QoS())[:26]
    decoded, _ = decode([(0, head + b"HTC+" + bytes(SNAPPED))], 105)
    assert payloads(decoded) == [wrappings.DATA]


def test_ppp_of_another_protocol_is_counted_as_not_decoded() -> None:
    decoded, _ = decode([(0, b"\xff\x03\xc0\x21" + bytes(20)), (1, b"\x00"), (2, b"\xff\x03\x00")], 9)
    assert (len(decoded.segments), decoded.not_decoded) == (0, 3)


def test_a_message_that_a_packet_was_too_big_tells_what_would_fit() -> None:
    packet = bytes(_unreachable(code=4))
    at = 14 + 20 + 6
    [quote] = _quotes(packet[:at] + b"\x05\x78" + packet[at + 2 :])
    assert (quote.too_big, quote.mtu) == (True, 1400)
    segment = IPv6(src="2001:db8::1", dst="2001:db8::2") / TCP(sport=40000, dport=104, seq=5, flags="A")
    outer = wrappings.ethernet() / IPv6(src="2001:db8::fe", dst="2001:db8::1")
    [quote] = _quotes(outer / ICMPv6PacketTooBig(mtu=1280) / segment)
    assert (quote.too_big, quote.mtu, quote.seq) == (True, 1280, 5)
    assert not _quotes(_unreachable(code=1))[0].too_big


def test_a_packet_that_went_round_in_circles_is_known_by_what_is_quoted_of_it() -> None:
    [quote] = _quotes(_unreachable(type=11, code=0))
    assert (quote.type, quote.seq, quote.too_big) == (11, 1234, False)
    segment = IPv6(src="2001:db8::1", dst="2001:db8::2") / TCP(sport=40000, dport=104, seq=5, flags="A")
    outer = wrappings.ethernet() / IPv6(src="2001:db8::fe", dst="2001:db8::1")
    [quote] = _quotes(outer / ICMPv6TimeExceeded(code=0) / segment)
    assert (quote.type, quote.seq, quote.too_big) == (3, 5, False)
