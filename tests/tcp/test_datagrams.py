"""What UDP tunnels; that each tunnel leads to its segment is tested with the wrappings."""

import struct

import pytest

from dicomsniff.tcp.datagrams import TUNNEL_PORTS, in_datagram
from dicomsniff.tcp.shims import BRIDGED, IPV4, IPV6

IP4, IP6 = b"\x45" + bytes(39), b"\x60" + bytes(39)


def _inside(port: int, payload: bytes) -> tuple[int, int] | None:
    data = struct.pack(">HHHH", 40000, port, 8 + len(payload), 0) + payload
    return in_datagram(memoryview(data), 0, len(data))


def test_a_port_of_another_kind_holds_no_tunnel() -> None:
    for port in (53, 104, 443, 4500, 40000):
        assert port not in TUNNEL_PORTS
        assert _inside(port, IP4) is None


@pytest.mark.parametrize(
    ("port", "payload"),
    [
        (1701, bytes.fromhex("c802 0014 0001 0002 00000000")),
        (1701, bytes.fromhex("0003 0001 0002 ff030021")),
        (4789, bytes(8)),
        (5247, bytes.fromhex("01 000000 100000 00000000")),
        (5247, bytes.fromhex("00 100080 00010000")),
        (37008, bytes.fromhex("01 04 0001 01")),
        (37008, bytes.fromhex("01 00 0077 01")),
        (2152, bytes.fromhex("30 01 0000 00000000")),
    ],
    ids=["l2tp control", "l2tp v3", "no vni", "encrypted", "fragment", "keep-alive", "not ethernet", "gtp echo"],
)
def test_what_carries_no_packet_leads_nowhere(port: int, payload: bytes) -> None:
    assert _inside(port, payload + IP4 * 3) is None


def test_teredo_may_say_where_it_comes_from_first() -> None:
    assert _inside(3544, IP6) == (IPV6, 8)
    assert _inside(3544, bytes.fromhex("0000 1234 0a000001") + IP6) == (IPV6, 16)


def test_a_mirrored_frame_stands_behind_its_tags() -> None:
    assert _inside(37008, bytes.fromhex("01 01 0001 00 0a0133 01") + bytes(40)) == (BRIDGED, 8 + 9)


def test_lisp_and_mpls_say_nothing_of_the_version() -> None:
    assert _inside(4341, bytes(8) + IP4) == (IPV4, 16)
    assert _inside(6635, IP4) == (0x8847, 8)
