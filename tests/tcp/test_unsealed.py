"""Tunnels that do not say what they carry: read where that is proved, left alone where it is not."""

import os

import numpy as np
import pytest
from scapy.layers.inet import IP
from scapy.packet import Raw

from dicomsniff.tcp.shims import BRIDGED, IPV4, IPV6
from dicomsniff.tcp.unsealed import perhaps_unencrypted, session, unencrypted
from tests.tcp import wrappings
from tests.tcp.assembling import decode, payloads

IP4, IP6 = bytes(wrappings.v4()), bytes(wrappings.v6())
FRAME = bytes(wrappings.ethernet() / wrappings.v4())
ADDRESSES = IP4[12:20]


def _session(data: bytes) -> tuple[int, int] | None:
    return session(memoryview(data), 0, len(data))


def _opened(data: bytes) -> tuple[int, int, int] | None:
    return unencrypted(memoryview(data), 0, len(data), ADDRESSES)


@pytest.mark.parametrize("before", [0, 4, 8, 12])
def test_a_session_is_read_behind_any_cookie(before: int) -> None:
    start = b"\0\0\0\7" + os.urandom(before)
    assert _session(start + FRAME) == (BRIDGED, 4 + before)
    assert _session(start + b"\xff\3\0\x21" + IP4) == (IPV4, 8 + before)


def test_a_control_message_and_a_broken_header_are_no_session() -> None:
    assert _session(bytes(4) + FRAME) is None
    broken = FRAME[:30] + bytes([FRAME[30] ^ 1]) + FRAME[31:]
    assert _session(b"\0\0\0\7" + broken) is None
    assert _session(b"\0\0\0\7" + FRAME[:60]) is None  # the packet is longer than what is there


@pytest.mark.parametrize("check", [0, 12, 16, 24, 32])
def test_what_is_not_encrypted_is_read_with_any_check_value(check: int) -> None:
    value = os.urandom(check)
    assert _opened(wrappings.esp(IP4[20:], 6, value)) == (0, 8, 8 + len(IP4) - 20)
    assert _opened(wrappings.esp(IP4, 4, value)) == (IPV4, 8, 8 + len(IP4))
    assert _opened(wrappings.esp(IP6, 41, value)) == (IPV6, 8, 8 + len(IP6))


def test_what_is_not_proved_is_left_alone() -> None:
    assert _opened(wrappings.esp(IP4[20:-1] + b"\0", 6)) is None  # the checksum is wrong
    assert _opened(wrappings.esp(IP4[:-1], 4)) is None  # the length is wrong
    assert _opened(wrappings.esp(IP4[20:], 17)) is None
    assert unencrypted(memoryview(wrappings.esp(IP4[20:], 6)), 0, 40, ADDRESSES) is None


def test_what_is_encrypted_is_next_to_never_looked_at_and_never_read() -> None:
    rng = np.random.default_rng(7)
    packets = [rng.bytes(120) for _ in range(3000)]
    assert [packet for packet in packets if _opened(packet)] == []
    data = np.frombuffer(b"".join(packets), np.uint8)
    at = np.arange(len(packets), dtype=np.int64) * 120
    assert perhaps_unencrypted(data, at, at + 120).sum() < 60


def test_all_that_is_read_is_looked_at() -> None:
    for payload, kind in ((IP4[20:], 6), (IP4, 4), (IP6, 41)):
        for check in (0, 12, 16, 24, 32):
            packet = wrappings.esp(payload, kind, bytes(check))
            ends = np.zeros(1, np.int64), np.full(1, len(packet), np.int64)
            assert perhaps_unencrypted(np.frombuffer(packet, np.uint8), *ends).tolist() == [True]


def test_many_short_packets_cost_no_more_than_that_they_are_left() -> None:
    for length in range(60):
        assert _opened(bytes(length)) is None
        assert _session(b"\1" * length) is None


def test_a_packet_cut_by_a_snap_length_is_not_guessed_at() -> None:
    outer = IP(src="10.0.0.1", dst="10.0.0.2", proto=50) / Raw(wrappings.esp(IP4[20:], 6))
    packet = bytes(wrappings.ethernet() / outer)
    decoded, _ = decode([(5, packet)], 1, snap=len(packet) - 1)
    assert payloads(decoded) == []
