"""A packet of a link type that the columns do not read in, the EtherType of what it holds and where that begins out.

Serial lines, radio, rings and cells, firewalls' logs, hardware taps, and the envelopes in which hosts and switches hand
packets to a capture (the link types as tcpdump.org lists them). A packet may hold another link layer in its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from dicomsniff.tcp.radio import AVS, PRISM, RADIO, RADIOTAP, Held, radio_frames
from dicomsniff.tcp.shims import BRIDGED, Way, by_version, llc, nlpid, ppp, u16

DEEPEST_LINK = 3
_PAYLOAD = 9  # the attribute of NFLOG that holds the packet
_ROUTED = 0x80  # in the first byte of a token ring's source address: routing information follows
_JUNIPER_MAGIC, _EXTENDED, _NO_LINK = b"MGC", 0x80, 0x02
_ERF_HEADER, _ERF_EXTENSION = 16, 8

Reader = Callable[[memoryview, int, int], Way]


def odd_frames(view: memoryview, link_type: int, at: int, end: int) -> list[Held]:
    """EtherType and offset behind the link layer and where that ends, of each frame that the packet holds."""
    found: list[Held] = []
    with suppress(IndexError):  # it was cut within the next one
        found.extend(_frames(view, link_type, at, end, DEEPEST_LINK))
    return found


def _frames(data: memoryview, link_type: int, at: int, end: int, deep: int) -> Iterator[Held]:
    if not deep:
        return
    if link_type in (RADIO, PRISM, RADIOTAP, AVS):
        yield from radio_frames(data, link_type, at, end)
    elif link_type in _ENVELOPES:
        held, at = _ENVELOPES[link_type](data, at, end)
        yield from _frames(data, held, at, end, deep - 1)
    elif (read := _LINKS.get(link_type)) is not None and (way := read(data, at, end)) and way[0]:
        yield *way, end


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


def _juniper(behind: Reader) -> Reader:
    """Behind what Juniper's routers say of a packet; where they took its link layer away, IP behind a number."""

    def read(data: memoryview, at: int, end: int) -> Way:
        if data[at : at + 3] != _JUNIPER_MAGIC:
            return None
        flags = data[at + 3]
        at += 4 + (2 + u16(data, at + 4) if flags & _EXTENDED else 0)
        return by_version(data, at + 4) if flags & _NO_LINK else behind(data, at, end)

    return read


def _arcnet(type_at: int) -> Reader:
    """RFC 1201, whole packets and not their fragments, and RFC 1051."""

    def read(data: memoryview, at: int, _end: int) -> Way:
        kind, at = data[at + type_at], at + type_at + 1
        if kind == 0xF0:
            return by_version(data, at)
        if kind != 0xD4:
            return None
        at += 4 if data[at] == 0xFF else 0  # an exception, because of the length
        return by_version(data, at + 3) if data[at] == 0 else None

    return read


def _symantec(data: memoryview, at: int, _end: int) -> Way:
    """Version 2 of their firewall, or 3: the EtherType of the other is zero."""
    old, new = u16(data, at + 6), u16(data, at + 10)
    return (old, at + 44) if new == 0 else (new, at + 56) if old == 0 else None


def _cable(data: memoryview, at: int, _end: int) -> Way:
    """A packet PDU of DOCSIS, perhaps with an extended header."""
    if data[at] & 0xC0:
        return None
    return BRIDGED, at + 6 + (data[at + 1] if data[at] & 1 else 0)


def _exported(data: memoryview, at: int, end: int) -> Way:
    """What Wireshark exported: values, of which one names what follows them."""
    name = b""
    while at + 4 <= end:
        kind, length = u16(data, at), u16(data, at + 2)
        if kind == 0:
            break
        if kind == 12:
            name = bytes(data[at + 4 : at + 4 + length]).rstrip(b"\0")
        at += 4 + length
    if name.startswith(b"eth"):
        return BRIDGED, at + 4
    return by_version(data, at + 4) if name in (b"ip", b"ipv6", b"raw") else None


def _endace(data: memoryview, at: int, end: int) -> Way:
    """An ERF record: its header, its extensions, and the packet."""
    kind, more = data[at + 8] & 0x7F, data[at + 8] & 0x80
    at += _ERF_HEADER
    while more:
        more, at = data[at] & 0x80, at + _ERF_EXTENSION
    read = _RECORDS.get(kind)
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


_RECORDS: dict[int, Reader] = {
    **dict.fromkeys((1, 10, 15, 19), _hdlc),
    **dict.fromkeys((2, 11, 16, 20), _behind(2)),
    **dict.fromkeys((5, 17), lambda data, at, end: _hdlc(data, at + 4, end)),  # of several channels
    **dict.fromkeys((22, 23), _ip_behind(0)),
}
"""By the kind of an ERF record."""
_ENVELOPES: dict[int, Callable[[memoryview, int, int], tuple[int, int]]] = {
    149: _tapped,  # where macOS wrote its own number for it
    192: _per_packet,
    258: _tapped,
}
_LINKS: dict[int, Reader] = {
    0: _ip_behind(4),
    1: _behind(0),
    6: _token_ring,
    7: _arcnet(2),
    8: _ip_behind(16),  # SLIP
    9: ppp,
    10: _llc_behind(13),  # FDDI
    11: _cells,
    12: _ip_behind(0),
    15: _ip_behind(16),
    19: _cells,
    50: ppp,
    51: _session,
    99: _symantec,
    100: _cells,
    101: _ip_behind(0),
    102: _ip_behind(16),  # SLIP of BSD/OS
    104: _hdlc,
    106: _cells,
    107: _frame_relay,
    108: _ip_behind(4),
    109: _ip_behind(12),  # OpenBSD's enc
    113: _typed(14, 16),
    117: _packet_filter,
    122: _llc_behind(16),  # fibre channel
    123: lambda data, at, end: _cells(data, at + 4, end),  # SunATM
    129: _arcnet(4),
    138: _typed(16, 18),  # FireWire
    143: _cable,
    166: lambda data, at, _end: ppp(data, at + 2),  # a direction and the control byte
    178: _juniper(_behind(0)),
    179: _juniper(ppp),
    180: _juniper(_frame_relay),
    181: _juniper(_hdlc),
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
    242: _typed(40, 44),  # InfiniBand
    252: _exported,
    259: _behind(8),  # passive optical networks
    274: _behind(8),  # with the preamble
    276: _typed(0, 20),
    281: _tag(4),
    282: _behind(4),
    284: _tag(4),
    285: _tag(8),
}
