"""A packet of a link type that the columns do not read in, the EtherType of what it holds and where that begins out.

Serial lines, radio, rings and cells, firewalls' logs, hardware taps, and the envelopes in which hosts and switches hand
packets to a capture (the link types as tcpdump.org lists them). A packet may hold another link layer in its turn.
"""

from __future__ import annotations

from collections.abc import Callable

from dicomsniff.tcp.radio import AVS, PRISM, RADIO, RADIOTAP, radio_frame
from dicomsniff.tcp.shims import BRIDGED, Way, by_version, llc, nlpid, ppp, u16

DEEPEST_LINK = 3
_PAYLOAD = 9  # the attribute of NFLOG that holds the packet
_ROUTED = 0x80  # in the first byte of a token ring's source address: routing information follows
_JUNIPER_MAGIC, _EXTENDED = b"MGC", 0x80
_ERF_HEADER, _ERF_EXTENSION = 16, 8

Reader = Callable[[memoryview, int, int], Way]


def odd_link(view: memoryview, link_type: int, at: int, end: int) -> tuple[int, int]:
    """EtherType and offset behind the link layer; (0, 0) where there is nothing to be read."""
    try:
        return _network(view, link_type, at, end, DEEPEST_LINK) or (0, 0)
    except IndexError:
        return 0, 0


def _network(data: memoryview, link_type: int, at: int, end: int, deep: int) -> Way:
    if not deep:
        return None
    if link_type in (RADIO, PRISM, RADIOTAP, AVS):
        return radio_frame(data, link_type, at, end)
    if link_type in _ENVELOPES:
        held, at = _ENVELOPES[link_type](data, at, end)
        return _network(data, held, at, end, deep - 1)
    read = _LINKS.get(link_type)
    return read(data, at, end) if read is not None else None


def _behind(length: int) -> Reader:
    """An Ethernet frame behind so many bytes."""
    return lambda _data, at, _end: (BRIDGED, at + length)


def _ip_behind(length: int) -> Reader:
    """An IP packet behind so many bytes."""
    return lambda data, at, _end: by_version(data, at + length)


def _typed(type_at: int, length: int) -> Reader:
    """An EtherType among so many bytes."""
    return lambda data, at, _end: (u16(data, at + type_at), at + length)


def _tag(length: int) -> Reader:
    """A switch's tag between the MAC addresses and the EtherType."""
    return lambda data, at, _end: (u16(data, at + 12 + length), at + 14 + length)


def _llc_behind(length: int) -> Reader:
    return lambda data, at, _end: llc(data, at + length)


def _token_ring(data: memoryview, at: int, _end: int) -> Way:
    routing = data[at + 14] & 0x1F if data[at + 8] & _ROUTED else 0
    return llc(data, at + 14 + routing)


def _frame_relay(data: memoryview, at: int, _end: int) -> Way:
    """Behind an address of 2 to 4 bytes: RFC 2427, or an EtherType as Cisco's routers put it."""
    while not data[at] & 1:
        at += 1
    at += 1
    return nlpid(data, at + 1) if data[at] == 0x03 else (u16(data, at), at + 2)


def _cells(data: memoryview, at: int, _end: int) -> Way:
    """RFC 2684: LLC, or IP itself where one virtual channel carries one protocol."""
    return llc(data, at) or by_version(data, at)


def _session(data: memoryview, at: int, _end: int) -> Way:
    """PPP over Ethernet from its session header on, or PPP alone."""
    return ppp(data, at + 6) if data[at] == 0x11 and data[at + 1] == 0 else ppp(data, at)


def _packet_filter(data: memoryview, at: int, _end: int) -> Way:
    """The log of OpenBSD's pf, padded to four bytes."""
    return by_version(data, at + (data[at] + 3 & ~3))


def _netfilter(data: memoryview, at: int, end: int) -> Way:
    """Attributes in the byte order of the host, each padded to four bytes."""
    at += 4
    while at + 4 <= end:
        length, kind = data[at] | data[at + 1] << 8, data[at + 2] | data[at + 3] << 8
        if length < 4 or at + length > end:  # written on the other kind of host
            length, kind = u16(data, at), u16(data, at + 2)
        if kind & 0x7FFF == _PAYLOAD or length < 4:
            return by_version(data, at + 4) if length >= 4 else None
        at += length + 3 & ~3
    return None


def _juniper(data: memoryview, at: int, _end: int) -> Way:
    if data[at : at + 3] != _JUNIPER_MAGIC:
        return None
    extended = data[at + 3] & _EXTENDED
    return BRIDGED, at + 4 + (2 + u16(data, at + 4) if extended else 0)


def _endace(data: memoryview, at: int, end: int) -> Way:
    """An ERF record: its header, its extensions, and the packet."""
    kind, more = data[at + 8] & 0x7F, data[at + 8] & 0x80
    at += _ERF_HEADER
    while more:
        more, at = data[at] & 0x80, at + _ERF_EXTENSION
    read = {1: _hdlc, 2: _behind(2), 11: _behind(2), 16: _behind(2), 22: _ip_behind(0), 23: _ip_behind(0)}.get(kind)
    return read(data, at, end) if read is not None else None


def _hdlc(data: memoryview, at: int, end: int) -> Way:
    """Cisco's framing, or PPP."""
    return ppp(data, at) if data[at] == 0xFF else _typed(2, 4)(data, at, end)


def _per_packet(data: memoryview, at: int, _end: int) -> tuple[int, int]:
    """PPI: what was known of the packet, then the packet, of the link type that it names."""
    held = int.from_bytes(data[at + 4 : at + 8], "little")
    return held, at + int.from_bytes(data[at + 2 : at + 4], "little")


def _tapped(data: memoryview, at: int, _end: int) -> tuple[int, int]:
    """PKTAP: macOS's name for interface and process, then the packet."""
    return int.from_bytes(data[at + 8 : at + 12], "little"), at + int.from_bytes(data[at : at + 4], "little")


_ENVELOPES: dict[int, Callable[[memoryview, int, int], tuple[int, int]]] = {
    149: _tapped,  # where macOS wrote its own number for it
    192: _per_packet,
    258: _tapped,
}
_LINKS: dict[int, Reader] = {
    0: _ip_behind(4),
    1: _behind(0),
    6: _token_ring,
    9: ppp,
    10: _llc_behind(13),  # FDDI
    12: _ip_behind(0),
    50: ppp,
    51: _session,
    100: _cells,
    101: _ip_behind(0),
    104: _hdlc,
    107: _frame_relay,
    108: _ip_behind(4),
    109: _ip_behind(12),  # OpenBSD's enc
    113: _typed(14, 16),
    117: _packet_filter,
    123: lambda data, at, end: _cells(data, at + 4, end),  # SunATM
    166: lambda data, at, _end: ppp(data, at + 2),  # a direction and the control byte
    178: _juniper,
    197: _endace,
    204: lambda data, at, _end: ppp(data, at + 1),
    205: lambda data, at, end: _hdlc(data, at + 1, end),
    206: lambda data, at, end: _frame_relay(data, at + 1, end),
    226: _ip_behind(24),  # Solaris's ipnet
    228: _ip_behind(0),
    229: _ip_behind(0),
    239: _netfilter,
    240: _behind(4),  # netANALYZER
    241: _behind(12),  # with the preamble
    274: _behind(8),  # with the preamble
    276: _typed(0, 20),
    281: _tag(4),
    282: _behind(4),
    284: _tag(4),
    285: _tag(8),
}
