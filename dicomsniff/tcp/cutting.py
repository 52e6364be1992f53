"""A capture and some of its connections in, a capture of their packets alone out, byte for byte."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from dicomsniff.capture.block import I64, PacketBlock
from dicomsniff.capture.pcapng_writer import PcapngWriter
from dicomsniff.core import Endpoint
from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.events import Connection

Numbers = dict[int, int]


class Cutter:
    """Tells which packets belong to some connections: those between their ends, from the first to the last that counted;
    of an IP packet that was sent in fragments all that carried one."""

    def __init__(self, connections: Iterable[Connection]) -> None:
        self._book = EndpointBook()
        self._trail: dict[int, list[int]] = {}
        self._decoder = Decoder(self._book, self._trail)
        self._spans: dict[tuple[int, int], list[tuple[int, int]]] = {}
        ends: set[int] = set()
        for tcp in connections:
            pair = self._id(tcp.initiator), self._id(tcp.responder)
            ends.update(pair)
            for key in (pair, pair[::-1]):
                self._spans.setdefault(key, []).append((tcp.first_packet, tcp.last_packet))
        self._ends = np.fromiter(ends, np.int64, len(ends))

    def numbers(self, block: PacketBlock) -> list[int]:
        """The numbers of the packets that belong to them, as this block tells, ascending: fragments may stand in one before."""
        segments = self._decoder.decode(block).segments
        near = np.isin(segments.source, self._ends) & np.isin(segments.target, self._ends)
        rows: I64 = np.flatnonzero(near)
        columns = (segments.source[rows], segments.target[rows], segments.number[rows])
        found = zip(*(column.tolist() for column in columns), strict=True)
        own = {n for source, target, n in found if any(a <= n <= b for a, b in self._spans.get((source, target), ()))}
        if self._trail:
            own.update([number for last in own & self._trail.keys() for number in self._trail[last]])
            self._trail.clear()
        return sorted(own)

    def _id(self, endpoint: Endpoint) -> int:
        return self._book.address_id(ipaddress.ip_address(endpoint.ip).packed) << 16 | endpoint.port


def chosen_packets(blocks: Iterable[PacketBlock], connections: Iterable[Connection]) -> I64:
    """The numbers of all packets of these connections, ascending."""
    cutter = Cutter(connections)
    return np.unique(np.array([number for block in blocks for number in cutter.numbers(block)], np.int64))


def copy_packets(
    blocks: Iterable[PacketBlock], chosen: I64, writer: PcapngWriter, comments: Mapping[int, Sequence[str]]
) -> Numbers:
    """Write these packets, with comments by packet number; gives their numbers in the new file by those in the old."""
    numbers = Numbers()
    for block in blocks:
        for row in np.flatnonzero(np.isin(block.number, chosen)).tolist():
            start, number = int(block.offset[row]), int(block.number[row])
            data = block.data[start : start + int(block.captured[row])].tobytes()
            writer.packet(
                int(block.link_type[row]), int(block.time_ns[row]), data, int(block.wire[row]), comments.get(number, ())
            )
            numbers[number] = len(numbers) + 1
    return numbers
