"""Link types that few captures have; that each leads to its segment is tested with the wrappings."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from dicomsniff.tcp.odd_links import odd_frames
from dicomsniff.tcp.shims import BRIDGED, IPV4
from tests.forge import capture_files
from tests.tcp import wrappings

IP4 = b"\x45" + bytes(39)


def _read(link_type: int, data: bytes) -> tuple[int, int]:
    return next((found[:2] for found in odd_frames(memoryview(data), link_type, 0, len(data))), (0, 0))


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
    assert _read(197, bytes(8) + b"\x03" + bytes(7) + IP4) == (0, 0)
    assert _read(178, b"abc\0" + IP4) == (0, 0)


def test_a_packet_cut_anywhere_is_read_or_left() -> None:
    for link_type in range(300):
        for length in range(40):
            ether, at = _read(link_type, (b"\x82\x45" * 20)[:length])
            assert ether == 0 or at <= 200


READ_BY_TSHARK = (
    "802.1CB", "ARCNET", "ARCNET of Linux", "ARCNET of an odd length", "ARCNET, older", "ERF of several channels",
    "ESP without encryption", "ESP over IPv6 6", "ESP tunnel", "ESP tunnel 6", "ESP tunnel, SHA-512", "FireWire", "GRE in UDP",
    "InfiniBand", "Juniper HDLC", "Juniper PPP", "Juniper frame relay", "Juniper without link layer", "cells, older",
    "classical IP, bare", "exported", "exported 6", "exported frame", "fibre channel", "firewall 2", "firewall 3",
    "frame in IPv6", "optical network",
)  # fmt: skip


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_finds_the_same_segment_in_what_it_reads(tmp_path: Path) -> None:
    packets = [wrappings.packets()[name] for name in READ_BY_TSHARK]
    blocks = [capture_files.interface(link_type) for link_type, _ in packets]
    for place, (_, packet) in enumerate(packets):
        blocks.append(capture_files.enhanced(capture_files.Packet(10**18, packet), place))
    (tmp_path / "rare.pcapng").write_bytes(capture_files.section() + b"".join(blocks))
    heuristic = ["-o", "esp.enable_null_encryption_decode_heuristic:TRUE"]
    line = ["tshark", "-r", str(tmp_path / "rare.pcapng"), *heuristic, "-T", "fields", "-e", "tcp.payload"]
    told = subprocess.run(line, capture_output=True, text=True, check=True).stdout.splitlines()
    missed = [name for name, said in zip(READ_BY_TSHARK, told, strict=True) if wrappings.DATA.hex() not in said]
    assert missed == []
