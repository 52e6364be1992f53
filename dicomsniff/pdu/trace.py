"""Segments of a stream in; the packets and times behind any byte range of it, out."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from dicomsniff.core import Direction, Evidence

_NEW = tuple.__new__  # half the time of a named tuple's own, which there is one of for every PDU


class PacketTrace:
    """Which packets carried the bytes that are still being read, for one direction of one connection.

    A chunk's lists are used as they are and never changed; own lists are kept only for bytes that straddle chunks.
    """

    __slots__ = (
        "_direction",
        "_heard",
        "_numbers",
        "_own",
        "_starts",
        "_times",
    )

    def __init__(self, direction: Direction) -> None:
        self._direction = direction
        self._starts: list[int] = []
        self._numbers: list[int] = []
        self._times: list[int] = []
        self._heard: list[int] = []
        self._own = False

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, starts: list[int], numbers: list[int], times: list[int], heard: Sequence[int] = ()) -> None:
        """More segments, in stream order; equal lengths, the first at or before the first new byte. Without `heard` it is
        not known what their sender had received."""
        heard = heard if isinstance(heard, list) and heard else list(heard) or [-1] * len(starts)
        if not self._starts:
            self._starts, self._numbers, self._times, self._heard, self._own = starts, numbers, times, heard, False
            return
        self._make_own(0)
        # A segment that a former chunk began may be listed again; the search takes the last of equal starts.
        before = self._starts[-1]
        self._starts.extend(starts if starts[0] >= before else [max(start, before) for start in starts])
        self._numbers.extend(numbers)
        self._times.extend(times)
        self._heard.extend(heard)

    def forget(self, offset: int) -> None:
        """Nothing before `offset` will be asked for again."""
        first = bisect_right(self._starts, offset) - 1
        if first >= 0 or not self._own:
            self._make_own(max(first, 0))

    def clear(self) -> None:
        """Nothing seen so far will be asked for again."""
        self._starts, self._numbers, self._times, self._heard, self._own = [], [], [], [], False

    def evidence(self, start: int, end: int) -> Evidence:
        """The packets of stream bytes `start` to `end` (exclusive), which must have been added."""
        return self.consecutive(start, (end,))[0]

    def consecutive(self, start: int, ends: Sequence[int]) -> list[Evidence]:
        """The packets of stream bytes from `start` to the first of `ends`, from there to the next, and so on."""
        starts, numbers, times, heard = self._starts, self._numbers, self._times, self._heard
        direction = self._direction
        found = []
        first = max(bisect_right(starts, start) - 1, 0)
        for end in ends:
            last = bisect_left(starts, end, first + 1) - 1
            if first == last:
                number, time = numbers[first], times[first]
                one = direction, start, end, number, number, time, time, heard[first]
                found.append(_NEW(Evidence, one))
            else:
                found.append(self._spanning(start, end, first, last))
            first = bisect_right(starts, end, last) - 1
            start = end
        return found

    def _spanning(self, start: int, end: int, first: int, last: int) -> Evidence:
        """The evidence of bytes in the segments from `first` to `last`."""
        numbers, times = self._numbers, self._times
        latest, latest_ns = max(numbers[first : last + 1]), max(times[first : last + 1])
        first_packet, first_ns, heard = numbers[first], times[first], self._heard[first]
        one = self._direction, start, end, first_packet, latest, first_ns, latest_ns, heard
        return _NEW(Evidence, one)

    def _make_own(self, first: int) -> None:
        if not self._own:
            self._starts, self._numbers, self._times = self._starts[first:], self._numbers[first:], self._times[first:]
            self._heard = self._heard[first:]
            self._own = True
        elif first > len(self._starts) // 2:  # not each time: a deletion moves all that stays
            del self._starts[:first], self._numbers[:first], self._times[:first], self._heard[:first]
