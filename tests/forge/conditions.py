"""Field conditions: Ethernet frames of a clean capture in, the files that a less fortunate capture of them would be out."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.forge.capture_files import NS, Packet, enhanced, interface, option, padded, pcap, pcapng, section, simple

HOUR = 3600 * NS
NANO = 0xA1B23C4D
MODIFIED = 0xA1B2CD34
Wrap = Callable[[bytes, int], bytes]  # a frame and its place in the capture in, another frame out
Files = list[bytes]
_OUTER_4 = bytes([192, 168, 1, 1, 192, 168, 1, 2])
_OUTER_6 = bytes.fromhex("20010db8000000000000000000000001") + bytes.fromhex("20010db8000000000000000000000002")


def ipv4(protocol: int, payload: bytes, identification: int = 1, fragment: int = 0) -> bytes:
    """An outer IPv4 packet; `fragment` is its field of flags and offset."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), identification, fragment, 64, protocol, 0)
    return head + _OUTER_4 + payload


def ipv6(protocol: int, payload: bytes, addresses: bytes = _OUTER_6) -> bytes:
    return struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + addresses + payload


def udp(port: int, payload: bytes) -> bytes:
    return struct.pack(">HHHH", 40000, port, 8 + len(payload), 0) + payload


def on_ethernet(frame: bytes, ether: int, payload: bytes) -> bytes:
    """The MAC addresses of `frame` before something else."""
    return frame[:12] + struct.pack(">H", ether) + payload


def outer(frame: bytes, protocol: int, payload: bytes) -> bytes:
    return on_ethernet(frame, 0x0800, ipv4(protocol, payload))


def packet_of(frame: bytes) -> bytes:
    """The IPv4 packet in a frame, without Ethernet padding."""
    return frame[14 : 14 + int.from_bytes(frame[16:18], "big")]


def to_ipv6(packet: bytes, extensions: tuple[int, bytes] | None = None) -> bytes:
    """An IPv4 packet as the IPv6 packet that says the same between two mapped hosts; headers may stand before TCP."""
    body = packet[(packet[0] & 15) * 4 :]
    addresses = b"".join(b"\x20\x01\x0d\xb8" + bytes(8) + packet[at : at + 4] for at in (12, 16))
    protocol, chain = extensions or (packet[9], b"")
    return ipv6(protocol, chain + body, addresses)


def hop_by_hop(following: int) -> bytes:
    return bytes([following, 0, 1, 4, 0, 0, 0, 0])  # PadN


def destination(following: int) -> bytes:
    return bytes([following, 1, 1, 12]) + bytes(12)


def gre(protocol: int, payload: bytes, sequence: int | None = None, key: int | None = None) -> bytes:
    flags = 0x1000 * (sequence is not None) | 0x2000 * (key is not None)
    words = b"".join(struct.pack(">I", word) for word in (key, sequence) if word is not None)
    return struct.pack(">HH", flags, protocol) + words + payload


def _radio(frame: bytes, _: int) -> bytes:
    """Radiotap, a QoS data frame from a station to the access point, LLC/SNAP."""
    addresses = b"\x02\0\0\0\0\x09" + frame[6:12] + frame[:6]
    return (
        b"\0\0\x08\0\0\0\0\0" + b"\x88\x01\x2c\0" + addresses + b"\x10\0" + b"\0\0" + b"\xaa\xaa\x03\0\0\0" + frame[12:]
    )


def _wlan(frame: bytes, _: int) -> bytes:
    addresses = frame[:6] + b"\x02\0\0\0\0\x09" + frame[6:12]
    return b"\x08\x02\x2c\0" + addresses + b"\x10\0" + b"\xaa\xaa\x03\0\0\0" + frame[12:]


def _sll2(frame: bytes, _: int) -> bytes:
    return frame[12:14] + struct.pack(">HIHBB", 0, 2, 1, 4, 6) + frame[6:12] + b"\0\0" + frame[14:]


def _geneve(frame: bytes, _: int) -> bytes:
    return outer(frame, 17, udp(6081, b"\x02\0\x65\x58\0\0\x2a\0" + b"\1\2\3\1\0\0\0\7" + frame))


def _vxlan_6(frame: bytes, _: int) -> bytes:
    tagged = frame[:12] + b"\x81\0\0\x0a" + frame[12:]
    return on_ethernet(frame, 0x86DD, ipv6(17, udp(4789, b"\x08\0\0\0\0\0\x2a\0" + tagged)))


def _gtp(frame: bytes, _: int) -> bytes:
    inner = packet_of(frame)
    return outer(frame, 17, udp(2152, struct.pack(">BBHI", 0x30, 0xFF, len(inner), 7) + inner))


def _gtp_extended(frame: bytes, at: int) -> bytes:
    """With a sequence number and the PDU session container of 5G (TS 38.415)."""
    body = struct.pack(">HBB", at & 0xFFFF, 0, 0x85) + b"\x01\x00\x09\x00" + packet_of(frame)
    return outer(frame, 17, udp(2152, struct.pack(">BBHI", 0x36, 0xFF, len(body), 7) + body))


def _erspan_2(frame: bytes, at: int) -> bytes:
    return outer(frame, 47, gre(0x88BE, struct.pack(">HHI", 0x1000, 1, 0) + frame, sequence=at))


def _erspan_3(frame: bytes, at: int) -> bytes:
    return outer(frame, 47, gre(0x22EB, struct.pack(">HHIHH", 0x2000, 1, at, 0, 0) + frame, sequence=at))


def _erspan_3_platform(frame: bytes, at: int) -> bytes:
    return outer(frame, 47, gre(0x22EB, struct.pack(">HHIHH", 0x2000, 1, at, 0, 1) + bytes(8) + frame, sequence=at))


def _erspan_1(frame: bytes, _: int) -> bytes:
    return outer(frame, 47, gre(0x88BE, frame))


def _pseudowire(frame: bytes, at: int) -> bytes:
    labels = b"\0\1\0\x40\0\2\1\x40"
    tagged = frame[:12] + b"\x81\0\0\x0a" + frame[12:]
    return on_ethernet(frame, 0x8847, labels + struct.pack(">HH", 0, at & 0xFFFF) + tagged)


def _pppoe_in_vlan(frame: bytes, _: int) -> bytes:
    inner = packet_of(frame)
    session = struct.pack(">BBHH", 0x11, 0, 7, 2 + len(inner)) + b"\0\x21" + inner
    return on_ethernet(frame, 0x88A8, b"\0\x64\x81\0\0\x0a\x88\x64" + session)


LINKS: dict[str, tuple[int, Wrap]] = {
    "sll2": (276, _sll2),
    "radiotap": (127, _radio),
    "wlan": (105, _wlan),
    "ppp": (9, lambda f, _: b"\0\x21" + packet_of(f)),
    "ppp in HDLC framing": (50, lambda f, _: b"\xff\x03\0\x21" + packet_of(f)),
    "loop": (108, lambda f, _: struct.pack(">I", 2) + packet_of(f)),
    "null of another machine": (0, lambda f, _: struct.pack(">I", 2) + packet_of(f)),
    "raw IPv4": (228, lambda f, _: packet_of(f)),
    "raw IPv6": (229, lambda f, _: to_ipv6(packet_of(f))),
    "nflog": (
        239,
        lambda f, _: b"\2\0\0\5\5\0\7\0\0\0\0\0" + struct.pack("<HH", 4 + len(packet_of(f)), 9) + packet_of(f),
    ),
    "loop IPv6": (108, lambda f, _: struct.pack(">I", 30) + to_ipv6(packet_of(f))),
}
TUNNELS: dict[str, Wrap] = {
    "geneve": _geneve,
    "vxlan over IPv6 with a VLAN inside": _vxlan_6,
    "gtp-u": _gtp,
    "gtp-u with extension headers": _gtp_extended,
    "erspan I": _erspan_1,
    "erspan II": _erspan_2,
    "erspan III": _erspan_3,
    "erspan III with platform header": _erspan_3_platform,
    "gre with key and sequence": lambda f, at: outer(f, 47, gre(0x0800, packet_of(f), at, 42)),
    "ethernet in gre": lambda f, _: outer(f, 47, gre(0x6558, f)),
    "tzsp": lambda f, _: outer(f, 17, udp(37008, b"\1\0\0\1\x0a\1\x33\1" + f)),
    "l2tp": lambda f, _: outer(f, 17, udp(1701, b"\0\2\0\1\0\2\xff\3\0\x21" + packet_of(f))),
    "ip in ip": lambda f, _: outer(f, 4, packet_of(f)),
    "6in4": lambda f, _: outer(f, 41, to_ipv6(packet_of(f))),
    "4in6": lambda f, _: on_ethernet(f, 0x86DD, ipv6(4, packet_of(f))),
    "ipv6": lambda f, _: on_ethernet(f, 0x86DD, to_ipv6(packet_of(f))),
    "ipv6 extension headers": lambda f, _: on_ethernet(
        f, 0x86DD, to_ipv6(packet_of(f), (0, hop_by_hop(60) + destination(6)))
    ),
    "ipv6 atomic fragments": lambda f, _: on_ethernet(f, 0x86DD, to_ipv6(packet_of(f), (44, b"\6" + bytes(7)))),
    "vlan in mpls": _pseudowire,
    "mpls in vlan": lambda f, _: on_ethernet(f, 0x8100, b"\0\x0a\x88\x47" + b"\0\1\0\x40\0\2\1\x40" + packet_of(f)),
    "pppoe in two vlans": _pppoe_in_vlan,
    "four vlans": lambda f, _: f[:12] + b"\x88\xa8\0\1\x91\0\0\2\x81\0\0\3\x81\0\0\4" + f[12:],
    "mpls in gre in vxlan": lambda f, _: outer(
        f, 17, udp(4789, b"\x08\0\0\0\0\0\1\0" + outer(f, 47, gre(0x8847, b"\0\1\1\x40" + packet_of(f))))
    ),
}


def wrapped(packets: Sequence[Packet], wrap: Wrap, link_type: int = 1) -> Files:
    """Every frame in another encapsulation, all of one link type."""
    return [pcap([Packet(p.time_ns, wrap(p.data, at)) for at, p in enumerate(packets)], "<", NANO, link_type)]


def ipv4_fragments(
    packets: Sequence[Packet], *, backwards: bool = False, overlap: int = 0, false: bool = False
) -> Files:
    """Long packets in pieces of 480 bytes; `overlap` bytes of each again in a later one that loses, true or `false`."""
    out = []
    for at, p in enumerate(packets):
        pieces = _pieces(packet_of(p.data), at, overlap, 0xFF * false)
        out += [Packet(p.time_ns, p.data[:14] + piece) for piece in (pieces[::-1] if backwards else pieces)]
    return [pcap(out, magic=NANO)]


def _pieces(packet: bytes, at: int, overlap: int, change: int) -> list[bytes]:
    head, body = packet[:20], packet[(packet[0] & 15) * 4 :]
    if len(body) <= 600:
        return [packet]
    pieces = []
    for start in range(0, len(body), 480):
        data, first = body[start : start + 480], max(0, start - overlap)
        data = bytes(b ^ change for b in body[first:start]) + data
        more = 0x2000 * (start + 480 < len(body))
        field = struct.pack(">HHH", 20 + len(data), at & 0xFFFF, more | first // 8)
        pieces.append(b"\x45\0" + field + head[8:20] + data)
    return pieces


def ipv6_fragments(packets: Sequence[Packet]) -> Files:
    out = []
    for at, p in enumerate(packets):
        packet = packet_of(p.data)
        body, size = packet[(packet[0] & 15) * 4 :], 480
        short = packet[: (packet[0] & 15) * 4]
        starts = range(0, len(body), size) if len(body) > size else []
        pieces = [
            to_ipv6(short + body[s : s + size], (44, struct.pack(">BBHI", 6, 0, s | (s + size < len(body)), at)))
            for s in starts
        ] or [to_ipv6(packet)]
        out += [Packet(p.time_ns, on_ethernet(p.data, 0x86DD, piece)) for piece in pieces]
    return [pcap(out, magic=NANO)]


def two_interfaces(packets: Sequence[Packet]) -> Files:
    """One sees each second packet, in nanoseconds on Ethernet; the other the rest, in 2**-30 s and cooked."""
    data = section() + interface(1, options=option(9, b"\x09")) + interface(276, options=option(9, b"\x9e"))
    for at, p in enumerate(packets):
        seconds, rest = divmod(p.time_ns, NS)
        ticks = (seconds << 30) - (-rest << 30) // NS  # rounded up, so that nothing is lost to the reader
        cooked = enhanced(Packet(p.time_ns, _sll2(p.data, at)), 1, ticks)
        data += cooked if at % 2 else enhanced(p, 0, p.time_ns)
    return [data]


def check_sequences(packets: Sequence[Packet]) -> Files:
    """Four bytes behind every frame, and their length in the upper bits of the link type."""
    return [pcap([Packet(p.time_ns, p.data + b"\xde\xad\xbe\xef") for p in packets], magic=NANO, link_type=0x24000001)]


def two_sections(packets: Sequence[Packet]) -> Files:
    half = len(packets) // 2
    cooked = [Packet(p.time_ns, _sll2(p.data, at)) for at, p in enumerate(packets[half:])]
    return [pcapng(packets[:half], "<", 1) + pcapng(cooked, ">", 276)]


def files_in_reverse(packets: Sequence[Packet]) -> Files:
    size = -(-len(packets) // 5)
    return [pcap(packets[at : at + size], magic=NANO) for at in range(0, len(packets), size)][::-1]


def interleaved_files(packets: Sequence[Packet]) -> Files:
    """One file for each direction, as two taps write them."""
    by_source: dict[bytes, list[Packet]] = {}
    for p in packets:
        by_source.setdefault(p.data[26:30], []).append(p)
    return [pcap(part, magic=NANO) for part in by_source.values()]


@dataclass(frozen=True)
class Shift:
    """From the packet at this share of the capture on, the clock shows so much more."""

    share: float
    ns: int


def retimed(packets: Sequence[Packet], *shifts: Shift) -> Files:
    def shifted(at: int, time_ns: int) -> int:
        return time_ns + sum(s.ns for s in shifts if at >= s.share * len(packets))

    return [pcap([Packet(shifted(at, p.time_ns), p.data) for at, p in enumerate(packets)], magic=NANO)]


def at_times(packets: Sequence[Packet], time_of: Callable[[int], int]) -> Files:
    return [pcap([Packet(time_of(p.time_ns), p.data) for p in packets], magic=NANO)]


def untimed(packets: Sequence[Packet], every: int = 1) -> Files:
    """Simple Packet Blocks, all of them or each so many packets."""
    blocks = [simple(Packet(0, padded(p.data))) if at % every == 0 else enhanced(p) for at, p in enumerate(packets)]
    return [section() + interface() + b"".join(blocks)]


HARMLESS: dict[str, Callable[[Sequence[Packet]], Files]] = {
    "ipv4 fragments backwards": lambda p: ipv4_fragments(p, backwards=True),
    "ipv4 fragments that overlap": lambda p: ipv4_fragments(p, overlap=16),
    "ipv4 fragments that contradict": lambda p: ipv4_fragments(p, overlap=16, false=True),
    "ipv6 fragments": ipv6_fragments,
    "two interfaces": two_interfaces,
    "frame check sequences": check_sequences,
    "modified pcap": lambda p: [pcap(p, ">", MODIFIED)],
    "two sections": two_sections,
    "files in reverse": files_in_reverse,
    "a file for each direction": interleaved_files,
}
TIMES: dict[str, Callable[[Sequence[Packet]], Files]] = {
    **{f"an hour back at {share}": lambda p, s=share: retimed(p, Shift(s, -HOUR)) for share in (0.1, 0.5, 0.9)},  # type: ignore[misc]
    "two hours forward": lambda p: retimed(p, Shift(0.5, 2 * HOUR)),
    "there and back": lambda p: retimed(p, Shift(0.3, -HOUR), Shift(0.6, HOUR)),
    "back again and again": lambda p: retimed(p, *(Shift(i / 20, -90 * NS) for i in range(20))),
    "forward again and again": lambda p: retimed(p, *(Shift(i / 20, 2 * HOUR) for i in range(20))),
    "one time for all": lambda p: at_times(p, lambda _: p[0].time_ns),
    "ten milliseconds": lambda p: at_times(p, lambda t: t // 10_000_000 * 10_000_000),
    "whole seconds": lambda p: at_times(p, lambda t: t // NS * NS),
    "zero times": lambda p: at_times(p, lambda _: 0),
    "from zero": lambda p: at_times(p, lambda t: t - p[0].time_ns),
    "no times": untimed,
    "each third without time": lambda p: untimed(p, 3),
    "running backwards": lambda p: at_times(p, lambda t: 2 * p[0].time_ns - t),
}
