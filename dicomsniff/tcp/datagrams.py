"""A UDP header in, what is tunnelled in the datagram out: its EtherType and where it begins.

VXLAN (RFC 7348) and its generic extension, GENEVE (RFC 8926), GTP-U (TS 29.281), LISP (RFC 9300), Teredo (RFC 4380),
L2TP with PPP or frames (RFC 2661, RFC 3931), GRE (RFC 8086), CAPWAP without encryption (RFC 5415), MPLS (RFC 7510), and TZSP, in which MikroTik's and other
devices mirror packets. All may raise IndexError where the datagram ends too early.
"""

from __future__ import annotations

from collections.abc import Callable

from dicomsniff.tcp.gre import gre
from dicomsniff.tcp.radio import radio_network
from dicomsniff.tcp.shims import BRIDGED, MPLS_TYPES, Way, by_version, nsh, ppp, u16
from dicomsniff.tcp.unsealed import session

DEEPEST_OPTIONS = 12


def in_datagram(data: memoryview, at: int, end: int) -> Way:
    """What the datagram whose UDP header stands at `at` holds, by its target port; None where that is no tunnel."""
    read = _PORTS.get(u16(data, at + 2))
    return read(data, at + 8, end) if read is not None else None


def _vxlan(data: memoryview, at: int, _end: int) -> Way:
    return (BRIDGED, at + 8) if data[at] & 0x08 else None


def _vxlan_generic(data: memoryview, at: int, _end: int) -> Way:
    kind = data[at + 3] if data[at] & 0x04 else 3  # without the P bit it is as in VXLAN
    if kind == 4:
        return nsh(data, at + 8)
    return (BRIDGED, at + 8) if kind == 3 else by_version(data, at + 8)


def _geneve(data: memoryview, at: int, _end: int) -> Way:
    return u16(data, at + 2), at + 8 + (data[at] & 0x3F) * 4


def _gtp(data: memoryview, at: int, _end: int) -> Way:
    if data[at] >> 4 != 3 or data[at + 1] != 0xFF:
        return None
    inner = at + 8
    if data[at] & 0x07:
        following, inner = data[at + 11], inner + 4
        for _ in range(DEEPEST_OPTIONS):
            if not (data[at] & 0x04 and following):
                break
            length = data[inner] * 4
            if not length:
                return None
            following, inner = data[inner + length - 1], inner + length
    return by_version(data, inner)


def _lisp(data: memoryview, at: int, _end: int) -> Way:
    return by_version(data, at + 8)


def _teredo(data: memoryview, at: int, _end: int) -> Way:
    """IPv6, perhaps behind an authentication and an origin header."""
    if data[at] == 0 and data[at + 1] == 1:
        at += 13 + data[at + 2] + data[at + 3]
    if data[at] == 0 and data[at + 1] == 0:
        at += 8
    return by_version(data, at)


def _l2tp(data: memoryview, at: int, end: int) -> Way:
    flags = u16(data, at)
    if flags & 0x8000:  # a control message
        return None
    if flags & 0x000F == 3:
        return session(data, at + 4, end)
    if flags & 0x000F != 2:
        return None
    at += 6 + 2 * bool(flags & 0x4000) + 4 * bool(flags & 0x0800)
    if flags & 0x0200:
        at += 2 + u16(data, at)
    return ppp(data, at)


def _capwap(data: memoryview, at: int, end: int) -> Way:
    """A station's frame between access point and controller, as 802.3 or as 802.11."""
    word = u16(data, at + 2)
    if data[at] & 0x0F or data[at + 3] & 0x80:  # encrypted, or a fragment
        return None
    inner = at + 4 * (data[at + 1] >> 3)
    return radio_network(data, inner, end) if word & 0x0100 else (BRIDGED, inner)


def _mirrored(data: memoryview, at: int, _end: int) -> Way:
    """TZSP: tags up to the end tag, then a frame."""
    if data[at] != 1 or data[at + 1] > 1 or u16(data, at + 2) != 1:
        return None
    at += 4
    while data[at] != 1:
        at += 1 if data[at] == 0 else 2 + data[at + 1]
    return BRIDGED, at + 1


def _mpls(_data: memoryview, at: int, _end: int) -> Way:
    return MPLS_TYPES[0], at


_PORTS: dict[int, Callable[[memoryview, int, int], Way]] = {
    1701: _l2tp,
    2152: _gtp,
    3544: _teredo,
    4341: _lisp,
    4754: gre,
    4789: _vxlan,
    4790: _vxlan_generic,
    5247: _capwap,
    6081: _geneve,
    6635: _mpls,
    8472: _vxlan,
    37008: _mirrored,
}
TUNNEL_PORTS = tuple(_PORTS)
