"""Where the network header begins behind each link layer that is read in columns."""

import struct

import numpy as np
import pytest

from dicomsniff.tcp.link import network_headers
from dicomsniff.tcp.shims import IPV4, IPV6

MACS = bytes(range(12))
IP4, IP6 = b"\x45" + bytes(39), b"\x60" + bytes(39)
HEADS = {
    "ethernet": (1, MACS + b"\x08\x00", 14),
    "ethernet-v6": (1, MACS + b"\x86\xdd", 14),
    "vlan": (1, MACS + b"\x81\x00\x00\x0a\x08\x00", 18),
    "qinq": (1, MACS + b"\x88\xa8\x00\x64\x81\x00\x00\x0a\x86\xdd", 22),
    "old-qinq": (1, MACS + b"\x91\x00\x00\x64\x81\x00\x00\x0a\x08\x00", 22),
    "sll": (113, b"\0\0\0\1\0\6" + bytes(8) + b"\x08\x00", 16),
    "sll-vlan": (113, b"\0\0\0\1\0\6" + bytes(8) + b"\x81\x00\x00\x0a\x86\xdd", 20),
    "sll2": (276, b"\x86\xdd" + bytes(18), 20),
    "raw": (101, b"", 0),
    "raw-bsd": (12, b"", 0),
    "raw-openbsd": (14, b"", 0),
    "linktype-ipv4": (228, b"", 0),
    "linktype-ipv6": (229, b"", 0),
    "null-little": (0, struct.pack("<I", 2), 4),
    "null-big": (0, struct.pack(">I", 30), 4),
    "loop": (108, struct.pack(">I", 24), 4),
}


def _find(link_type: int, packet: bytes) -> tuple[int, int]:
    """Offset from the packet's start and EtherType; another packet stands before and behind it."""
    data = np.frombuffer(b"\x45" * 7 + packet + b"\x08\x00\x45" * 9, np.uint8)
    at, end = np.array([7]), np.array([7 + len(packet)])
    header, ether = network_headers(link_type, data, at, end)
    return int(header[0]) - 7, int(ether[0])


@pytest.mark.parametrize("name", HEADS)
def test_the_network_header_is_found(name: str) -> None:
    link_type, head, at = HEADS[name]
    packet, kind = (IP6, IPV6) if head[-2:] == b"\x86\xdd" or name in ("sll2", "linktype-ipv6") else (IP4, IPV4)
    assert _find(link_type, head + packet) == (at, kind)


@pytest.mark.parametrize("name", HEADS)
def test_nothing_is_read_behind_the_end_of_a_packet(name: str) -> None:
    link_type, head, _ = HEADS[name]
    for length in range(len(head) + 1):
        assert _find(link_type, head[:length])[1] in (0, 0x8100, 0x88A8, 0x9100)


def test_an_unknown_link_layer_has_no_network_header() -> None:
    assert _find(147, IP4) == (0, 0)


def test_a_version_that_is_neither_4_nor_6_is_no_ip() -> None:
    assert _find(101, b"\x55" + bytes(30))[1] == 0


def test_tags_without_end_are_left_unread() -> None:
    _, ether = _find(1, MACS + b"\x81\x00\x00\x0a" * 40)
    assert ether == 0x8100
