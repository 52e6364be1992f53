"""One unusual packet in, the innermost TCP header, IP fragment or ICMP message out, by offsets and without copying.

Peels what `shims` knows between MAC addresses and IP; GRE, IP in IP, EtherIP (RFC 3378), MPLS in IP (RFC 4023), frames in
IPv6 (RFC 8986), authentication and IPv6 extension headers (RFC 4302, RFC 8200), what `datagrams` knows in UDP, and what
`unsealed` can prove.
"""

from __future__ import annotations

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.datagrams import in_datagram
from dicomsniff.tcp.gre import gre
from dicomsniff.tcp.shims import BRIDGED, IPV4, IPV6, MPLS_TYPES, shimmed, u16
from dicomsniff.tcp.unsealed import session, unencrypted

TCP, UDP, GRE, ICMP, ICMP6, FRAGMENT_HEADER, ESP, AUTHENTICATION = 6, 17, 47, 1, 58, 44, 50, 51
ETHER_IP, L2TP, MPLS_IN_IP, ETHERNET = 97, 115, 137, 143
TUNNEL_PROTOCOLS = (4, 41, GRE, AUTHENTICATION, ETHER_IP, L2TP, MPLS_IN_IP, ETHERNET)
EXTENSION_HEADERS = (0, 43, AUTHENTICATION, 60, 135, 139, 140)
DEEPEST = 12
_IN_IP = {4: (IPV4, 0), 41: (IPV6, 0), ETHER_IP: (BRIDGED, 2), MPLS_IN_IP: (MPLS_TYPES[0], 0), ETHERNET: (BRIDGED, 0)}


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
        return gre(data, at)
    if protocol == UDP:
        return in_datagram(data, at, end)
    if protocol == L2TP:
        return session(data, at, end)
    if protocol == ESP:
        return _esp(data, version, header, at, packet_end) if packet_end <= end else None
    ether, length = _IN_IP.get(protocol, (0, 0))
    return (ether, at + length) if ether else None


def _esp(data: memoryview, version: int, header: int, at: int, end: int) -> Step:
    addresses = data[header + 8 : header + 40] if version == 6 else data[header + 12 : header + 20] if version else b""
    held = unencrypted(data, at, end, bytes(addresses))
    if held is None:
        return None
    ether, start, stop = held
    return (ether, start) if ether else Inner(version, header, start, stop, TCP)
