"""One section of a pcapng file: offsets of its blocks in, columns of its packets out, its interfaces in between."""

import numpy as np
import numpy.typing as npt

from dicomsniff.capture import pcapng_blocks
from dicomsniff.capture.block import I64, PacketBlock
from dicomsniff.capture.distinct import distinct
from dicomsniff.capture.packet_options import UNKNOWN_DROPS, count_drops, read_packet_options
from dicomsniff.capture.pcap import EXCESS
from dicomsniff.capture.tally import Tally
from dicomsniff.capture.ticks import nanoseconds
from dicomsniff.capture.window import Window, gather
from dicomsniff.core import Limits
from dicomsniff.core.tuples import NamedTuple

Mask = npt.NDArray[np.bool_]

INTERFACE, PACKET, SIMPLE_PACKET, STATISTICS, ENHANCED_PACKET, SECRETS = 1, 2, 3, 5, 6, 10
NUMBERED_BY_WIRESHARK = np.array([9, 0x204, 0x208, 0x216, 0x217, 0x221, 0x222, 0xBAD, 0x40000BAD], np.int64)
"""Blocks without a packet that Wireshark yet gives a frame number: systemd journal, Sysdig events, custom blocks."""
PACKET_HEADER = 28
SIMPLE_PACKET_HEADER = 12
TRAILER = 4
SMALLEST_INTERFACE = 20
INTERFACES = 1 << 16
"""Interfaces kept per section: a capture on every port of a large switch has hundreds."""


class Run(NamedTuple):
    """What a run of blocks held: its packets, the frames counted by its end, and what broke it off ('' if nothing did)."""

    packets: PacketBlock
    frames: int
    fault: str


class Blocks(NamedTuple):
    """Blocks as columns of shape (n,): where each starts in the window, and its first seven 32-bit words.

    The names are those of an Enhanced Packet Block; `third` is its interface, in others the word at the same place.
    """

    start: I64
    kind: I64
    length: I64
    third: I64
    high: I64
    low: I64
    captured: I64
    wire: I64

    def where(self, rows: Mask | slice) -> "Blocks":
        return Blocks(*(column[rows] for column in self))

    def packets(self) -> Mask:
        """Which of them hold a packet."""
        packets: Mask = (self.kind == ENHANCED_PACKET) | (self.kind == SIMPLE_PACKET) | (self.kind == PACKET)
        return packets


class Section:
    """Interfaces of one section and what they mean for its packets; `first_interface` numbers them across sections."""

    def __init__(self, order: str, first_interface: int, tally: Tally, limits: Limits) -> None:
        self.order = order
        self._first = first_interface
        self._tally = tally
        self._limits = limits
        self._interfaces: list[pcapng_blocks.Interface] = []
        self._table: I64 = np.zeros((4, 0), np.int64)

    @property
    def next_interface(self) -> int:
        return self._first + len(self._interfaces)

    def read(self, window: Window, offsets: list[int], frames: int, longest: int) -> Run:
        """The packets among the blocks at `offsets`, which lie whole in the window, numbered on from `frames`."""
        starts = np.array(offsets, np.int64)
        words = gather(window.padded, starts, PACKET_HEADER).view(self.order + "u4").T.astype(np.int64, order="C")
        blocks = Blocks(starts, *words)
        unsound = self._unsound(window, blocks, longest)
        fault = "a block contradicts itself" if unsound.any() else ""
        if fault:
            blocks = blocks.where(slice(0, int(unsound.argmax())))
        known = self._read_rare(window, blocks)
        number = frames + np.cumsum(blocks.packets() | np.isin(blocks.kind, NUMBERED_BY_WIRESHARK))
        frames = int(number[-1]) if len(number) else frames
        return Run(self._packets(window, blocks, known, number), frames, fault)

    def _unsound(self, window: Window, blocks: Blocks, longest: int) -> Mask:
        """Which blocks cannot be: too long, the second length not the first, or less room than they claim to fill."""
        trailer = gather(window.padded, blocks.start + blocks.length - TRAILER, 4).view(self.order + "u4")[:, 0]
        unsound: Mask = (trailer != blocks.length) | (blocks.length > longest)
        full = (blocks.kind == ENHANCED_PACKET) | (blocks.kind == PACKET)
        room = np.minimum(blocks.length - PACKET_HEADER - TRAILER, self._limits.record_bytes)
        unsound |= full & (blocks.captured > room)
        unsound |= full & (blocks.captured > blocks.wire + EXCESS) & (blocks.wire > 0)
        unsound |= (blocks.kind == SIMPLE_PACKET) & (blocks.length < SIMPLE_PACKET_HEADER + TRAILER)
        unsound |= (blocks.kind == INTERFACE) & (blocks.length < SMALLEST_INTERFACE)
        return unsound

    def _read_rare(self, window: Window, blocks: Blocks) -> I64:
        """Reads the blocks that hold no packet; gives the number of interfaces described before each block."""
        described = blocks.kind == INTERFACE
        known: I64 = np.minimum(len(self._interfaces) + np.cumsum(described), INTERFACES)
        rare = blocks.where(described | (blocks.kind == STATISTICS) | (blocks.kind == SECRETS))
        for kind, start, length in zip(rare.kind.tolist(), rare.start.tolist(), rare.length.tolist(), strict=True):
            self._read_one(kind, window.view[start + 8 : start + length - TRAILER])
        if self._table.shape[1] != len(self._interfaces):
            self._table = np.array([interface[:4] for interface in self._interfaces], np.int64).T.copy()
        return known

    def _read_one(self, kind: int, body: memoryview) -> None:
        if kind == INTERFACE and len(self._interfaces) < INTERFACES:
            interface = pcapng_blocks.interface(body, self.order)
            self._interfaces.append(interface)
            self._tally.limit_snap_length(interface.snap_length)
            for comment in interface.comments:
                self._tally.comment(0, comment)
        elif kind == STATISTICS:
            self._read_statistics(body)
        elif kind == SECRETS and len(self._tally.secrets) + len(body) <= self._limits.record_bytes:
            self._tally.secrets += pcapng_blocks.key_log(body, self.order)

    def _read_statistics(self, body: memoryview) -> None:
        """Counters run from the start of the capture, so the last statistics of an interface count."""
        for comment in pcapng_blocks.comments(body[12:], self.order):
            self._tally.comment(0, comment)
        dropped = pcapng_blocks.drops(body, self.order)
        if dropped and dropped[0] < len(self._interfaces):
            self._tally.reported_drops[self._first + dropped[0]] = dropped[1]

    def _packets(self, window: Window, blocks: Blocks, known: I64, number: I64) -> PacketBlock:
        interface = self._stated_interfaces(blocks)
        packet = blocks.packets()
        chosen = packet & (interface < known)
        if not chosen.all():
            self._tally.orphan_packets += int(packet.sum() - chosen.sum())
            blocks, interface, number = blocks.where(chosen), interface[chosen], number[chosen]
        link_type, snap_length, resolution, seconds = self._table[:, interface]
        self._read_options(window, blocks, interface, number)
        packets = PacketBlock(
            data=window.content,
            number=number,
            time_ns=_times(blocks, resolution, seconds),
            offset=blocks.start + PACKET_HEADER,
            captured=blocks.captured,
            wire=blocks.wire,
            link_type=link_type,
        )
        return _simplify(packets, blocks, snap_length)

    def _stated_interfaces(self, blocks: Blocks) -> I64:
        """Interface of each packet. A Simple Packet Block belongs to the first, the obsolete one has 16 bits for it."""
        interface = blocks.third
        obsolete = blocks.kind == PACKET
        if obsolete.any():
            high, low = blocks.third >> 16, blocks.third & 0xFFFF
            number, lost = (high, low) if self.order == ">" else (low, high)
            interface = np.where(obsolete, number, interface)
            counted = obsolete & (lost != UNKNOWN_DROPS) & (number < len(self._interfaces))
            count_drops(self._tally, self._first + number[counted], lost[counted])
        simple = blocks.kind == SIMPLE_PACKET
        return np.where(simple, 0, interface) if simple.any() else interface

    def _read_options(self, window: Window, blocks: Blocks, interface: I64, number: I64) -> None:
        start = blocks.start + PACKET_HEADER + (blocks.captured + 3 & ~3)
        end = blocks.start + blocks.length - TRAILER
        some = (start < end) & (blocks.kind != SIMPLE_PACKET)
        if some.any():
            enhanced = (blocks.kind == ENHANCED_PACKET).astype(np.int64)
            rows = np.stack((start, end, number, self._first + interface, enhanced))
            read_packet_options(window, self.order, rows[:, some], self._tally)


def _times(blocks: Blocks, resolution: I64, seconds: I64) -> I64:
    """Times in ns of the packets; those of one resolution, mostly all, are reckoned together."""
    ticks = blocks.high.astype(np.uint64) << np.uint64(32) | blocks.low.astype(np.uint64)
    times = np.zeros(len(ticks), np.int64)
    for code in distinct(resolution).tolist():
        same = resolution == code
        times[same] = nanoseconds(ticks[same], code, seconds[same])
    return times


def _simplify(packets: PacketBlock, blocks: Blocks, snap_length: I64) -> PacketBlock:
    """Corrects the rows that are Simple Packet Blocks: no time, no captured length, and the data begin earlier."""
    simple = blocks.kind == SIMPLE_PACKET
    if not simple.any():
        return packets
    room = blocks.length - SIMPLE_PACKET_HEADER - TRAILER
    captured = np.minimum(blocks.third, np.where(snap_length > 0, np.minimum(snap_length, room), room))
    return PacketBlock(
        data=packets.data,
        number=packets.number,
        time_ns=np.where(simple, -1, packets.time_ns),
        offset=np.where(simple, blocks.start + SIMPLE_PACKET_HEADER, packets.offset),
        captured=np.where(simple, captured, packets.captured),
        wire=np.where(simple, blocks.third, packets.wire),
        link_type=packets.link_type,
    )
