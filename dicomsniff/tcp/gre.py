"""A GRE header in, the EtherType behind it and where that begins out.

RFC 2784, RFC 2890 and RFC 2637, with Ethernet, PPP, ERSPAN or WCCP inside. May raise IndexError where the packet ends too early.
"""

from __future__ import annotations

from dicomsniff.tcp.shims import BRIDGED, Way, by_version, ppp, u16

ERSPAN_2, ERSPAN_3, WCCP, PPP_IN_GRE = 0x88BE, 0x22EB, 0x883E, 0x880B


def gre(data: memoryview, at: int, _end: int = 0) -> Way:
    """What stands behind the header, and behind that of what is inside."""
    flags, protocol = u16(data, at), u16(data, at + 2)
    inner = at + 4 + 4 * (bool(flags & 0x8000) + bool(flags & 0x2000) + bool(flags & 0x1000))
    if flags & 0x07:  # version 1 is PPTP, which may confirm packets too (RFC 2637 §4.1)
        return ppp(data, inner + (4 if flags & 0x0080 else 0)) if protocol == PPP_IN_GRE else None
    if protocol == ERSPAN_2:  # without a sequence number it is type I, which has no header of its own
        return BRIDGED, inner + (8 if flags & 0x1000 else 0)
    if protocol == ERSPAN_3:
        return BRIDGED, inner + (20 if data[inner + 11] & 1 else 12)
    if protocol == WCCP:  # with a redirect header in version 2
        return by_version(data, inner) or by_version(data, inner + 4)
    return protocol, inner
