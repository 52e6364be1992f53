"""The fragments of one block in columns in, the packets out whose parts all stand there, each once: the ordinary case."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.block import PacketBlock
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.fragments import LARGEST, STALE_NS, WAITING
from dicomsniff.tcp.link import big_endian_16
from dicomsniff.tcp.segments import I64
from dicomsniff.tcp.shims import IPV4, IPV6
from dicomsniff.tcp.tunnels import FRAGMENT_HEADER

Mask = npt.NDArray[np.bool_]

_V4, _V6, _FRAGMENT = 20, 40, 8  # lengths of headers


class Group(NamedTuple):
    """One packet: where its addresses stand, what tells it from others, when its first fragment came and in which row
    its last; and of every fragment, in the order of the packet, row, offset in the packet, begin and end in the
    block."""

    version: int
    width: int
    addresses: int
    identification: int
    protocol: int
    first_ns: int
    row: int
    rows: list[int]
    offsets: list[int]
    starts: list[int]
    ends: list[int]


class _Fragments(NamedTuple):
    """Fragments of one IP version, int64 of shape (n,): `key` has a row for every number that tells packets apart."""

    place: I64
    key: I64
    addresses: I64
    identification: I64
    protocol: I64
    offset: I64
    more: I64
    start: I64
    end: I64
    whole: I64

    def take(self, rows: I64) -> _Fragments:
        return _Fragments(*(column[..., rows] for column in self))


def groups(block: PacketBlock, rows: I64, ether: I64, header: I64) -> tuple[dict[int, Group], Mask]:
    """Ordinary packets by the place (among these rows) of the fragment that came first, and a mask of the places of
    their others. The fragments of any other packet (parts missing, doubled, overlapping, cut or late) are left to the
    `FragmentTable`, which would give the same for these."""
    found: dict[int, Group] = {}
    later = np.zeros(len(rows), bool)
    if len(rows) > 1:
        end = block.offset[rows] + block.captured[rows]
        for version, width, read in ((4, 8, _v4), (6, 32, _v6)):
            fragments = read(block, ether, header, end)
            if len(fragments.place) > 1:
                found |= _ordinary(version, width, fragments, rows, block.time_ns[rows], later)
    return found, later


def _ordinary(
    version: int, width: int, fragments: _Fragments, rows: I64, time_ns: I64, later: Mask
) -> dict[int, Group]:
    fragments = fragments.take(np.lexsort((fragments.offset, *fragments.key)))
    place, offset, behind = fragments.place, fragments.offset, fragments.offset + fragments.end - fragments.start
    new = np.ones(len(place), bool)
    new[1:] = (fragments.key[:, 1:] != fragments.key[:, :-1]).any(axis=0)
    begins = np.flatnonzero(new)
    stops = np.append(begins[1:], len(new))
    last_of = np.zeros(len(new), bool)
    last_of[stops - 1] = True
    first, last = np.minimum.reduceat(place, begins), np.maximum.reduceat(place, begins)
    late = abs(time_ns[place] - np.repeat(time_ns[first], stops - begins)) > STALE_NS
    sound = (
        (fragments.whole > 0) & (offset == np.where(new, 0, np.roll(behind, 1))) & ((fragments.more == 0) == last_of)
    )
    sound &= ~late & (behind <= LARGEST)
    chosen = np.logical_and.reduceat(sound, begins) & (last - first < WAITING)
    later[place[np.repeat(chosen, stops - begins)]] = True
    later[first[chosen]] = False
    of_packet = fragments.addresses, fragments.identification, fragments.protocol
    of_packets = first, begins, stops, *(column[begins] for column in of_packet), time_ns[first], rows[last]
    of_fragments = [column.tolist() for column in (rows[place], offset, fragments.start, fragments.end)]
    return {
        place: Group(version, width, *numbers, *(column[begin:stop] for column in of_fragments))
        for place, begin, stop, *numbers in zip(*(column[chosen].tolist() for column in of_packets), strict=True)
    }


def _v4(block: PacketBlock, ether: I64, header: I64, end: I64) -> _Fragments:
    """RFC 791 §3.1."""
    data = block.data
    place = np.flatnonzero((ether == IPV4) & (header + _V4 <= end))
    at, end = header[place], end[place]
    length, field = (data[at].astype(np.int64) & 15) * 4, big_endian_16(data, at + 6)
    keep = (data[at] >> 4 == 4) & (field & 0x3FFF != 0) & (length >= _V4) & (at + length <= end)
    place, at, end, length, field = place[keep], at[keep], end[keep], length[keep], field[keep]
    total = big_endian_16(data, at + 2)
    identification, protocol = big_endian_16(data, at + 4), data[at + 9].astype(np.int64)
    key = np.stack([*_words(block, at + 12, 2), identification << 8 | protocol])
    stop = at + np.maximum(total, length)
    whole = ((total > length) & (stop <= end)).astype(np.int64)
    offset = (field & 0x1FFF) * 8
    return _Fragments(place, key, at + 12, identification, protocol, offset, field & 0x2000, at + length, stop, whole)


def _v6(block: PacketBlock, ether: I64, header: I64, end: I64) -> _Fragments:
    """RFC 8200 §4.5, where the fragment header is the first; one behind others is left to the table."""
    data = block.data
    place = np.flatnonzero((ether == IPV6) & (header + _V6 + _FRAGMENT <= end))
    at, end = header[place], end[place]
    field = big_endian_16(data, at + _V6 + 2)
    keep = (data[at] >> 4 == 6) & (data[at + 6] == FRAGMENT_HEADER) & (field & 0xFFF9 != 0)
    place, at, end, field = place[keep], at[keep], end[keep], field[keep]
    [identification] = _words(block, at + _V6 + 4, 1)
    protocol = data[at + _V6].astype(np.int64)
    key = np.stack([*_words(block, at + 8, 8), identification << 8 | protocol])
    start, stop = at + _V6 + _FRAGMENT, at + _V6 + big_endian_16(data, at + 4)
    whole = ((stop > start) & (stop <= end)).astype(np.int64)
    return _Fragments(place, key, at + 8, identification, protocol, field & 0xFFF8, field & 1, start, stop, whole)


def _words(block: PacketBlock, at: I64, count: int) -> list[I64]:
    """`count` 32-bit numbers that follow one another at each offset."""
    return [
        big_endian_16(block.data, at + place) << 16 | big_endian_16(block.data, at + place + 2)
        for place in range(0, 4 * count, 4)
    ]
