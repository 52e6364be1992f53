"""IP fragments in, whole packets' payloads out (RFC 791, RFC 8200): where fragments overlap, the bytes that came first win."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from dataclasses import field

from dicomsniff.core.records import dataclass

Key = tuple[bytes, int, int]  # source and destination, identification, protocol

WAITING = 1024
"""Packets whose fragments are remembered at once; a receiver keeps far fewer."""
STALE_NS = 1_000_000_000
"""Fragments of one packet follow one another at once; a busy host uses an identification again after seconds."""
LARGEST = 65_535


@dataclass(slots=True)
class _Parts:
    first_ns: int
    starts: list[int] = field(default_factory=list)  # of the pieces, which do not overlap
    pieces: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    length: int | None = None
    done: bool = False
    differs: bool = False  # one fragment says of the same bytes what another does not
    numbers: list[int] = field(default_factory=list)

    def add(self, offset: int, more: bool, piece: bytes, number: int) -> None:
        end = offset + len(piece)
        if new := self._fresh(offset, end, piece):
            self.numbers.append(number)
        for low, high in new:
            insort(self.starts, low)
            self.pieces[low] = piece[low - offset : high - offset]
            self.size += high - low
        if not more:
            self.differs |= self.length not in (None, end)
            self.length = end if self.length is None else self.length

    def _fresh(self, offset: int, end: int, piece: bytes) -> list[tuple[int, int]]:
        """The parts of a piece that no other has brought; those that another has are compared."""
        new, at = list[tuple[int, int]](), offset
        for start in self.starts[max(0, bisect_right(self.starts, offset) - 1) : bisect_left(self.starts, end)]:
            known = self.pieces[start]
            low, high = max(start, offset), min(start + len(known), end)
            if low < high:
                self.differs |= known[low - start : high - start] != piece[low - offset : high - offset]
                new.append((at, low))
                at = high
        return [(low, high) for low, high in (*new, (at, end)) if low < high]

    def whole(self) -> bytes | None:
        """The payload once it has no holes."""
        if self.length is None or self.size < self.length:
            return None
        joined = b"".join(self.pieces[start] for start in self.starts)
        reached = 0
        for start in self.starts:
            if start > reached:
                break
            reached = start + len(self.pieces[start])
        return joined[: self.length] if reached >= self.length else None


class FragmentTable:
    """Collects fragments until a packet is whole; the oldest packet gives way when there are too many. `joined` are the
    packets that carried the fragments of the last that became whole; `differing` counts packets of which fragments
    overlapped and did not agree."""

    def __init__(self) -> None:
        self.joined: list[int] = []
        self.differing = 0
        self._packets: OrderedDict[Key, _Parts] = OrderedDict()

    def add(self, key: Key, offset: int, more: bool, piece: bytes, time_ns: int, number: int = 0) -> bytes | None:
        """The whole payload if this piece completes it; further copies of its fragments are passed over."""
        if offset + len(piece) > LARGEST:
            return None
        parts = self._current(key, time_ns) or self._new(key, time_ns)
        if parts.done:
            return None
        known = parts.differs
        parts.add(offset, more, piece, number)
        self.differing += parts.differs and not known
        whole = parts.whole()
        if whole is not None:
            parts.done = True
            parts.pieces.clear()
            parts.starts.clear()
            self.joined, parts.numbers = parts.numbers, []
        return whole

    def begin(self, key: Key, time_ns: int) -> bool:
        """A packet whose fragments all came together: False if some are known already, which must be `add`ed then;
        otherwise further copies of its fragments are passed over from now on."""
        if self._current(key, time_ns) is not None:
            return False
        self._new(key, time_ns).done = True
        return True

    def _current(self, key: Key, time_ns: int) -> _Parts | None:
        parts = self._packets.get(key)
        return None if parts is None or abs(time_ns - parts.first_ns) > STALE_NS else parts

    def _new(self, key: Key, time_ns: int) -> _Parts:
        self._packets.pop(key, None)
        parts = self._packets[key] = _Parts(time_ns)
        if len(self._packets) > WAITING:
            self._packets.popitem(last=False)
        return parts
