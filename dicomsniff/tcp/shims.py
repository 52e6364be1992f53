"""An EtherType that is neither IP nor a VLAN tag in, the EtherType behind its header and where that begins out.

What switches and taps put between the MAC addresses and IP: MPLS (RFC 3032, RFC 4385), PPPoE (RFC 2516), LLC and SNAP
(IEEE 802.2, RFC 1042), backbone bridges (IEEE 802.1ah), MACsec without encryption (IEEE 802.1AE), HSR (IEC 62439-3),
TRILL (RFC 6325), service chains (RFC 8300), and the tags of VN-Tag, FabricPath, TrustSec and Arista's time stamps.
All may raise IndexError where the packet ends too early.
"""

from __future__ import annotations

from collections.abc import Callable

IPV4, IPV6 = 0x0800, 0x86DD
VLAN_TYPES = (0x8100, 0x88A8, 0x9100, 0x9200)
MPLS_TYPES, PPPOE, BRIDGED = (0x8847, 0x8848), 0x8864, 0x6558
LONGEST_LENGTH = 1500  # up to here the field is a length, and LLC follows (IEEE 802.3 §3.2.6)
_SAP_SNAP, _SAP_IP, _SAP_ISO = 0xAA, 0x06, 0xFE
_ENCRYPTED, _CHANNEL = 0x0C, 0x20  # bits of a MACsec tag: the data were changed, or it is eight bytes longer

Way = tuple[int, int] | None  # the next EtherType and where it leads


def shimmed(data: memoryview, ether: int, at: int, end: int) -> Way:
    """The step behind one of these headers; None for any other."""
    if ether <= LONGEST_LENGTH:
        return llc(data, at)
    read = _SHIMS.get(ether)
    return read(data, at, end) if read is not None else None


def u16(data: memoryview, at: int) -> int:
    return data[at] << 8 | data[at + 1]


def by_version(data: memoryview, at: int) -> Way:
    """An IP packet without a word about its version before it."""
    return {4: (IPV4, at), 6: (IPV6, at)}.get(data[at] >> 4)


def nlpid(data: memoryview, at: int) -> Way:
    """Behind a network layer protocol identifier (RFC 2427 §4)."""
    at += data[at] == 0  # padding
    if data[at] == 0x80:
        return _organisation(data, at + 1)
    return {0xCC: (IPV4, at + 1), 0x8E: (IPV6, at + 1)}.get(data[at])


def llc(data: memoryview, at: int) -> Way:
    """Behind the three bytes of an unnumbered LLC frame."""
    sap, control = data[at], data[at + 2]
    if data[at + 1] != sap or control != 0x03:
        return None
    if sap == _SAP_SNAP:
        return _organisation(data, at + 3)
    return {_SAP_IP: (IPV4, at + 3), _SAP_ISO: nlpid(data, at + 3)}.get(sap)


def _organisation(data: memoryview, at: int) -> Way:
    """Behind a SNAP header: an EtherType, or a bridged frame (RFC 2684 §5.2, RFC 2427 §4.2)."""
    code, kind = bytes(data[at : at + 3]), u16(data, at + 3)
    if code == b"\0\x80\xc2":
        padding = 2 if u16(data, at + 5) == 0 and kind in (1, 7) and _typed(data, at + 7) else 0
        return (BRIDGED, at + 5 + padding) if kind in (1, 7) else None
    return (kind, at + 5) if code in (b"\0\0\0", b"\0\0\xf8") and kind > LONGEST_LENGTH else None


def ppp(data: memoryview, at: int, _end: int = 0) -> Way:
    """Behind a PPP header, its address and control bytes there or not, its protocol compressed or not (RFC 1661 §6.5)."""
    at += 2 if data[at] == 0xFF and data[at + 1] == 0x03 else 0
    if data[at] & 1:
        return {0x21: (IPV4, at + 1), 0x57: (IPV6, at + 1)}.get(data[at])
    return {0x0021: (IPV4, at + 2), 0x0057: (IPV6, at + 2)}.get(u16(data, at))


def _pppoe(data: memoryview, at: int, _end: int) -> Way:
    return ppp(data, at + 6) if data[at + 1] == 0 else None


def mpls(data: memoryview, at: int, end: int) -> Way:
    """Behind a stack of labels: IP, or a frame, with a control word before it or without."""
    while at + 4 < end:
        bottom = data[at + 2] & 1
        at += 4
        if not bottom:
            continue
        if (found := by_version(data, at)) is not None:
            return found
        worded = data[at] >> 4 == 0 and (_typed(data, at + 4) or not _typed(data, at))
        return (BRIDGED, at + 4 if worded else at)
    return None


def _typed(data: memoryview, at: int) -> bool:
    """Whether a frame at `at` would say that it holds IP or a VLAN tag."""
    return at + 14 <= len(data) and u16(data, at + 12) in (IPV4, IPV6, *VLAN_TYPES)


def _macsec(data: memoryview, at: int, _end: int) -> Way:
    if data[at] & _ENCRYPTED:
        return None
    inner = at + 6 + (8 if data[at] & _CHANNEL else 0)
    return u16(data, inner), inner + 2


def _trill(data: memoryview, at: int, _end: int) -> Way:
    return BRIDGED, at + 6 + 4 * (u16(data, at) >> 6 & 0x1F)


def nsh(data: memoryview, at: int, _end: int = 0) -> Way:
    """Behind a network service header."""
    inner = at + 4 * (data[at + 1] & 0x3F)
    return {1: (IPV4, inner), 2: (IPV6, inner), 3: (BRIDGED, inner), 5: (MPLS_TYPES[0], inner)}.get(data[at + 3])


def _time_stamp(data: memoryview, at: int, _end: int) -> Way:
    """Arista's: a subtype, a version that tells its length, and a time."""
    inner = at + 4 + (6 if data[at + 3] & 0x20 else 8)
    return u16(data, inner), inner + 2


def _bridged(length: int) -> Callable[[memoryview, int, int], Way]:
    return lambda _data, at, _end: (BRIDGED, at + length)


def _tagged(length: int) -> Callable[[memoryview, int, int], Way]:
    """A tag of that many bytes before the next EtherType."""
    return lambda data, at, _end: (u16(data, at + length), at + length + 2)


_SHIMS: dict[int, Callable[[memoryview, int, int], Way]] = {
    **dict.fromkeys(VLAN_TYPES, _tagged(2)),
    **dict.fromkeys(MPLS_TYPES, mpls),
    PPPOE: _pppoe,
    BRIDGED: lambda data, at, _end: (u16(data, at + 12), at + 14),
    0x22F3: _trill,
    0x880B: ppp,
    0x88E5: _macsec,
    0x88E7: _bridged(4),  # backbone bridges
    0x8903: _bridged(2),  # FabricPath
    0x8909: _tagged(6),  # Cisco MetaData
    0x8926: _tagged(4),  # VN-Tag
    0x892F: _tagged(4),  # HSR
    0x894F: nsh,
    0xD28B: _time_stamp,
    0xF1C1: _tagged(4),  # IEEE 802.1CB
}
SHIMS = tuple(_SHIMS)
