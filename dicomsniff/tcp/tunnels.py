"""One unusual packet in, the innermost TCP header, IP fragment or ICMP message out, by offsets and without copying.

Peels VLAN tags, MPLS (RFC 3032, RFC 4385), PPPoE (RFC 2516), GRE (RFC 2784, RFC 2890) with Ethernet or ERSPAN inside,
IP in IP, VXLAN (RFC 7348), GENEVE (RFC 8926), GTP-U (TS 29.281) and IPv6 extension headers (RFC 8200).
"""

from __future__ import annotations

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.link import IPV4, IPV6, VLAN_TYPES

MPLS_TYPES, PPPOE, BRIDGED = (0x8847, 0x8848), 0x8864, 0x6558
ERSPAN_2, ERSPAN_3 = 0x88BE, 0x22EB
TCP, UDP, GRE, ICMP, ICMP6, FRAGMENT_HEADER = 6, 17, 47, 1, 58, 44
VXLAN_PORTS, GENEVE_PORT, GTP_PORT = (4789, 8472), 6081, 2152
ENCAPSULATIONS = (*MPLS_TYPES, PPPOE)
TUNNEL_PORTS = (*VXLAN_PORTS, GENEVE_PORT, GTP_PORT)
TUNNEL_PROTOCOLS = (4, 41, GRE)
EXTENSION_HEADERS = (0, 43, 51, 60, 135, 139, 140)
DEEPEST = 12


class Inner(NamedTuple):
    """What lies inside: the IP version, where its header, its payload and (on the wire) its packet end; `protocol` is
    TCP, ICMP or ICMPv6. For a fragment, `fragment` is (identification, offset, more) and the payload a piece."""

    version: int
    header: int
    payload: int
    packet_end: int
    protocol: int
    fragment: tuple[int, int, bool] | None = None


Step = tuple[int, int] | Inner | None  # the next EtherType and offset, the end of the way, or nothing of use


def peel(data: memoryview, ether: int, at: int, end: int) -> Inner | None:
    """Follow headers from the one of EtherType `ether` at `at`; None where they lead to nothing TCP needs."""
    for _ in range(DEEPEST):
        try:
            step = _step(data, ether, at, end)
        except IndexError:
            return None
        if not isinstance(step, tuple) or isinstance(step, Inner):
            return step
        ether, at = step
        if at >= end:
            return None
    return None


def peel_payload(data: memoryview, protocol: int) -> Inner | None:
    """The same for the payload of an IP packet that came in fragments; version 0 where no other IP header is inside."""
    try:
        protocol, at = _behind_extensions(data, protocol, 0)
        step = _transport(data, 0, 0, at, len(data), len(data), protocol)
    except IndexError:
        return None
    if not isinstance(step, tuple) or isinstance(step, Inner):
        return step
    return peel(data, step[0], step[1], len(data))


def _step(data: memoryview, ether: int, at: int, end: int) -> Step:
    if ether == IPV4:
        return _ipv4(data, at, end)
    if ether == IPV6:
        return _ipv6(data, at, end)
    if ether in VLAN_TYPES:
        return _u16(data, at + 2), at + 4
    if ether in MPLS_TYPES:
        return _mpls(data, at, end)
    if ether == PPPOE:
        return _ppp(_u16(data, at + 6), at + 8) if data[at + 1] == 0 else None
    if ether == BRIDGED:
        return _u16(data, at + 12), at + 14
    return None


def _u16(data: memoryview, at: int) -> int:
    return data[at] << 8 | data[at + 1]


def _ppp(protocol: int, at: int) -> Step:
    return {0x0021: (IPV4, at), 0x0057: (IPV6, at)}.get(protocol)


def _by_version(data: memoryview, at: int) -> Step:
    return {4: (IPV4, at), 6: (IPV6, at)}.get(data[at] >> 4)


def _mpls(data: memoryview, at: int, end: int) -> Step:
    while at + 4 < end:
        bottom = data[at + 2] & 1
        at += 4
        if bottom:  # a first nibble of 0 is a pseudowire's control word before an Ethernet frame
            return (BRIDGED, at + 4) if data[at] >> 4 == 0 else _by_version(data, at)
    return None


def _ipv4(data: memoryview, at: int, end: int) -> Step:
    length = (data[at] & 15) * 4
    if data[at] >> 4 != 4 or length < 20 or at + length > end:
        return None
    total = _u16(data, at + 2)
    packet_end = at + total if total >= length else end
    flags = _u16(data, at + 6)
    protocol = data[at + 9]
    if flags & 0x3FFF:
        return Inner(
            4, at, at + length, packet_end, protocol, (_u16(data, at + 4), (flags & 0x1FFF) * 8, bool(flags & 0x2000))
        )
    return _transport(data, 4, at, at + length, min(end, packet_end), packet_end, protocol)


def _ipv6(data: memoryview, at: int, end: int) -> Step:
    if data[at] >> 4 != 6 or at + 40 > end:
        return None
    total = _u16(data, at + 4)
    packet_end = at + 40 + total if total else end
    protocol, payload = _behind_extensions(data, data[at + 6], at + 40)
    if protocol == FRAGMENT_HEADER:
        word, inner = _u16(data, payload + 2), data[payload]
        if word & 0xFFF9:
            identification = int.from_bytes(data[payload + 4 : payload + 8], "big")
            return Inner(6, at, payload + 8, packet_end, inner, (identification, word & 0xFFF8, bool(word & 1)))
        protocol, payload = _behind_extensions(data, inner, payload + 8)  # a whole packet (RFC 6946)
    return _transport(data, 6, at, payload, min(end, packet_end), packet_end, protocol)


def _behind_extensions(data: memoryview, protocol: int, at: int) -> tuple[int, int]:
    """The first protocol that is no IPv6 extension header, and where it begins."""
    for _ in range(DEEPEST):
        if protocol not in EXTENSION_HEADERS:
            break
        length = (data[at + 1] + 2) * 4 if protocol == 51 else (data[at + 1] + 1) * 8
        protocol, at = data[at], at + length
    return protocol, at


def _transport(data: memoryview, version: int, header: int, at: int, end: int, packet_end: int, protocol: int) -> Step:
    if protocol in (TCP, ICMP, ICMP6):
        return Inner(version, header, at, packet_end, protocol)
    if protocol == 4:
        return IPV4, at
    if protocol == 41:
        return IPV6, at
    if protocol == GRE:
        return _gre(data, at)
    if protocol == UDP:
        return _udp(data, at)
    return None


def _gre(data: memoryview, at: int) -> Step:
    flags, protocol = _u16(data, at), _u16(data, at + 2)
    if flags & 0x07:  # version 1 is PPTP
        return None
    inner = at + 4 + 4 * (bool(flags & 0x8000) + bool(flags & 0x2000) + bool(flags & 0x1000))
    if protocol == ERSPAN_2:  # without a sequence number it is type I, which has no header of its own
        return BRIDGED, inner + (8 if flags & 0x1000 else 0)
    if protocol == ERSPAN_3:
        return BRIDGED, inner + (20 if data[inner + 11] & 1 else 12)
    return protocol, inner


def _udp(data: memoryview, at: int) -> Step:
    port, inner = _u16(data, at + 2), at + 8
    if port in VXLAN_PORTS:
        return (BRIDGED, inner + 8) if data[inner] & 0x08 else None
    if port == GENEVE_PORT:
        return _u16(data, inner + 2), inner + 8 + (data[inner] & 0x3F) * 4
    if port == GTP_PORT and data[inner] >> 4 == 3 and data[inner + 1] == 0xFF:
        return _gtp(data, inner)
    return None


def _gtp(data: memoryview, at: int) -> Step:
    inner = at + 8
    if data[at] & 0x07:
        following, inner = data[at + 11], inner + 4
        for _ in range(DEEPEST):
            if not (data[at] & 0x04 and following):
                break
            length = data[inner] * 4
            if not length:
                return None
            following, inner = data[inner + length - 1], inner + length
    return _by_version(data, inner)
