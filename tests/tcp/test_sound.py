"""IP that no header announces is believed where its header proves it."""

import pytest

from dicomsniff.tcp.shims import BRIDGED, IPV4, IPV6
from dicomsniff.tcp.sound import sound
from tests.tcp import wrappings

IP4, IP6 = bytes(wrappings.v4()), bytes(wrappings.v6())
FRAME = bytes(wrappings.ethernet() / wrappings.v4())


def _sound(ether: int, data: bytes) -> bool:
    return sound(memoryview(data), (ether, 0), len(data))


def test_whole_packets_are_sound_with_more_behind_them_or_not() -> None:
    for ether, data in ((IPV4, IP4), (IPV6, IP6), (BRIDGED, FRAME), (BRIDGED, FRAME[:12] + b"\x81\0\0\7" + FRAME[12:])):
        assert _sound(ether, data) and _sound(ether, data + bytes(9))
        assert not _sound(ether, data[:-1])
    assert not sound(memoryview(IP4), None, len(IP4))
    assert not _sound(0x0806, IP4)


@pytest.mark.parametrize("at", range(20))
def test_one_wrong_byte_in_a_header_is_enough(at: int) -> None:
    assert not _sound(IPV4, IP4[:at] + bytes([IP4[at] ^ 0x10]) + IP4[at + 1 :])


def test_six_needs_a_hop_limit_and_a_header_that_is_known() -> None:
    assert not _sound(IPV6, IP6[:7] + b"\0" + IP6[8:])
    assert not _sound(IPV6, IP6[:6] + b"\xfd" + IP6[7:])
    assert not _sound(IPV6, b"\x40" + IP6[1:])
