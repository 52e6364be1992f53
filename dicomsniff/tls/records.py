"""Chunks and gaps of one direction of a TLS connection in, its records out, in order; and where records are missing."""

from __future__ import annotations

from bisect import bisect_right

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tls.protection import Body

CHANGE_CIPHER, ALERT, HANDSHAKE, APPLICATION = 20, 21, 22, 23
HEADER = 5
LONGEST = (1 << 14) + 2048
"""RFC 5246 §6.2.3; TLS 1.3 allows less."""
CHAIN = 3
"""Plausible headers in a row that make a boundary behind a hole worth trying; what is found there must authenticate."""


class Record(NamedTuple):
    """A whole record: its content type and version, the stream offset of its header, and its body. `certain`: its
    beginning follows from the record before; otherwise it was searched for behind a hole."""

    kind: int
    version: int
    start: int
    body: Body
    certain: bool = True

    @property
    def end(self) -> int:
        return self.start + HEADER + len(self.body)


TAIL = 96
"""Bytes at the end of a record that is not whole: a MAC and two blocks tell how much of it was content."""


class Hole(NamedTuple):
    """Bytes from stream offset `start` to `end` of which no record could be made. `whole`: they are one record (the hole
    is within it). `split`: where the first record of several ends, 0 where that is not known. `tail`: the bytes directly
    before `end`, as far as they are there. `packet` and `time_ns` as in `Gap`."""

    start: int
    end: int
    whole: bool
    cause: GapCause
    packet: int
    time_ns: int
    split: int = 0
    tail: bytes = b""


class Trace:
    """Which packet carried which byte of the stream, from what is still needed on."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.numbers: list[int] = []
        self.times: list[int] = []
        self.heard: list[int] = []

    def add(self, chunk: Chunk) -> None:
        self.starts += chunk.starts
        self.numbers += chunk.numbers
        self.times += chunk.times
        self.heard += chunk.heard if len(chunk.heard) == len(chunk.starts) else [-1] * len(chunk.starts)

    def at(self, offset: int) -> int:
        """The row of the segment that carried the byte at this offset."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def forget(self, before: int) -> None:
        """Rows that carried only bytes before this offset are not needed any more."""
        if row := self.at(before):
            for column in (self.starts, self.numbers, self.times, self.heard):
                del column[:row]


class RecordReader:
    """Cuts one direction into records. A record that is not captured whole comes out as a `Hole`."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.broken = False  # what follows are no records
        self._buffer = bytearray()
        self._start = 0  # stream offset of the buffer's first byte
        self._known = True  # the buffer begins with a record's header
        self._hole: Hole | None = None  # not told yet: where it ends is not known
        self._skip_to = 0
        self._tail = b""  # the last bytes of a record with a hole
        self._tried = 0  # so many bytes of the buffer begin no record

    @property
    def begins(self) -> int:
        """Offset from which on bytes are still needed."""
        return self._start if self._buffer else max(self._start, self._skip_to)

    def feed(self, event: Chunk | Gap) -> list[Record | Hole]:
        if isinstance(event, Gap):
            if not self.broken:
                self._lose(event)
            return []
        self.trace.add(event)
        if self.broken:
            return [self._garbage(event.start, event.start + len(event.data))]
        data, at = event.data, event.start
        if not self._buffer:
            self._start = at
        return self._cut(data, at)

    def close(self) -> list[Record | Hole]:
        """The stream has ended; what waited for more will not come."""
        out = self._search(final=True) if self._hole and not self._known else []
        left, self._hole = self._hole, None
        return [*out, left] if left else out

    def _cut(self, data: Body, at: int) -> list[Record | Hole]:
        out: list[Record | Hole] = []
        view = memoryview(data)
        if self._skip_to > at:  # the rest of a record that has a hole
            step = min(self._skip_to - at, len(view))
            self._tail = (self._tail + bytes(view[max(0, step - TAIL) : step]))[-TAIL:]
            view, at = view[step:], at + step
            self._start = at
            if not view:
                return out
        if not self._known:
            self._buffer += view
            return out + self._search()
        if self._hole:
            out.append(self._hole._replace(tail=self._tail))
            self._hole = None
        if self._buffer:
            view = self._fill(view, out)
            at = self._start + len(self._buffer)
        if self.broken and view:
            out.append(self._garbage(at, at + len(view)))
        elif view:
            used = self._whole_records(view, at, out)
            self._buffer += view[used:]
            self._start = at + used
        return out

    def _fill(self, view: memoryview, out: list[Record | Hole]) -> memoryview:
        """Complete the record that has begun; what is left of the bytes."""
        view = self._add(view, HEADER)
        if len(self._buffer) < HEADER:
            return view
        header = _header(self._buffer, 0)
        if _plausible(*header):
            view = self._add(view, HEADER + header[2])
            if len(self._buffer) < HEADER + header[2]:
                return view
        whole = memoryview(bytes(self._buffer))
        self._buffer.clear()
        self._start += self._whole_records(whole, self._start, out)
        return view

    def _add(self, view: memoryview, wanted: int) -> memoryview:
        """Bytes to the buffer until it holds so many."""
        missing = max(0, wanted - len(self._buffer))
        self._buffer += view[:missing]
        return view[missing:]

    def _whole_records(self, view: memoryview, at: int, out: list[Record | Hole], certain: bool = True) -> int:
        used = 0
        while len(view) - used >= HEADER:
            kind, version, length = _header(view, used)
            if not _plausible(kind, version, length):
                self.broken = True
                out.append(self._garbage(at + used, at + len(view)))
                return len(view)
            end = used + HEADER + length
            if end > len(view):
                break
            out.append(Record(kind, version, at + used, view[used + HEADER : end], certain))
            certain = True
            used = end
        return used

    def _garbage(self, start: int, end: int) -> Hole:
        """Bytes that are there and are no records."""
        row = self.trace.at(start)
        return Hole(start, end, False, GapCause.UNREADABLE, self.trace.numbers[row], self.trace.times[row])

    def _lose(self, gap: Gap) -> None:
        """A hole: within a record of known length the next one is known, otherwise it must be searched for."""
        end = gap.start + gap.length
        begin = self._start if self._buffer else gap.start
        split = 0
        if self._hole:
            begin, split = self._hole.start, self._hole.split
        within = self._known and len(self._buffer) >= HEADER
        stop = self._start + HEADER + _header(self._buffer, 0)[2] if within else max(self._skip_to, gap.start)
        self._buffer.clear()
        self._tail, self._tried = b"", 0
        if self._known and stop >= end:
            self._skip_to, self._start = stop, stop
            self._hole = Hole(begin, stop, True, gap.cause, gap.packet, gap.time_ns)
            return
        if self._known and stop > begin and not (self._hole and not self._hole.whole):
            split = stop
        self._known = False
        self._hole = Hole(begin, end, False, gap.cause, gap.packet, gap.time_ns, split)
        self._skip_to, self._start = end, end

    def _search(self, final: bool = False) -> list[Record | Hole]:
        """Look for a chain of headers behind the hole."""
        at, chained = self._tried, None
        with memoryview(self._buffer) as view:
            for at in range(self._tried, len(view) - HEADER + 1):
                chained = _chain(view, at, final)
                if chained or (chained is None and not final):
                    break  # found, or more bytes will tell
        self._tried = at
        if chained:
            return self._found(at)
        if len(self._buffer) > 4 * LONGEST and self._hole is not None:
            self.broken = True
            left = self._hole._replace(end=self._start + len(self._buffer))
            self._hole = None
            self._buffer.clear()
            return [left]
        return []

    def _found(self, at: int) -> list[Record | Hole]:
        """The buffer holds records from this place on."""
        assert self._hole is not None
        begin, tail = self._start + at, bytes(self._buffer[max(0, at - TAIL) : at])
        out: list[Record | Hole] = [self._hole._replace(end=begin, tail=tail)]
        self._hole, self._known, self._tried = None, True, 0
        rest = memoryview(bytes(self._buffer[at:]))
        self._buffer.clear()
        used = self._whole_records(rest, begin, out, certain=False)
        self._buffer += rest[used:]
        self._start = begin + used
        return out


def _header(data: Body | bytearray, at: int) -> tuple[int, int, int]:
    return data[at], data[at + 1] << 8 | data[at + 2], data[at + 3] << 8 | data[at + 4]


def _plausible(kind: int, version: int, length: int) -> bool:
    return CHANGE_CIPHER <= kind <= APPLICATION and version >> 8 == 3 and version & 0xFF <= 4 and length <= LONGEST


def _chain(view: memoryview, at: int, final: bool) -> bool | None:
    """Whether records follow each other from here on; None where more bytes are needed to tell."""
    for _ in range(CHAIN):
        if at + HEADER > len(view):
            return True if final and at == len(view) else None
        kind, version, length = _header(view, at)
        if not (_plausible(kind, version, length) and length):
            return False
        at += HEADER + length
    return True
