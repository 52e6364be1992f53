"""Radio frames: what the adapter says, the frame's own header, and the packet behind; frames with nothing to read."""

import pytest
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap

from dicomsniff.tcp.radio import AVS, PRISM, RADIO, RADIOTAP, radio_frames, radio_network
from dicomsniff.tcp.shims import IPV4, IPV6
from tests.tcp import wrappings
from tests.tcp.assembling import decode, payloads

SNAP = b"\xaa\xaa\x03\0\0\0\x08\0" + b"\x45" + bytes(39)
FRAME = bytes(Dot11(type=2, subtype=0, FCfield=1)) + SNAP


def _read(link_type: int, data: bytes) -> tuple[int, int] | None:
    return next((found[:2] for found in radio_frames(memoryview(data), link_type, 0, len(data))), None)


def test_the_frame_is_found_behind_what_the_adapter_says() -> None:
    tap, avs = bytes(RadioTap()), bytes.fromhex("80211001 00000040") + bytes(56)
    assert _read(RADIO, FRAME) == (IPV4, 32)
    assert _read(RADIOTAP, tap + FRAME) == (IPV4, len(tap) + 32)
    assert _read(AVS, avs + FRAME) == _read(PRISM, avs + FRAME) == (IPV4, 96)
    assert _read(PRISM, b"\x44" + bytes(143) + FRAME) == (IPV4, 176)


@pytest.mark.parametrize("swapped", [False, True])
def test_the_first_field_may_be_swapped(swapped: bool) -> None:
    frame = FRAME[1::-1] + FRAME[2:] if swapped else FRAME
    assert radio_network(memoryview(frame), 0, len(frame)) == (IPV4, 32)


def test_encrypted_frames_and_frames_without_data_hold_nothing() -> None:
    for head in (
        Dot11(type=2, subtype=0, FCfield="protected"),
        Dot11(type=2, subtype=12) / Dot11QoS(),
        Dot11(type=0, subtype=8),
    ):
        frame = bytes(head) + SNAP
        assert radio_network(memoryview(frame), 0, len(frame)) is None


def test_a_frame_cut_anywhere_holds_nothing_or_the_packet() -> None:
    for length in range(len(FRAME)):
        assert _read(RADIO, FRAME[:length]) in (None, (IPV4, 32))


def _subframe(data: bytes, last: bool = False) -> bytes:
    whole = bytes(12) + len(data).to_bytes(2, "big") + data
    return whole if last else whole + bytes(-len(whole) % 4)


def _aggregate(*parts: bytes) -> bytes:
    head = bytes(Dot11(type=2, subtype=8, FCfield=1)) + b"\x80\0"
    return head + b"".join(_subframe(part, part is parts[-1]) for part in parts)


def test_each_frame_of_several_in_one_is_found() -> None:
    long, other = SNAP + bytes(101), b"\xaa\xaa\x03\0\0\0\x08\x06" + bytes(30)
    packet = _aggregate(SNAP, other, long, SNAP[:6] + b"\x86\xdd" + b"\x60" + bytes(60))
    found = list(radio_frames(memoryview(packet), RADIO, 0, len(packet)))
    assert [kind for kind, _, _ in found] == [IPV4, 0x0806, IPV4, IPV6]
    assert [end - at for _, at, end in found] == [40, 30, 141, 61]


def test_what_two_connections_say_in_one_radio_frame_is_theirs() -> None:
    one, other = bytes(wrappings.v4()), bytes(wrappings.v4(b"other"))
    packet = _aggregate(SNAP[:8] + one, SNAP[:8] + other)
    decoded, _ = decode([(5, packet), (6, packet)], RADIO)
    assert payloads(decoded) == [wrappings.DATA, b"other"] * 2
    assert decoded.segments.number.tolist() == [1, 1, 2, 2]
    assert decoded.segments.time_ns.tolist() == [5, 5, 6, 6]


def test_lengths_of_nothing_and_beyond_the_end_stop_somewhere() -> None:
    head = bytes(Dot11(type=2, subtype=8, FCfield=1)) + b"\x80\0"
    for packet in (head + bytes(5000), head + b"\xff" * 5000, _aggregate(SNAP, SNAP)[:-30]):
        assert len(list(radio_frames(memoryview(packet), RADIO, 0, len(packet)))) <= 2


def test_what_says_that_it_is_encrypted_and_is_not_is_read() -> None:
    head = bytes(Dot11(type=2, subtype=0, FCfield=0x41))
    for vector in (8, 4):
        frame = head + bytes(vector) + SNAP
        assert _read(RADIO, frame) == (IPV4, 24 + vector + 8)
    assert _read(RADIO, head + bytes(8) + b"\x06\x06\x03" + b"\x45" * 60) is None
