"""Hand-built capture files: packets and options in, the bytes of pcap and pcapng files out, with no library in between."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

NS = 1_000_000_000


class Packet(NamedTuple):
    """A packet to be written: time in ns since 1970, bytes, and the length on the wire (that of the bytes if None)."""

    time_ns: int
    data: bytes
    wire: int | None = None

    @property
    def wire_length(self) -> int:
        return len(self.data) if self.wire is None else self.wire


def packets(count: int, start: int = 1_700_000_000, step_ns: int = 1_001_000, length: int = 60) -> list[Packet]:
    """`count` packets of distinct lengths and contents, `step_ns` apart, whole microseconds."""
    return [Packet(start * NS + i * step_ns, bytes([i % 256]) * (length + i % 5)) for i in range(count)]


def pcap_header(order: str = "<", magic: int = 0xA1B2C3D4, link_type: int = 1, snap_length: int = 262144) -> bytes:
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap_length, link_type)


def pcap(packets: Sequence[Packet], order: str = "<", magic: int = 0xA1B2C3D4, link_type: int = 1) -> bytes:
    """A pcap file; the magic says whether fractions are ns (a1b23c4d) and records have 24-byte headers (a1b2cd34)."""
    fraction_ns = 1 if magic == 0xA1B23C4D else 1000
    extra = struct.pack(order + "IHBB", 2, 0x0800, 0, 0) if magic == 0xA1B2CD34 else b""
    records = [
        struct.pack(order + "IIII", p.time_ns // NS, p.time_ns % NS // fraction_ns, len(p.data), p.wire_length)
        + extra
        + p.data
        for p in packets
    ]
    return pcap_header(order, magic, link_type) + b"".join(records)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + padded(value)


def comment(text: str, order: str = "<") -> bytes:
    return option(1, text.encode(), order)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    length = 12 + len(padded(body))
    return struct.pack(order + "II", kind, length) + padded(body) + struct.pack(order + "I", length)


def section(options: bytes = b"", order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options, order)


def interface(link_type: int = 1, snap_length: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    return block(1, struct.pack(order + "HHI", link_type, 0, snap_length) + options, order)


def enhanced(
    packet: Packet, number: int = 0, ticks: int | None = None, options: bytes = b"", order: str = "<"
) -> bytes:
    """An Enhanced Packet Block on interface `number`; `ticks` are microseconds of the packet's time if None."""
    ticks = packet.time_ns // 1000 if ticks is None else ticks
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(packet.data), packet.wire_length)
    return block(6, head + padded(packet.data) + options, order)


def obsolete(packet: Packet, number: int = 0, drops: int = 0xFFFF, options: bytes = b"", order: str = "<") -> bytes:
    """A Packet Block, the predecessor of the Enhanced Packet Block."""
    ticks = packet.time_ns // 1000
    head = struct.pack(
        order + "HHIIII", number, drops, ticks >> 32, ticks & 0xFFFFFFFF, len(packet.data), packet.wire_length
    )
    return block(2, head + padded(packet.data) + options, order)


def simple(packet: Packet, order: str = "<") -> bytes:
    return block(3, struct.pack(order + "I", packet.wire_length) + packet.data, order)


def statistics(number: int, options: bytes, order: str = "<") -> bytes:
    return block(5, struct.pack(order + "III", number, 0, 0) + options, order)


def secrets(data: bytes, kind: int = 0x544C534B, order: str = "<") -> bytes:
    return block(10, struct.pack(order + "II", kind, len(data)) + data, order)


def pcapng(packets: Sequence[Packet], order: str = "<", link_type: int = 1) -> bytes:
    """One section, one interface in microseconds, one Enhanced Packet Block a packet."""
    return (
        section(order=order) + interface(link_type, order=order) + b"".join(enhanced(p, order=order) for p in packets)
    )
