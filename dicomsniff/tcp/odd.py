"""Rows that the columns cannot decode in, TCP headers out: tunnels, fragments, radio frames, and ICMP refusals."""

from __future__ import annotations

from operator import itemgetter

import numpy as np

from dicomsniff.capture.block import PacketBlock
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.fragment_groups import Group, groups
from dicomsniff.tcp.fragments import FragmentTable, Key
from dicomsniff.tcp.odd_links import odd_frames
from dicomsniff.tcp.segments import I64, U8
from dicomsniff.tcp.shims import IPV4, IPV6
from dicomsniff.tcp.tunnels import ICMP, ICMP6, TCP, Inner, peel, peel_payload


class QuotedSyn(NamedTuple):
    """An ICMP "unreachable", "time exceeded" or "too big": who sent it, and sequence number and endpoints of the TCP packet that it
    quotes; `mtu` is what the sender can pass on, where it says so."""

    sender: bytes
    type: int
    code: int
    number: int
    time_ns: int
    seq: int
    source: tuple[bytes, int]
    target: tuple[bytes, int]
    mtu: int = 0

    @property
    def too_big(self) -> bool:
        """Whether the packet quoted was too long for the path: ICMP type 3 code 4, ICMPv6 type 2."""
        return self.type == 2 or (self.type, self.code, len(self.sender)) == (3, 4, 4)


class OddRows(NamedTuple):
    """TCP headers found in odd packets, int64 of shape (n,): packet number and time, where header and data end.

    Offsets refer to `data`, which is the block's buffer or, where fragments were joined, that buffer with the whole
    packets appended. `version` tells whether 4 or 16 address bytes stand at `addresses`.
    """

    data: U8
    row: I64
    version: I64
    addresses: I64
    header: I64
    end: I64
    packet_end: I64
    quotes: list[QuotedSyn]
    not_decoded: int


class OddPackets:
    """Decodes odd rows one by one, ordinary fragments packet by packet; keeps fragments from block to block. Into `trail`
    go the numbers of all packets that carried fragments of one, by that of the packet which stands for it."""

    def __init__(self, trail: dict[int, list[int]] | None = None) -> None:
        self._fragments = FragmentTable()
        self._trail = trail

    @property
    def differing(self) -> int:
        """Packets of which fragments overlapped and did not agree."""
        return self._fragments.differing

    def decode(self, block: PacketBlock, rows: I64, ether: I64, header: I64) -> OddRows:
        """`ether` and `header` say for each row which header begins where; 0 means that the link type is an odd one."""
        view = block.data.data
        found: list[tuple[int, ...]] = []
        quotes: list[QuotedSyn] = []
        joined = bytearray()
        not_decoded = 0
        wholes, later = groups(block, rows, ether, header)
        places = np.flatnonzero(~later)
        columns = places, rows[places], ether[places], header[places]
        for place, row, kind, at in zip(*(column.tolist() for column in columns), strict=True):
            if place in wholes:
                found += self._gather(block, wholes[place], joined)
                continue
            end = int(block.offset[row] + block.captured[row])
            packet = view[:end]  # so that nothing reads into the packet behind
            frames = odd_frames(packet, int(block.link_type[row]), at, end) if kind == 0 else ((kind, at, end),)
            not_decoded += not frames
            for held, first, last in frames:
                inner = peel(packet[:last], held, first, last)
                if inner is None:
                    continue
                if inner.fragment is not None:
                    whole = self._join(packet[:last], inner, (row, block), joined)
                    found += [(row, *whole)] if whole else []
                elif inner.protocol == TCP:
                    addresses = inner.header + (12 if inner.version == 4 else 8)
                    found.append((row, inner.version, addresses, inner.payload, last, inner.packet_end))
                else:
                    quote = _quoted(packet, inner, last, int(block.number[row]), int(block.time_ns[row]))
                    quotes += [quote] if quote else []
        data = np.concatenate([block.data, np.frombuffer(bytes(joined), np.uint8)]) if joined else block.data
        table = np.array(sorted(found), np.int64).reshape(len(found), 6)
        row_at, version, first, start, stop, packet_end = (table[:, i] for i in range(6))
        return OddRows(data, row_at, version, first, start, stop, packet_end, quotes, not_decoded)

    def _join(
        self, packet: memoryview, inner: Inner, place: tuple[int, PacketBlock], joined: bytearray
    ) -> tuple[int, ...] | None:
        """Where a packet that this fragment completes lies, behind the block's own bytes; a tunnel is followed."""
        row, block = place
        if inner.fragment is None or inner.packet_end > len(packet):
            return None
        first, width = (inner.header + 12, 8) if inner.version == 4 else (inner.header + 8, 32)
        addresses = bytes(packet[first : first + width])
        identification, offset, more = inner.fragment
        piece = bytes(packet[inner.payload : inner.packet_end])
        key, number = (addresses, identification, inner.protocol), int(block.number[row])
        whole = self._fragments.add(key, offset, more, piece, int(block.time_ns[row]), number)
        if whole is None:
            return None
        if self._trail is not None:
            self._trail[number] = self._fragments.joined
        return _append(joined, len(block.data), inner.version, addresses, inner.protocol, whole)

    def _gather(self, block: PacketBlock, group: Group, joined: bytearray) -> list[tuple[int, ...]]:
        """The same for a packet whose fragments all stand in this block."""
        view, base = block.data.data, len(block.data)
        addresses = bytes(view[group.addresses : group.addresses + group.width])
        key = (addresses, group.identification, group.protocol)
        pieces = [view[start:end] for start, end in zip(group.starts, group.ends, strict=True)]
        if self._fragments.begin(key, group.first_ns):
            if self._trail is not None:
                self._trail[int(block.number[group.row])] = block.number[group.rows].tolist()
            place = _append(joined, base, group.version, addresses, group.protocol, b"".join(pieces))
            return [(group.row, *place)] if place else []
        return self._gather_slowly(block, group, key, pieces, joined)

    def _gather_slowly(
        self, block: PacketBlock, group: Group, key: Key, pieces: list[memoryview], joined: bytearray
    ) -> list[tuple[int, ...]]:
        """The same where fragments of it (or of another with its identification) were met before: these may complete
        that one, and what comes behind may begin the next."""
        found = []
        for row, offset, piece in sorted(zip(group.rows, group.offsets, pieces, strict=True), key=itemgetter(0)):
            more = offset != group.offsets[-1]
            number = int(block.number[row])
            whole = self._fragments.add(key, offset, more, bytes(piece), int(block.time_ns[row]), number)
            if whole is not None:
                if self._trail is not None:
                    self._trail[number] = self._fragments.joined
                place = _append(joined, len(block.data), group.version, key[0], group.protocol, whole)
                found += [(row, *place)] if place else []
        return found


def _append(
    joined: bytearray, base: int, version: int, addresses: bytes, protocol: int, whole: bytes
) -> tuple[int, ...] | None:
    """Put a packet behind what was joined before, and say where its TCP header lies; a tunnel is followed."""
    within = Inner(0, 0, 0, len(whole), TCP) if protocol == TCP else peel_payload(memoryview(whole), protocol)
    if within is None or within.fragment or within.protocol != TCP:
        return None
    at = base + len(joined) + len(addresses)
    joined += addresses + whole
    header, end = at + within.payload, at + within.packet_end
    if not within.version:
        return version, at - len(addresses), header, end, end
    skip = within.header + (12 if within.version == 4 else 8)
    return within.version, at + skip, header, at + len(whole), end


def _quoted(view: memoryview, inner: Inner, end: int, number: int, time_ns: int) -> QuotedSyn | None:
    """The TCP packet that a message quotes by which it was not delivered: of ICMP type 3 or 11, of ICMPv6 type 1, 2 or 3."""
    at = inner.payload
    wanted = ((ICMP, 3), (ICMP, 11)) if inner.version == 4 else ((ICMP6, 1), (ICMP6, 2), (ICMP6, 3))
    if at + 8 > end or (inner.protocol, view[at]) not in wanted:
        return None
    quoted = peel(view, IPV4 if inner.version == 4 else IPV6, at + 8, end)
    if quoted is None or quoted.protocol != TCP or quoted.fragment or quoted.payload + 8 > end:
        return None
    width = 4 if quoted.version == 4 else 16
    first = quoted.header + (12 if width == 4 else 8)
    outer = inner.header + (12 if inner.version == 4 else 8)
    ports = view[quoted.payload : quoted.payload + 4]
    return QuotedSyn(
        bytes(view[outer : outer + (4 if inner.version == 4 else 16)]),
        view[at],
        view[at + 1],
        number,
        time_ns,
        int.from_bytes(view[quoted.payload + 4 : quoted.payload + 8], "big"),
        (bytes(view[first : first + width]), ports[0] << 8 | ports[1]),
        (bytes(view[first + width : first + 2 * width]), ports[2] << 8 | ports[3]),
        int.from_bytes(view[at + 4 + 2 * (inner.version == 4) : at + 8], "big"),  # RFC 1191 §4, RFC 4443 §3.2
    )
