"""A packet block in, TCP segments out: IPv4 and IPv6 in columns, everything unusual row by row through `odd`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.block import PacketBlock
from dicomsniff.capture.distinct import distinct
from dicomsniff.capture.window import gather
from dicomsniff.core.records import dataclass, replace
from dicomsniff.tcp.datagrams import TUNNEL_PORTS
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.link import network_headers
from dicomsniff.tcp.odd import OddPackets, OddRows, QuotedSyn
from dicomsniff.tcp.segments import I64, U8, Segments, join_segments, no_segments
from dicomsniff.tcp.shims import IPV4, IPV6, LONGEST_LENGTH, SHIMS
from dicomsniff.tcp.tunnels import ESP, EXTENSION_HEADERS, FRAGMENT_HEADER, ICMP, ICMP6, TCP, TUNNEL_PROTOCOLS, UDP
from dicomsniff.tcp.unsealed import perhaps_unencrypted

Mask = npt.NDArray[np.bool_]

V4_HEADER, V6_HEADER, TCP_HEADER = 20, 40, 20
CLOSER_V4 = (*TUNNEL_PROTOCOLS, ICMP)
CLOSER_V6 = (*TUNNEL_PROTOCOLS, *EXTENSION_HEADERS, FRAGMENT_HEADER, ICMP6)
_UNUSUAL = np.isin(np.arange(65536), (*SHIMS, *range(LONGEST_LENGTH + 1)))  # by EtherType; 0 is no header at all
_CLOSER_V4, _CLOSER_V6 = (np.isin(np.arange(256), protocols) for protocols in (CLOSER_V4, CLOSER_V6))


@dataclass(frozen=True, slots=True)
class Decoded:
    """The segments of one block, the buffer that their payload offsets refer to, ICMP refusals, and how many packets
    have a link layer that was not understood."""

    segments: Segments
    data: U8
    quotes: list[QuotedSyn]
    not_decoded: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """Packets of one block with the header that stands at `header`; `end` is where their captured bytes end."""

    row: I64
    header: I64
    end: I64
    network: I64  # where the IP header begins, -1 for none

    def take(self, keep: Mask) -> _Rows:
        if keep.all():
            return self
        return _Rows(self.row[keep], self.header[keep], self.end[keep], self.network[keep])


class Decoder:
    """Decodes blocks in order; holds IP fragments whose other parts have yet to come. `trail`: see `OddPackets`."""

    def __init__(self, book: EndpointBook, trail: dict[int, list[int]] | None = None) -> None:
        self._book = book
        self._odd = OddPackets(trail)

    @property
    def differing(self) -> int:
        """Packets of which IP fragments overlapped and did not agree."""
        return self._odd.differing

    def decode(self, block: PacketBlock) -> Decoded:
        """Never raises for any packet bytes."""
        self._book.turn()
        parts: list[Segments] = []
        odd: list[tuple[_Rows, I64]] = []
        stop = block.offset + block.captured
        for link_type in distinct(block.link_type).tolist():
            row = np.flatnonzero(block.link_type == link_type)
            end = _at(stop, row)
            header, ether = network_headers(link_type, block.data, _at(block.offset, row), end)
            rows = _Rows(row, header, end, header)
            alike = bool((ether == ether[0]).all())  # as nearly always
            for kind, read in ((IPV4, self._ipv4), (IPV6, self._ipv6)):
                if alike and ether[0] != kind:
                    continue
                of_kind = rows.take(ether == kind)
                if len(of_kind.row):
                    segments, closer = read(block, of_kind)
                    parts.append(segments)
                    odd.append((closer, np.full(len(closer.row), kind)))
            if not (alike and ether[0] in (IPV4, IPV6)):
                unusual = _UNUSUAL[ether]
                odd.append((rows.take(unusual), ether[unusual]))
        found = self._decode_odd(block, odd)
        if len(found.row):
            parts.append(self._odd_segments(block, found))
        return Decoded(join_segments(parts) if parts else no_segments(), found.data, found.quotes, found.not_decoded)

    def _decode_odd(self, block: PacketBlock, odd: list[tuple[_Rows, I64]]) -> OddRows:
        row = np.concatenate([r.row for r, _ in odd]) if odd else np.empty(0, np.int64)
        order = np.argsort(row, kind="stable")
        if not len(row):
            return self._odd.decode(block, row, row, row)
        header = np.concatenate([r.header for r, _ in odd])
        return self._odd.decode(block, row[order], np.concatenate([e for _, e in odd])[order], header[order])

    def _ipv4(self, block: PacketBlock, rows: _Rows) -> tuple[Segments, _Rows]:
        """Packets that are plainly TCP over IPv4, as segments; and those that need a closer look."""
        whole = rows.header + V4_HEADER <= rows.end
        fixed = _fixed(block.data, rows.header, V4_HEADER, whole)
        length = (fixed[:, 0].astype(np.int64) & 15) * 4
        protocol, total = fixed[:, 9], _word(fixed, 2)
        fragment = _word(fixed, 6) & 0x3FFF != 0
        sound = whole & (fixed[:, 0] >> 4 == 4) & (length >= V4_HEADER)
        plain = sound & (protocol == TCP) & ~fragment
        tunnel = _tunnel_port(block.data, rows.header + length, rows.end, sound & (protocol == UDP))
        clear = _unencrypted(block.data, rows.header + length, rows.header + total, rows.end, sound & (protocol == ESP))
        closer = sound & (fragment | _CLOSER_V4[protocol] | tunnel | clear)
        # an IP length of 0 is a packet captured before segmentation offload: its length on the wire is all there is
        wire_end = _at(block.offset, rows.row) + _at(block.wire, rows.row)
        packet_end = np.where(total < length, wire_end, rows.header + total)
        segments = self._plain(block, rows, rows.header + length, packet_end, fixed[:, 12:20], plain)
        return segments, rows.take(closer)

    def _ipv6(self, block: PacketBlock, rows: _Rows) -> tuple[Segments, _Rows]:
        """The same over IPv6."""
        whole = rows.header + V6_HEADER <= rows.end
        fixed = _fixed(block.data, rows.header, V6_HEADER, whole)
        protocol, total = fixed[:, 6], _word(fixed, 4)
        sound = whole & (fixed[:, 0] >> 4 == 6)
        plain = sound & (protocol == TCP)
        tunnel = _tunnel_port(block.data, rows.header + V6_HEADER, rows.end, sound & (protocol == UDP))
        start = rows.header + V6_HEADER
        clear = _unencrypted(block.data, start, start + total, rows.end, sound & (protocol == ESP))
        closer = sound & (_CLOSER_V6[protocol] | tunnel | clear)
        wire_end = _at(block.offset, rows.row) + _at(block.wire, rows.row)
        packet_end = np.where(total == 0, wire_end, rows.header + V6_HEADER + total)
        segments = self._plain(block, rows, rows.header + V6_HEADER, packet_end, fixed[:, 8:40], plain)
        return segments, rows.take(closer)

    def _plain(
        self, block: PacketBlock, rows: _Rows, header: I64, packet_end: I64, addresses: U8, plain: Mask
    ) -> Segments:
        """The segments of those of these packets that are plainly TCP; `header` is where theirs begin."""
        tcp = _Rows(rows.row, header, rows.end, rows.header)
        if not plain.all():
            tcp, packet_end, addresses = tcp.take(plain), packet_end[plain], addresses[plain]
        return self._tcp(block, block.data, tcp, packet_end, addresses, _at)

    def _odd_segments(self, block: PacketBlock, found: OddRows) -> Segments:
        """TCP headers found inside tunnels or joined from fragments; these may have bytes of both IP versions."""
        parts = []
        for version, width in ((4, 8), (6, 32)):
            of_version = np.flatnonzero(found.version == version)
            at = found.addresses[of_version]
            network = np.where(at < len(block.data), at - (12 if version == 4 else 8), -1)
            rows = _Rows(found.row[of_version], found.header[of_version], found.end[of_version], network)
            addresses = _fixed(found.data, at, width, at + width <= rows.end)
            segments = self._tcp(block, found.data, rows, found.packet_end[of_version], addresses, _taken)
            parts.append(replace(segments, frame=segments.network))
        return join_segments(parts)

    def _tcp(
        self,
        block: PacketBlock,
        data: U8,
        rows: _Rows,
        packet_end: I64,
        addresses: U8,
        at: Callable[[I64, I64], I64],
    ) -> Segments:
        """TCP headers of packets that end at `packet_end` on the wire; `addresses` holds source and destination; `at` takes
        rows of a column."""
        whole = rows.header + TCP_HEADER <= rows.end
        if not whole.all():
            rows, packet_end, addresses = rows.take(whole), packet_end[whole], addresses[whole]
        fixed = _fixed(data, rows.header, TCP_HEADER, whole[whole])
        payload = rows.header + np.maximum(TCP_HEADER, (fixed[:, 12].astype(np.int64) >> 4) * 4)
        length = np.maximum(0, packet_end - payload)
        half = addresses.shape[1] // 2
        return Segments(
            number=at(block.number, rows.row),
            time_ns=at(block.time_ns, rows.row),
            source=self._book.address_ids(addresses[:, :half]) << 16 | _word(fixed, 0),
            target=self._book.address_ids(addresses[:, half:]) << 16 | _word(fixed, 2),
            seq=fixed.view(">u4")[:, 1].astype(np.int64),
            ack=fixed.view(">u4")[:, 2].astype(np.int64),
            flags=fixed[:, 13].astype(np.int64),
            window=_word(fixed, 14),
            payload=payload,
            captured=np.clip(rows.end - payload, 0, length),
            length=length,
            option=rows.header + TCP_HEADER,
            option_end=np.minimum(payload, rows.end),
            network=rows.network,
            frame=at(block.offset, rows.row),
        )


def _at(column: I64, rows: I64) -> I64:
    """The column at these rows, of which each is there once at most, in order: itself where they are all."""
    return column if len(rows) == len(column) else column[rows]


def _taken(column: I64, rows: I64) -> I64:
    """The column at these rows, some of which may be there several times."""
    return column[rows]


def _word(fixed: U8, at: int) -> I64:
    """The big-endian 16-bit column at byte `at`, an even one, of header bytes."""
    return np.asarray(fixed.view(">u2")[:, at >> 1].astype(np.int64))


def _fixed(data: U8, at: I64, width: int, whole: Mask) -> U8:
    """The `width` bytes at each offset, uint8 of shape (n, width); rows that are not whole read as zeros."""
    if len(data) >= width and whole.all():
        return gather(data, at, width)
    result = np.zeros((len(at), width), np.uint8)
    if whole.any():
        result[whole] = gather(data, at[whole], width)
    return result


def _tunnel_port(data: U8, header: I64, end: I64, udp: Mask) -> Mask:
    """Which rows are UDP to a port that carries a tunnel."""
    result = np.zeros(len(header), bool)
    rows = np.flatnonzero(udp & (header + 4 <= end))
    if len(rows):
        at = header[rows] + 2
        result[rows] = np.isin(data[at].astype(np.int64) << 8 | data[at + 1], TUNNEL_PORTS)
    return result


def _unencrypted(data: U8, header: I64, packet_end: I64, end: I64, esp: Mask) -> Mask:
    """Which rows are ESP, captured whole, that may not be encrypted."""
    result = np.zeros(len(header), bool)
    rows = np.flatnonzero(esp & (packet_end <= end)) if esp.any() else ()
    if len(rows):
        result[rows] = perhaps_unencrypted(data, header[rows], packet_end[rows])
    return result
