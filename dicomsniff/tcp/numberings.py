"""Segments in, the same out with the conversations of which two numberings are mixed brought to one of them.

Both sides of a firewall that draws sequence numbers anew show each packet twice, with numbers that differ by a constant.
Where the SYNs were captured they tell (`renumbered`); here it is learnt from what comes later. A segment far from where its
conversation has got to, so soon that nobody can have said what lies between, is a stranger and left out. Two packets that were
seen with either numbering tell the distance, and from then on each is read once, where it was captured first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from dicomsniff.core.records import dataclass, replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.segments import ACK, FIN, I64, RST, SEQUENCE, SYN, U8, Segments, pair_numbers

FASTEST = 5
"""Bytes in a ns: 40 Gbit/s, of one conversation. What is farther ahead than that can have carried is no part of what was said."""
APART_NS = 430_000_000
"""In this time they carry half of all numbers."""
LATE_NS = 20_000_000
"""A firewall passes a packet on much sooner."""
FARTHER = 1 << 24
NEAR = 1 << 20
"""From the SYN of a conversation to where it is, as long as that may still be captured; ports used again have other numbers."""
ALONE = 16
"""So many strangers, and none in the numbers that are read, are the conversation itself."""
NEIGHBOURS = 4096
"""Segments of all conversations, between two of one that are compared."""
RECENT = 64
"""Segments of a conversation with which its next one is compared."""
PATIENCE = 1024
"""Segments without a stranger behind which none is expected any more, as long as no distance is known."""
MOST = 4096
"""Conversations of this kind known at once."""
HEAD, VARIED = 64, 16
"""So many bytes tell one segment from every other, if so many of them differ: an image may repeat itself."""
PROVED = 2
_FACTOR = 0x1E3779B97F4A7C15
_HALF = 1 << 31
_COLUMNS = ("source", "target", "seq", "ack", "flags")
Pair = tuple[int, int]  # endpoint ids, the lower first; numbers of the lower and of the higher end


class _Row(NamedTuple):
    """One segment: `way` is 0 if the lower end sent it."""

    way: int
    clock_ns: int
    seq: int
    ack: int
    flags: int
    window: int
    length: int
    identification: int
    head: bytes

    @property
    def numbers(self) -> Pair:
        return (self.ack, self.seq) if self.way else (self.seq, self.ack)

    @property
    def end(self) -> int:
        return self.seq + self.length + (self.flags & FIN > 0)

    def same(self, other: _Row) -> bool:
        return (self.way, self.flags, self.length, self.head) == (other.way, other.flags, other.length, other.head)

    def counted_as(self, other: _Row) -> bool:
        return self.identification == other.identification > 0 and self.window == other.window


class _Met(NamedTuple):
    """A segment, whether it is a stranger, and whether its sender counts its packets."""

    strange: bool
    row: _Row
    counted: bool


@dataclass(slots=True)
class _Talk:
    """A conversation that strangers met: how far either end had got in the numbers that are read (`place`, and `reached`
    by segments that bear these themselves), and how far the other numbering is from them."""

    place: list[int]
    reached: list[int]
    latest_ns: int
    apart: Pair | None = None
    votes: dict[Pair, int] = field(default_factory=dict)
    recent: deque[_Met] = field(default_factory=lambda: deque(maxlen=RECENT))
    last: dict[tuple[bool, int], int] = field(default_factory=dict)  # identification, of each numbering and way
    between: bool = False  # a stranger came between segments that are none
    since: int = 0  # segments since the last stranger
    met: Pair | None = None  # the numbers of the last stranger
    alone: int = 0  # strangers since the last segment that is none
    reset: list[bool] = field(default_factory=lambda: [False, False])

    def near(self, row: _Row, apart: Pair) -> bool:
        """Whether a segment continues what the numbers that are `apart` from those read have got to."""
        told = (True, row.flags & ACK > 0)
        ends = (row.way, row.seq), (1 - row.way, row.ack)
        far = (abs(_ahead(number, self.place[end] + apart[end])) > FARTHER for end, number in ends)
        return not any(each and there for each, there in zip(far, told, strict=True))

    def began(self, row: _Row) -> bool:
        """Whether this SYN opened it, and was captured late."""
        return 0 <= _ahead(self.place[row.way], row.seq + 1) < NEAR

    def own(self, row: _Row) -> Pair | None:
        """A segment in the numbers that are read: as what it is read, None where it was read already."""
        way = row.way
        self.latest_ns, self.between, self.since = row.clock_ns, self.between or self.since == 0, self.since + 1
        self.alone = 0
        self.compare(row, strange=False)
        new = _ahead(row.seq, self.reached[way]) >= 0 and row.end > row.seq
        self.reached[way] = _later(self.reached[way], row.end)
        if self.apart and ((new and _ahead(row.end, self.place[way]) <= 0) or self.reset_again(row)):
            return None
        return self.read(row, row.seq, row.ack)

    def other(self, row: _Row, apart: Pair) -> Pair | None:
        """The same for one in the other numbers: of what was read already, only what comes first is of interest."""
        seq, ack = row.seq - apart[row.way] & SEQUENCE, row.ack - apart[1 - row.way] & SEQUENCE
        self.latest_ns = row.clock_ns
        new = _ahead(seq + row.end - row.seq, self.place[row.way]) > 0
        new |= row.flags & ACK > 0 and _ahead(ack, self.place[1 - row.way]) > 0
        new |= row.flags & RST > 0
        return self.read(row, seq, ack) if new and not self.reset_again(row) else None

    def strange(self, row: _Row) -> bool:
        """Whether this, which is near to nothing known, is of another numbering: it came too soon for what lies between to have
        been said, or continues what came so, and what is read went on behind that."""
        distance = max(abs(_ahead(number, at)) for number, at in zip(row.numbers, self.place, strict=True))
        again = self.met is not None and all(
            abs(_ahead(a, b)) <= FARTHER for a, b in zip(row.numbers, self.met, strict=True)
        )
        if not (_too_soon(row.clock_ns - self.latest_ns, distance) or (again and self.between and self.alone < ALONE)):
            return False
        self.met, self.alone = row.numbers, self.alone + 1
        self.compare(row, strange=True)
        return True

    def read(self, row: _Row, seq: int, ack: int) -> Pair:
        way = row.way
        self.place[way] = _later(self.place[way], seq + row.end - row.seq)
        if row.flags & ACK:
            self.place[1 - way] = _later(self.place[1 - way], ack)
        return seq, ack

    def reset_again(self, row: _Row) -> bool:
        if not row.flags & RST:
            return False
        known, self.reset[row.way] = self.reset[row.way], True
        return known

    def compare(self, row: _Row, *, strange: bool) -> None:
        """Learn the distance from packets that were captured in either numbering."""
        if self.apart is not None or row.flags & (RST | SYN):
            return
        counted = self.last.get((strange, row.way), 0) not in (0, row.identification)
        self.last[strange, row.way] = row.identification
        self.since = 0 if strange else self.since
        alike = [
            met.row for met in self.recent
            if met.strange is not strange and row.clock_ns - met.row.clock_ns <= LATE_NS and met.row.same(row)
            and (len(set(row.head)) >= VARIED or (counted and met.counted and met.row.counted_as(row)))
        ]  # fmt: skip
        self.recent.append(_Met(strange, row, counted))
        if len(alike) == 1:
            self.vote(*((row, alike[0]) if strange else (alike[0], row)))

    def vote(self, stranger: _Row, one: _Row) -> None:
        apart = tuple(_ahead(a, b) for a, b in zip(stranger.numbers, one.numbers, strict=True))
        if any(0 < abs(distance) <= FARTHER for distance in apart):
            return
        pair = apart[0], apart[1]
        self.votes[pair] = self.votes.get(pair, 0) + 1
        if self.votes[pair] >= PROVED and self.between:
            self.apart = pair
            self.recent.clear()


class Numberings:
    """Follows the blocks of a capture in order."""

    def __init__(self) -> None:
        self._talks: dict[Pair, _Talk] = {}
        self._before = np.empty(
            (len(_COLUMNS) + 1, 0), np.int64
        )  # the latest segments, and the clock behind their columns

    def join(self, segments: Segments, clock: I64, data: U8) -> tuple[Segments, I64]:
        """The segments in the numbers that are read, and the rows that are left out, ascending. `clock` is the latest time up
        to each segment."""
        jumps = self._jumps(segments, clock)
        gone = np.empty(0, np.int64)
        if not (self._talks or jumps) or not len(segments):
            return segments, gone
        pairs = pair_numbers(segments.source, segments.target)
        known = np.array([*self._talks, (0, 0)], np.int64)
        ours = np.concatenate([pair_numbers(known[:, 0], known[:, 1]), pairs[list(jumps)]])
        rows = np.flatnonzero(np.isin(pairs, ours))
        return self._read(segments, rows, _rows(segments, rows, clock, data), jumps) if len(rows) else (segments, gone)

    def _jumps(self, segments: Segments, clock: I64) -> dict[int, Pair]:
        """Rows that are far from the one before of their conversation, with the numbers of that."""
        known = self._before.shape[1]
        own = (*(getattr(segments, name) for name in _COLUMNS), clock)
        source, target, seq, ack, flags, clocks = (
            np.concatenate([before, column]) for before, column in zip(self._before, own, strict=True)
        )
        order = np.argsort(((source + target) * _FACTOR >> 48).astype(np.uint16), kind="stable")
        lower, one, other = source < target, order[:-1], order[1:]
        numbers = [np.where(lower, *pair).astype(np.uint32)[order] for pair in ((seq, ack), (ack, seq))]
        far = np.logical_or(*(np.diff(number) + np.uint32(FARTHER) > 2 * FARTHER for number in numbers))
        found: dict[int, Pair] = {}
        if far.any():
            telling = flags & (ACK | RST) == ACK
            near = (other - one < NEIGHBOURS) & (clocks[other] - clocks[one] <= APART_NS)
            near &= np.logical_or(*(_too_soon(clocks[other] - clocks[one], _gap(number)) for number in numbers))
            same = np.minimum(source, target)[one] == np.minimum(source, target)[other]
            same &= np.maximum(source, target)[one] == np.maximum(source, target)[other]
            places = np.flatnonzero(far & near & same & telling[one] & telling[other] & (other >= known))
            before = zip(*(number[places].tolist() for number in numbers), strict=True)
            found = dict(zip((other[places] - known).tolist(), before, strict=True))
        count = len(clocks) - int(np.searchsorted(clocks, clocks[-1] - APART_NS)) if len(clocks) else 0
        kept = slice(len(clocks) - min(count, NEIGHBOURS), None)
        self._before = np.stack([column[kept] for column in (source, target, seq, ack, flags, clocks)])
        return found

    def _read(
        self, segments: Segments, rows: I64, own: list[tuple[Pair, _Row]], jumps: dict[int, Pair]
    ) -> tuple[Segments, I64]:
        """Row by row: which are left out, and which are read in other numbers."""
        seq, ack, gone = segments.seq.copy(), segments.ack.copy(), []
        for at, (pair, row) in zip(rows.tolist(), own, strict=True):
            talk, jump = self._talks.get(pair), jumps.get(at)
            if talk is None and jump is not None:
                talk = self._begin(pair, jump, row.clock_ns)
            if talk is None:
                continue
            opens = row.flags & (SYN | ACK) == SYN
            if opens and talk.began(row):
                continue
            if opens or (talk.apart is None and talk.since > PATIENCE):
                del self._talks[pair]  # another conversation, or nothing strange any more
                continue
            if talk.near(row, (0, 0)):
                found = talk.own(row)
            elif talk.apart is not None and talk.near(row, talk.apart):
                found = talk.other(row, talk.apart)
            elif not (row.seq and row.flags & ACK) or not talk.strange(row):
                del self._talks[pair]  # it refuses a SYN; or what lies between may just not have been captured
                continue
            else:
                found = None
            if found is None:
                gone.append(at)
            else:
                seq[at], ack[at] = found
        return replace(segments, seq=seq, ack=ack), np.array(gone, np.int64)

    def _begin(self, pair: Pair, before: Pair, clock_ns: int) -> _Talk:
        if len(self._talks) >= MOST:
            del self._talks[next(iter(self._talks))]
        talk = self._talks[pair] = _Talk(list(before), list(before), clock_ns)
        return talk


def _rows(segments: Segments, rows: I64, clock: I64, data: U8) -> list[tuple[Pair, _Row]]:
    """These rows one by one, with their conversations."""
    names = ("source", "target", "seq", "ack", "flags", "window", "length", "network", "payload", "captured")
    columns = clock[rows].tolist(), *(getattr(segments, name)[rows].tolist() for name in names)
    found = []
    for clock_ns, source, target, seq, ack, flags, window, length, network, payload, captured in zip(
        *columns, strict=True
    ):
        pair = (source, target) if source < target else (target, source)
        v4 = network >= 0 and data[network] >> 4 == 4
        identification = int(data[network + 4]) << 8 | int(data[network + 5]) if v4 else 0
        head = data[payload : payload + HEAD].tobytes() if captured >= HEAD else b""
        way = int(source > target)
        found.append((pair, _Row(way, clock_ns, seq, ack, flags, window, length, identification, head)))
    return found


def _gap(numbers: npt.NDArray[np.uint32]) -> I64:
    """How far each is from the one before, in either direction."""
    ahead = np.diff(numbers)
    return np.asarray(np.minimum(ahead, -ahead).astype(np.int64))


def _too_soon(elapsed_ns: Any, distance: Any) -> Any:
    """Whether so many bytes cannot have been sent in this time; of numbers or of columns."""
    return elapsed_ns * FASTEST < distance


def _ahead(number: int, other: int) -> int:
    return (number - other + _HALF & SEQUENCE) - _HALF


def _later(one: int, other: int) -> int:
    return other & SEQUENCE if _ahead(other, one) > 0 else one
