"""Radio frames: what the adapter says, the frame's own header, and the packet behind; frames with nothing to read."""

import pytest
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap

from dicomsniff.tcp.radio import AVS, PRISM, RADIO, RADIOTAP, radio_frame, radio_network
from dicomsniff.tcp.shims import IPV4

SNAP = b"\xaa\xaa\x03\0\0\0\x08\0" + b"\x45" + bytes(39)
FRAME = bytes(Dot11(type=2, subtype=0, FCfield=1)) + SNAP


def _read(link_type: int, data: bytes) -> tuple[int, int] | None:
    return radio_frame(memoryview(data), link_type, 0, len(data))


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
