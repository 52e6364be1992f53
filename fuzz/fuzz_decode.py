"""Packets of every link type through decoding and reassembly.

Layout of the bytes: link type, block size, snap length, then packets. A packet begins with a byte: its lower seven
bits choose the time since the one before, the highest says whether bytes of a packet follow (behind their length in
two bytes) or a TCP segment is described: connection and direction, flags, sequence and acknowledgement number
relative to what would be next, length of the payload.
"""

import struct

from dicomsniff.core import Direction
from fuzz.choices import Choices
from fuzz.engine import run
from tests.forge.wire import Frame, Wire
from tests.tcp.assembling import assemble

LINK_TYPES = (
    1,
    0,
    9,
    12,
    14,
    50,
    51,
    100,
    101,
    104,
    105,
    107,
    108,
    109,
    113,
    119,
    127,
    147,
    163,
    192,
    226,
    228,
    229,
    276,
    6,
    10,
    117,
    123,
    166,
    178,
    197,
    204,
    205,
    206,
    239,
    240,
    241,
    258,
    274,
    281,
    282,
    284,
    285,
    *(7, 8, 11, 15, 19, 99, 102, 106, 122, 129, 138, 143, 179, 180, 181, 242, 252, 259),
)
WAITS = (20_000, 0, 1_000_000, 200_000_000, 3_000_000_000, 70_000_000_000, 600_000_000_000, -1_000_000, -5_000_000_000)
SEQUENCE = (0, 1, -1, 100, -100, 1448, -1448, 1 << 16, -(1 << 16), 1 << 24, -(1 << 24), 1 << 31, 1 << 30, 5000, 2, -2)
MOST_PACKETS = 60


def wires() -> list[Wire]:
    """Three connections: two that differ in one port only, one of IPv6."""
    return [
        Wire(),
        Wire(("10.0.0.1", 40001), isn=(2**32 - 300, 2**32 - 40)),
        Wire(("2001:db8::1", 40000), ("2001:db8::2", 104)),
    ]


def _segment(wire: Wire, direction: Direction, choices: Choices) -> bytes:
    """The packet described, and the connection moved on by what of it was next in order."""
    flags, places, length = choices.byte(), choices.byte(), choices.byte()
    offset, behind = SEQUENCE[places & 15], SEQUENCE[places >> 4]
    seq, other = wire.seq[direction], wire.seq[direction.opposite]
    wire.seq[direction.opposite] = other + behind
    payload = bytes((seq + offset + place) & 0xFF for place in range(length))
    packet = wire.frame(direction, flags, payload, seq=seq + offset)
    wire.seq[direction.opposite] = other
    if offset == 0:
        wire.seq[direction] += length + (flags & 1) + (flags >> 1 & 1)
    return packet


def frames(choices: Choices, ethernet: bool) -> list[Frame]:
    """The packets, with times."""
    found: list[Frame] = []
    talks, now = wires(), 1_700_000_000_000_000_000
    while choices and len(found) < MOST_PACKETS:
        kind = choices.byte()
        now += WAITS[(kind & 0x7F) % len(WAITS)]
        if kind & 0x80:
            which = choices.byte()
            packet = _segment(talks[which // 2 % len(talks)], Direction(which & 1), choices)
            packet = packet if ethernet else packet[14:]
        else:
            packet = choices.take(choices.word())
        found.append((now, packet))
    return found


def invariant(data: bytes) -> None:
    """Whatever the packets, each direction's bytes and gaps are contiguous and the same for blocks of 1, n and all."""
    choices = Choices(data)
    link_type = LINK_TYPES[choices.byte() % len(LINK_TYPES)]
    size, snap = 2 + choices.byte() % 30, choices.byte()
    packets = frames(choices, link_type == 1)
    seen = (14 + snap) if snap else None
    whole = assemble(packets, None, link_type, snap=seen)
    assert assemble(packets, 1, link_type, snap=seen) == whole
    assert assemble(packets, size, link_type, snap=seen) == whole
    for id, facts in whole.ends.items():
        for direction in Direction:
            line, counted = whole.line(id, direction), facts.facts(direction)
            assert sum(len(part) for part in line.parts if isinstance(part, bytes)) <= counted.bytes
            assert len(packets) >= counted.packets >= counted.data_packets >= 0
            assert len(packets) >= counted.duplicates


def raw(link_type: int, *packets: bytes, size: int = 0, snap: int = 0) -> bytes:
    """The bytes that make this harness feed these packets."""
    head = bytes([LINK_TYPES.index(link_type), size, snap])
    return head + b"".join(b"\0" + struct.pack("<H", len(packet)) + packet for packet in packets)


if __name__ == "__main__":
    run("fuzz.fuzz_decode")
