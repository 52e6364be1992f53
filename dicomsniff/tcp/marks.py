"""Packets of one sender in, which of two it sent first out: by its clock (RFC 7323 §3.2) or its count of packets (RFC 6864).

The clock of a segment that is sent again is that of the second sending, and its identification is new (RFC 6864 §4.1); one
that was captured late, or overtaken on its way, keeps those it was sent with.
"""

from __future__ import annotations

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.segments import Segments
from dicomsniff.tcp.stamps import WRITTEN

NEAR = 256
"""Packets counted between two that follow each other closely; numbers drawn at random are so near once in 250 times."""
NEAR_SWAPPED = 16
"""The same where a sender writes the count with its bytes exchanged, as old ones of Windows did."""
FAR = 8192
"""As many packets a host sends before it sends a segment again."""
_OPTION = WRITTEN.to_bytes(4, "big")


class Mark(NamedTuple):
    """What a packet tells of when it was sent: its time stamp, -1 where it has none, and its IP identification, 0 where
    that says nothing (IPv6, and where a sender that forbids fragments counts nothing)."""

    stamp: int
    identification: int


UNMARKED = Mark(-1, 0)


def mark_of(segments: Segments, row: int, data: memoryview) -> Mark:
    """That of the packet in this row; `data` is what its offsets refer to."""
    at, network, stamp, identification = int(segments.option[row]), int(segments.network[row]), -1, 0
    if at + 12 <= int(segments.option_end[row]) and data[at : at + 4] == _OPTION:
        stamp = int.from_bytes(data[at + 4 : at + 8], "big")
    if network >= 0 and data[network] >> 4 == 4:
        identification = data[network + 4] << 8 | data[network + 5]
    return Mark(stamp, identification)


def by_clock(mark: Mark, other: Mark) -> int:
    """1 where the first of these was sent later than the other, -1 where earlier, as the sender's clock says; 0 where that
    does not tell."""
    if mark.stamp < 0 or other.stamp < 0:
        return 0
    return _sign(_apart(mark.stamp, other.stamp, 32))


def by_count(mark: Mark, behind: Mark, last: Mark) -> int:
    """The same as the sender's count of packets says. `behind` and `last` are two packets that it sent in this order, or the
    same one twice: that it counts at all is known from them, where `mark` is not shortly before."""
    if not (mark.identification and behind.identification):
        return 0
    if _near(mark, behind) < 0:
        return -1
    counts = _near(last, behind)
    if counts <= 0:
        return 0
    swap = abs(_apart(last.identification, behind.identification, 16)) > NEAR
    one, two = mark.identification, last.identification
    since = _apart(_swapped(one), _swapped(two), 16) if swap else _apart(one, two, 16)
    return 1 if 0 < since <= FAR else 0


def _near(mark: Mark, other: Mark) -> int:
    """Whether a packet was counted shortly before (-1) or behind (1) the other; 0: neither."""
    one, two = mark.identification, other.identification
    if not (one and two):
        return 0
    plain, swapped = _apart(one, two, 16), _apart(_swapped(one), _swapped(two), 16)
    if abs(plain) <= NEAR:
        return _sign(plain)
    return _sign(swapped) if abs(swapped) <= NEAR_SWAPPED else 0


def _apart(one: int, other: int, bits: int) -> int:
    """How far a number is ahead of another where they begin again after so many bits."""
    half = 1 << bits - 1
    return (one - other + half) % (2 * half) - half


def _swapped(number: int) -> int:
    return (number & 0xFF) << 8 | number >> 8


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
