"""Frames of a clean conversation in; the same as another capture point, or several at once, would have had them out."""

import struct
from collections.abc import Mapping, Sequence
from hashlib import sha256
from ipaddress import ip_address
from zlib import crc32

from dicomsniff.core import Direction
from tests.forge.capture_files import Packet
from tests.forge.wire import ACK, BACK, FIN, OUT, PSH, RST, Frame, Wire

LINK, V4, V6 = 14, 20, 40
End = tuple[str, int]


def sealed(frames: Sequence[Frame], identification: int | None = 1) -> list[Frame]:
    """With right checksums and, over IPv4, identifications that count up from `identification` (None: all zero)."""
    return [
        (time, _sealed(frame, 0 if identification is None else (identification + place) & 0xFFFF))
        for place, (time, frame) in enumerate(frames)
    ]


def twice(frames: Sequence[Frame], late_ns: int = 3_000) -> list[Frame]:
    """A mirror session of both ports: every frame again, a little later."""
    return merged(frames, [(time + late_ns, frame) for time, frame in frames])


def behind_router(frames: Sequence[Frame], late_ns: int = 20_000, vlan: int | None = None) -> list[Frame]:
    """The frames as the router sends them on: other MAC addresses, a TTL one less, perhaps another VLAN."""
    return [(time + late_ns, _routed(frame, vlan)) for time, frame in frames]


def tagged(frames: Sequence[Frame], *tags: tuple[int, int], late_ns: int = 4_000) -> list[Frame]:
    """The frames on a trunk, behind VLAN tags (EtherType and number), the outermost first."""
    put = b"".join(struct.pack(">HH", *tag) for tag in tags)
    return [(time + late_ns, frame[:12] + put + frame[12:]) for time, frame in frames]


def translated(frames: Sequence[Frame], addresses: Mapping[End, End], late_ns: int = 5_000) -> list[Frame]:
    """The frames on the server's side of a NAT that replaces these IPv4 ends: later there, earlier back; the rest, the
    sequence numbers among it, stays. The first frame is the client's."""
    packed = {_packed(*old): _packed(*new) for old, new in addresses.items()}
    client = frames[0][1][LINK + 12 : LINK + 16]
    return [
        (time + (late_ns if frame[LINK + 12 : LINK + 16] == client else -late_ns), _translated(frame, packed))
        for time, frame in frames
    ]


def relayed(frames: Sequence[Frame], addresses: Mapping[End, End], late_ns: int = 5_000) -> list[Frame]:
    """The same bytes on a connection of a proxy's own, with sequence numbers of its own."""
    client = frames[0][1][LINK + 12 : LINK + 16]
    moved = [(time, _renumbered(frame, frame[LINK + 12 : LINK + 16] == client)) for time, frame in frames]
    return translated(moved, addresses, late_ns)


def with_header(frames: list[Frame], header: bytes) -> list[Frame]:
    """The same connection with so many bytes more before the first that its initiator says."""
    out: list[Frame] = []
    length = 0
    for time_ns, frame in frames:
        there = frame[14 + 12 : 14 + 16] == frames[0][1][14 + 12 : 14 + 16]
        seq_at = 14 + 20 + (4 if there else 8)
        shifted = (int.from_bytes(frame[seq_at : seq_at + 4], "big") + length) % 2**32
        frame = frame[:seq_at] + shifted.to_bytes(4, "big") + frame[seq_at + 4 :]
        size = 14 + 20 + (frame[14 + 20 + 12] >> 4) * 4
        if not length and there and len(frame) > size:
            frame, length = frame[:size] + header + frame[size:], len(header)
            total = int.from_bytes(frame[16:18], "big") + length
            frame = frame[:16] + total.to_bytes(2, "big") + frame[18:]
        out.append((time_ns, frame))
    return out


def counted(frames: Sequence[Frame], first: int = 7) -> list[Frame]:
    """Each sender counts its packets (RFC 6864), as Windows and others do; IPv4 only."""
    counts: dict[bytes, int] = {}
    found = []
    for time, frame in frames:
        source = frame[LINK + 12 : LINK + 16]
        counts[source] = counts.get(source, first) + 1
        found.append((time, _sealed(frame, counts[source])))
    return found


def drawn_anew(frames: Sequence[Frame], there: int, back: int, late_ns: int = 30_000) -> list[Frame]:
    """The same on the other side of a firewall that moves the sequence numbers of each direction; IPv4 only."""
    client, found = frames[0][1][LINK + 12 : LINK + 16], []
    for time, frame in frames:
        onward = frame[LINK + 12 : LINK + 16] == client
        own, other = (there, back) if onward else (back, there)
        tcp = LINK + V4
        seq, ack = struct.unpack(">II", frame[tcp + 4 : tcp + 12])
        ack = (ack + other) % 2**32 if frame[tcp + 13] & 16 else ack
        moved = frame[: tcp + 4] + struct.pack(">II", (seq + own) % 2**32, ack) + frame[tcp + 12 :]
        found.append((time + late_ns if onward else time - late_ns, moved))
    return sorted(found, key=lambda each: each[0])


def each_drawn_anew(packets: Sequence[Packet], late_ns: int = 2_000) -> list[Packet]:
    """Both sides of such a firewall at once, of any connections over IPv4 and Ethernet: each direction of each is moved by a
    number of its own, selective acknowledgements with it."""
    found = list(packets)
    for packet in packets:
        frame, tcp = packet.data, LINK + (packet.data[LINK] & 15) * 4
        if frame[12:14] != b"\x08\0" or frame[LINK + 9] != 6 or len(frame) < tcp + 20:
            continue
        ends = (
            frame[LINK + 12 : LINK + 16] + frame[tcp : tcp + 2],
            frame[LINK + 16 : LINK + 20] + frame[tcp + 2 : tcp + 4],
        )
        own, other = crc32(ends[0] + ends[1]), crc32(ends[1] + ends[0])
        seq, ack = struct.unpack(">II", frame[tcp + 4 : tcp + 12])
        ack = (ack + other) % 2**32 if frame[tcp + 13] & ACK else ack
        end = tcp + (frame[tcp + 12] >> 4) * 4
        options = _confirming(frame[tcp + 20 : end], other)
        moved = frame[: tcp + 4] + struct.pack(">II", (seq + own) % 2**32, ack) + frame[tcp + 12 : tcp + 20]
        late = late_ns if ends[0] < ends[1] else -late_ns
        found.append(packet._replace(time_ns=packet.time_ns + late, data=moved + options + frame[end:]))
    return sorted(found, key=lambda each: each.time_ns)


def _confirming(options: bytes, moved: int) -> bytes:
    """TCP options with the numbers of selective acknowledgements (RFC 2018) moved."""
    data, at = bytearray(options), 0
    while at + 1 < len(data) and data[at]:
        length = 1 if data[at] == 1 else max(2, data[at + 1])
        for block in range(at + 2, min(at + length, len(data)), 4) if data[at] == 5 else ():
            number = int.from_bytes(data[block : block + 4], "big") + moved
            data[block : block + 4] = (number % 2**32).to_bytes(4, "big")
        at += length
    return bytes(data)


def cooked(frames: Sequence[Frame], interface: int) -> list[Frame]:
    """As `-i any` writes them (LINKTYPE_LINUX_SLL2, 276), seen on one interface."""
    head = struct.pack(">HIHBB8s", 0, interface, 1, 4, 6, b"\x02")
    return [(time, frame[12:14] + head + frame[LINK:]) for time, frame in frames]


def merged(*captures: Sequence[Frame]) -> list[Frame]:
    """Everything by time; at the same time the first capture first."""
    return sorted((frame for capture in captures for frame in capture), key=lambda frame: frame[0])


def _packed(host: str, port: int) -> tuple[bytes, bytes]:
    return ip_address(host).packed, struct.pack(">H", port)


def _v6(frame: bytes) -> bool:
    return frame[12:14] == b"\x86\xdd"


def _sealed(frame: bytes, identification: int) -> bytes:
    data = bytearray(frame)
    tcp = LINK + (V6 if _v6(frame) else V4)
    if not _v6(frame):
        data[LINK + 4 : LINK + 6] = struct.pack(">H", identification)
        data[LINK + 10 : LINK + 12] = bytes(2)
        data[LINK + 10 : LINK + 12] = _checksum(data[LINK : LINK + V4])
    data[tcp + 16 : tcp + 18] = bytes(2)
    addresses = data[LINK + 8 : LINK + V6] if _v6(frame) else data[LINK + 12 : LINK + V4]
    data[tcp + 16 : tcp + 18] = _checksum(addresses + struct.pack(">II", len(data) - tcp, 6) + data[tcp:])
    return bytes(data)


def _checksum(data: bytes | bytearray) -> bytes:
    """RFC 1071."""
    padded = bytes(data) + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)


def _routed(frame: bytes, vlan: int | None) -> bytes:
    data = bytearray(frame)
    data[LINK + (7 if _v6(frame) else 8)] -= 1
    if not _v6(frame):
        data[LINK + 10 : LINK + 12] = bytes(2)
        data[LINK + 10 : LINK + 12] = _checksum(data[LINK : LINK + V4])
    tag = b"" if vlan is None else struct.pack(">HH", 0x8100, vlan)
    return b"\x02\0\0\0\1\2\x02\0\0\0\1\1" + tag + bytes(data[12:])


def _renumbered(frame: bytes, there: bool) -> bytes:
    """Other sequence numbers in both directions."""
    tcp = LINK + V4
    seq, ack = struct.unpack(">II", frame[tcp + 4 : tcp + 12])
    numbers = (seq + 7_000, ack + 90_000) if there else (seq + 90_000, ack + 7_000)
    return frame[: tcp + 4] + struct.pack(">II", *numbers) + frame[tcp + 12 :]


def _translated(frame: bytes, packed: dict[tuple[bytes, bytes], tuple[bytes, bytes]]) -> bytes:
    data = bytearray(frame)
    ports = LINK + V4
    for address, port in ((LINK + 12, ports), (LINK + 16, ports + 2)):
        end = bytes(data[address : address + 4]), bytes(data[port : port + 2])
        data[address : address + 4], data[port : port + 2] = packed.get(end, end)
    return _sealed(bytes(data), int.from_bytes(data[LINK + 4 : LINK + 6], "big"))


def over_two_paths(frames: Sequence[Frame], other: End, server: End, every: int = 3) -> tuple[list[Frame], list[Frame]]:
    """The same conversation in Multipath TCP (RFC 8684): what its connection carries, and what another that joins it does, from
    another address of the client. No path carries all, unless `every` is 0."""
    client = frames[0][1][LINK + 12 : LINK + 16]
    keys, answer = (b"K" * 8, b"L" * 8), struct.pack(">BBBB", 30, 16, 0x10, 1) + b"H" * 8 + b"N" * 4
    token = sha256(keys[1]).digest()[:4]
    capable = tuple(struct.pack(">BBBB", 30, 12, 1, 0x81) + key for key in keys)
    join = struct.pack(">BBBB", 30, 12, 0x10, 1) + token + b"N" * 4, answer
    first = Wire(_end(frames[0][1], 12, 0), server, options=(capable[0], capable[1]))
    second = Wire(other, server, isn=(777, 888), options=join)
    isns = {id(wire): tuple(wire.seq) for wire in (first, second)}
    first.connect()
    second.now = first.now + 200_000
    second.connect()
    place = [int.from_bytes(sha256(key).digest()[-4:], "big") + 1 & 0xFFFFFFFF for key in keys]  # of each direction
    closing: Direction | None = None  # who closed first
    for number, (_, frame) in enumerate(frames):
        way = OUT if frame[LINK + 12 : LINK + 16] == client else BACK
        data = frame[LINK + V4 + (frame[LINK + V4 + 12] >> 4) * 4 :]
        wire = second if every and number > 8 and number % every == 0 else first
        wire.now = max(first.now, second.now)
        flags = frame[LINK + V4 + 13]
        if flags & RST:
            for each in (first, second):
                each.now = max(first.now, second.now)
                each.reset(way)
        if flags & FIN:  # of the whole
            end = struct.pack(">BBBBIIIHH", 30, 20, 0x20, 0x15, place[1 - way], place[way], 0, 1, 0)
            first.packet(way, ACK, options=end)
            place[way] += 1
            closing = closing or way
        if not data:
            continue
        own = (wire.seq[way] - isns[id(wire)][way]) % 2**32
        dss = struct.pack(">BBBBIIIHH", 30, 20, 0x20, 5, place[1 - way], place[way], own, len(data), 0)
        wire.packet(way, PSH | ACK, data, options=dss)
        wire.seq[way] += len(data)
        place[way] = (place[way] + len(data)) % 2**32
    if closing is None:
        return first.frames, second.frames
    first.close(closing)
    second.now = first.now
    return first.frames, second.close(closing).frames


def _end(frame: bytes, address: int, port: int) -> End:
    at = LINK + V4 + port
    return str(ip_address(frame[LINK + address : LINK + address + 4])), int.from_bytes(frame[at : at + 2], "big")


def through_syn_proxy(frames: Sequence[Frame], back: int, late_ns: int = 1_000_000) -> list[Frame]:
    """Both sides at once of a firewall that answers SYNs itself and opens the connection to the server, from the client's address
    and with its number, once the client has confirmed that answer; the server's numbers are moved by `back`. IPv4 only."""
    inner = drawn_anew(frames, 0, back)
    opening = [next(f for _, f in inner if f[LINK + V4 + 13] & 18 == flags) for flags in (2, 18, 16)]
    renamed = _sealed(opening[0], 0x7777), opening[1], _sealed(opening[2], 0x7778)
    start = frames[2][0]
    asked = [(start + 100_000 * (place + 1), frame) for place, frame in enumerate(renamed)]
    rest = [(time + late_ns, frame) for time, frame in [*frames[3:], *(f for f in inner if f[1] not in opening)]]
    return merged(frames[:3], asked, rest)
