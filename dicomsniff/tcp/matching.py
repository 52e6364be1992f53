"""Packets of two points of capture in, those that are the same packet out: by what no router changes, and in order.

A packet that was sent again is another packet: its time stamp or identification tells, elsewhere the order. Where a host
captured before its network card cut a segment up, or after it joined several, ranges of bytes are compared.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.block import PacketBlock
from dicomsniff.capture.distinct import distinct
from dicomsniff.core.records import dataclass, field_names
from dicomsniff.tcp.decode import Decoded
from dicomsniff.tcp.link import network_headers
from dicomsniff.tcp.segments import I64, U8
from dicomsniff.tcp.shims import IPV4, IPV6
from dicomsniff.tcp.stream import HALF, WRAP
from dicomsniff.tcp.witness import FACTORS, U64, signatures

ON_A_LINK = 1500
"""Longer segments than fit on Ethernet are what a host captured beside its network card."""
HEAD = 40
"""Bytes of an IP packet other than TCP by which it is known again."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One row per packet, shape (n,): `key` (uint64) is the same for the same packet, 0 where nothing is known of it;
    the rest int64: `source`, `target`, `seq` and `length` are -1 but for TCP. `rank` orders packets of one time."""

    key: U64
    time_ns: I64
    rank: I64
    source: I64
    target: I64
    seq: I64
    length: I64

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: I64) -> Rows:
        return Rows(*(getattr(self, name)[rows] for name in field_names(self)))

    def join(self, other: Rows) -> Rows:
        return Rows(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in field_names(self)))


def packet_keys(block: PacketBlock, decoded: Decoded) -> Rows:
    """The packets of a block by what tells them apart."""
    segments = decoded.segments
    key = _other_keys(block)
    source, target, seq, length = (np.full(len(block), -1, np.int64) for _ in range(4))
    if len(segments):
        at = np.searchsorted(block.number, segments.number)
        own, _ = signatures(segments, decoded.data)
        ends = segments.source.view(np.uint64) * np.uint64(FACTORS[1]) + segments.target.view(np.uint64)
        key[at] = own ^ ends * np.uint64(FACTORS[2])
        source[at], target[at], seq[at], length[at] = segments.source, segments.target, segments.seq, segments.length
    return Rows(key, block.time_ns, 2 * block.number, source, target, seq, length)


def _other_keys(block: PacketBlock) -> U64:
    """Keys of IP packets by their first bytes, but for those that every router changes; 0 for other packets."""
    key = np.zeros(len(block), np.uint64)
    end = block.offset + block.captured
    for link_type in distinct(block.link_type).tolist():
        row = np.flatnonzero(block.link_type == link_type)
        header, ether = network_headers(link_type, block.data, block.offset[row], end[row])
        for kind, changed in ((IPV4, (1, 8, 10, 11)), (IPV6, (7,))):
            of_kind = np.flatnonzero((ether == kind) & (header >= 0))
            if len(of_kind):
                key[row[of_kind]] = _hashed(block.data, header[of_kind], end[row[of_kind]], changed)
    return key


def _hashed(data: U8, at: I64, end: I64, left_out: tuple[int, ...]) -> U64:
    key = np.zeros(len(at), np.uint64)
    for place in (p for p in range(HEAD) if p not in left_out):
        byte = np.where(at + place < end, data[np.minimum(at + place, len(data) - 1)], 0)
        key = (key ^ byte.astype(np.uint64)) * np.uint64(FACTORS[0])
        key ^= key >> np.uint64(29)
    return key


def pairs(a: Rows, b: Rows, spread_ns: int) -> tuple[I64, I64]:
    """Rows of both that are the same packet, no farther apart in time than `spread_ns`."""
    key = np.concatenate([a.key, b.key])
    time = np.concatenate([a.time_ns, b.time_ns])
    order = np.lexsort((time, key))
    key, time = key[order], time[order]
    of_b = order >= len(a)
    starts = np.flatnonzero(np.diff(key, prepend=~key[:1]) != 0)
    sizes = np.diff(np.append(starts, len(key)))
    theirs = np.add.reduceat(of_b.astype(np.int64), starts)
    both = (theirs > 0) & (theirs < sizes) & (key[starts] != 0)
    plain = starts[both & (sizes == 2)]
    plain = plain[time[plain + 1] - time[plain] <= spread_ns]
    first, second = order[plain], order[plain + 1]
    mine, their = [np.minimum(first, second)], [np.maximum(first, second) - len(a)]
    for start, size in zip(starts[both & (sizes > 2)].tolist(), sizes[both & (sizes > 2)].tolist(), strict=True):
        rows = order[start : start + size]
        found = _in_order(rows[rows < len(a)].tolist(), (rows[rows >= len(a)] - len(a)).tolist(), a, b, spread_ns)
        mine.append(np.array([i for i, _ in found], np.int64))
        their.append(np.array([j for _, j in found], np.int64))
    return np.concatenate(mine), np.concatenate(their)


def _in_order(mine: list[int], theirs: list[int], a: Rows, b: Rows, spread_ns: int) -> list[tuple[int, int]]:
    """Packets that look alike, paired in order; where one side has more, those that are nearest in time."""
    found, i, j = [], 0, 0
    while i < len(mine) and j < len(theirs):
        surplus = (len(mine) - i) - (len(theirs) - j)
        late = int(b.time_ns[theirs[j]] - a.time_ns[mine[i]])
        if surplus > 0 and abs(int(b.time_ns[theirs[j]] - a.time_ns[mine[i + 1]])) < abs(late):
            i += 1
        elif surplus < 0 and abs(int(b.time_ns[theirs[j + 1]] - a.time_ns[mine[i]])) < abs(late):
            j += 1
        elif abs(late) <= spread_ns:
            found.append((mine[i], theirs[j]))
            i, j = i + 1, j + 1
        elif late > 0:
            i += 1
        else:
            j += 1
    return found


def offloaded(a: Rows, b: Rows, left: I64, spread_ns: int) -> I64:
    """Of the rows `left` of `b` those whose bytes `a` holds in segments of other sizes, as a network card made them."""
    data = left[b.length[left] > 0]
    if not len(data) or max(a.length.max(initial=0), b.length[data].max()) <= ON_A_LINK:
        return np.empty(0, np.int64)
    mine = np.flatnonzero(a.length > 0)
    flows = np.stack([b.source[data], b.target[data]])
    found = []
    for source, target in np.unique(flows, axis=1).T:
        own = mine[(a.source[mine] == source) & (a.target[mine] == target)]
        rows = data[(flows[0] == source) & (flows[1] == target)]
        if len(own) and max(a.length[own].max(), b.length[rows].max()) > ON_A_LINK:
            found.append(rows[_covered(a, own, b, rows, spread_ns)])
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _covered(a: Rows, own: I64, b: Rows, rows: I64, spread_ns: int) -> npt.NDArray[np.bool_]:
    """Which ranges of bytes lie within those of `own`, unless one there has the very same bounds: that is the same
    segment sent another time."""
    zero = int(a.seq[own[0]])
    start = (a.seq[own] - zero + HALF) % WRAP - HALF
    order = np.argsort(start, kind="stable")
    start, end = start[order], (start + a.length[own])[order]
    reach = np.maximum.accumulate(end)
    islands = np.flatnonzero(np.concatenate([[True], start[1:] > reach[:-1]]))
    reaches = np.maximum.reduceat(end, islands)
    first = (b.seq[rows] - zero + HALF) % WRAP - HALF
    last = first + b.length[rows]
    island = np.searchsorted(start[islands], first, "right") - 1
    inside = (island >= 0) & (last <= reaches[island])
    bounds = set(zip(start.tolist(), end.tolist(), strict=True))
    again = [pair in bounds for pair in zip(first.tolist(), last.tolist(), strict=True)]
    near = (b.time_ns[rows] >= a.time_ns[own].min() - spread_ns) & (b.time_ns[rows] <= a.time_ns[own].max() + spread_ns)
    return np.asarray(inside & near & ~np.array(again))
