"""Bytes in which IP may begin in, whether it does out: for what no header announces and chance must not imitate."""

from __future__ import annotations

from dicomsniff.tcp.shims import BRIDGED, IPV4, IPV6, VLAN_TYPES, Way, u16

_NEXT_HEADERS = (0, 6, 17, 43, 44, 58, 60)


def sound(data: memoryview, way: Way, end: int) -> bool:
    """Whether an IP packet stands where `way` leads, a frame's MAC addresses and VLAN tags before it or not, that ends
    no later than `end`."""
    if way is None:
        return False
    ether, at = way
    if ether == BRIDGED:
        ether, at = u16(data, at + 12), at + 14
        while ether in VLAN_TYPES:
            ether, at = u16(data, at + 2), at + 4
    if ether == IPV4:
        return _sound_v4(data, at, end)
    return ether == IPV6 and _sound_v6(data, at, end)


def _sound_v4(data: memoryview, at: int, end: int) -> bool:
    length = (data[at] & 15) * 4
    if data[at] >> 4 != 4 or length < 20 or at + length > end or not length <= u16(data, at + 2) <= end - at:
        return False
    total = sum(u16(data, place) for place in range(at, at + length, 2))
    return (total & 0xFFFF) + (total >> 16) == 0xFFFF  # RFC 1071; 30 words carry once at most


def _sound_v6(data: memoryview, at: int, end: int) -> bool:
    if at + 40 > end or data[at] >> 4 != 6 or not data[at + 7]:
        return False
    return u16(data, at + 4) <= end - at - 40 and data[at + 6] in _NEXT_HEADERS
