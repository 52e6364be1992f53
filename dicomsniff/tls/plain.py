"""Contents of opened records of one direction in; the stream that the applications see, as chunks and gaps, out.

Offsets count the application's bytes; what is said of them in offsets of the encrypted stream is translated.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tls.protection import Body
from dicomsniff.tls.records import Trace


class PlainStream:
    """`trace` says which packets carried the encrypted bytes."""

    def __init__(self, connection: int, direction: Direction, trace: Trace) -> None:
        self._connection, self._direction, self._trace = connection, direction, trace
        self._length = 0
        self._sealed_ends, self._ends = array("q"), array("q")  # of each record, in either stream
        self._parts: list[Body] = []
        self._columns: tuple[list[int], ...] = ([], [], [], [])
        self._events: list[Chunk | Gap] = []

    def add(self, content: Body, begin: int, end: int) -> None:
        """The content of a record that begins at offset `begin` of the encrypted stream; the record ends at `end`."""
        if content:
            self._place(len(content), begin, end)
            self._parts.append(content)
            self._length += len(content)
        self._end(end)

    def lose(self, length: int, end: int, cause: GapCause, packet: int, time_ns: int) -> None:
        """So many bytes could not be had; the encrypted stream goes on at `end`."""
        self._flush()
        if length > 0:
            self._events.append(Gap(self._connection, self._direction, self._length, length, cause, packet, time_ns))
            self._length += length
        self._end(end)

    def take(self, other: PlainStream) -> list[Chunk | Gap]:
        """What has been added since; `other` is the opposite direction."""
        self._flush()
        events, self._events = self._events, []
        return [event._replace(heard=other.all_translated(event.heard)) if isinstance(event, Chunk) else event
                for event in events]  # fmt: skip

    def all_translated(self, sealed: Sequence[int]) -> list[int]:
        """`translated` of each; neighbours are mostly the same."""
        known = {offset: self.translated(offset) for offset in set(sealed)}
        return [known[offset] for offset in sealed]

    def translated(self, sealed: int) -> int:
        """The bytes of the application among the first `sealed` of the encrypted stream: of whole records, for of a part
        a receiver can make nothing. Negative stays negative: unknown."""
        if sealed < 0:
            return sealed
        at = bisect_right(self._sealed_ends, sealed)
        return self._ends[at - 1] if at else 0

    def _end(self, sealed: int) -> None:
        self._sealed_ends.append(sealed)
        self._ends.append(self._length)

    def _place(self, length: int, begin: int, end: int) -> None:
        """The packets that carried a record. Its last byte came with the packet that completed it."""
        trace, start, last = self._trace, self._length, self._length + length - 1
        first, stop = trace.at(begin), trace.at(end - 1) + 1
        by = start - begin
        own = [start, *(offset + by for offset in trace.starts[first + 1 : stop])]
        columns = [column[first:stop] for column in (trace.numbers, trace.times, trace.heard)]
        while own[-1] > last or (len(own) > 1 and own[-2] >= last):  # what came behind the content, or completed it
            own[-1] = last
            if len(own) > 1 and own[-2] >= last:
                del own[-2]
                for column in columns:
                    del column[-2]
        for all_rows, rows in zip(self._columns, (own, *columns), strict=True):
            all_rows += rows

    def _flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            start = self._length - len(data)
            self._events.append(Chunk(self._connection, self._direction, start, data, *self._columns))
            self._parts, self._columns = [], ([], [], [], [])
