"""One unusual packet in, the innermost TCP header, IP fragment or ICMP message out, by offsets and without copying.

Peels what `shims` knows between MAC addresses and IP; GRE (RFC 2784, RFC 2890, RFC 2637) with Ethernet, PPP, ERSPAN or
WCCP inside, IP in IP, EtherIP (RFC 3378), MPLS in IP (RFC 4023), authentication and IPv6 extension headers (RFC 4302,
RFC 8200), and what `datagrams` knows in UDP.
"""

from __future__ import annotations

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.datagrams import in_datagram
from dicomsniff.tcp.shims import BRIDGED, IPV4, IPV6, MPLS_TYPES, by_version, ppp, shimmed, u16

ERSPAN_2, ERSPAN_3, WCCP, PPP_IN_GRE = 0x88BE, 0x22EB, 0x883E, 0x880B
TCP, UDP, GRE, ICMP, ICMP6, FRAGMENT_HEADER, AUTHENTICATION = 6, 17, 47, 1, 58, 44, 51
ETHER_IP, MPLS_IN_IP = 97, 137
TUNNEL_PROTOCOLS = (4, 41, GRE, AUTHENTICATION, ETHER_IP, MPLS_IN_IP)
EXTENSION_HEADERS = (0, 43, AUTHENTICATION, 60, 135, 139, 140)
DEEPEST = 12
_IN_IP = {4: (IPV4, 0), 41: (IPV6, 0), ETHER_IP: (BRIDGED, 2), MPLS_IN_IP: (MPLS_TYPES[0], 0)}


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
    return shimmed(data, ether, at, end)


def _ipv4(data: memoryview, at: int, end: int) -> Step:
    length = (data[at] & 15) * 4
    if data[at] >> 4 != 4 or length < 20 or at + length > end:
        return None
    total = u16(data, at + 2)
    packet_end = at + total if total >= length else end
    flags = u16(data, at + 6)
    protocol = data[at + 9]
    if flags & 0x3FFF:
        return Inner(
            4, at, at + length, packet_end, protocol, (u16(data, at + 4), (flags & 0x1FFF) * 8, bool(flags & 0x2000))
        )
    payload = at + length
    if protocol == AUTHENTICATION:
        protocol, payload = _behind_extensions(data, protocol, payload)
    return _transport(data, 4, at, payload, min(end, packet_end), packet_end, protocol)


def _ipv6(data: memoryview, at: int, end: int) -> Step:
    if data[at] >> 4 != 6 or at + 40 > end:
        return None
    total = u16(data, at + 4)
    packet_end = at + 40 + total if total else end
    protocol, payload = _behind_extensions(data, data[at + 6], at + 40)
    if protocol == FRAGMENT_HEADER:
        word, inner = u16(data, payload + 2), data[payload]
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
    if protocol == GRE:
        return _gre(data, at)
    if protocol == UDP:
        return in_datagram(data, at, end)
    ether, length = _IN_IP.get(protocol, (0, 0))
    return (ether, at + length) if ether else None


def _gre(data: memoryview, at: int) -> Step:
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
