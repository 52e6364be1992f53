"""One direction of a connection: segments in any order in, contiguous bytes and holes out."""

from __future__ import annotations

from collections.abc import Callable

from dicomsniff.core import Direction, Limits
from dicomsniff.tcp.events import Chunk, DirectionFacts, Gap, GapCause

Emit = Callable[[Chunk | Gap], None]

WRAP = 1 << 32
HALF = 1 << 31
REORDER_NS = 3_000_000
"""A hole filled sooner than this was reordering; recovery by retransmission takes at least a round trip."""
FARTHEST = 64 << 20
"""A sequence number farther ahead than any receive window in the field is believed only when a second one agrees."""
PROVED_LOST = 64
"""Packets that may pass after the receiver confirmed a hole before its bytes count as never captured."""


class Held:
    """A segment that waits behind a hole."""

    __slots__ = ("captured", "data", "end", "number", "start", "time_ns")

    def __init__(self, start: int, end: int, data: bytes, captured: int, number: int, time_ns: int) -> None:
        self.start, self.end, self.data, self.captured = start, end, data, captured
        self.number, self.time_ns = number, time_ns


class Stream:
    """Puts one direction in order. Offsets count from the first byte after the SYN, or from the first byte seen."""

    __slots__ = (
        "_chunk_start", "_doubtful", "_doubtful_ack", "_emit", "_held_bytes", "_limits", "_numbers", "_pieces", "_starts", "_times",
        "acknowledged", "base", "bytes", "connection", "data_packets", "direction", "held", "highest", "hole_ns",
        "hole_packets", "ignored", "lost", "next", "out_of_order", "packets", "retransmitted", "truncated",
        "zero_ns", "zero_since",
    )  # fmt: skip

    def __init__(self, connection: int, direction: Direction, emit: Emit, limits: Limits) -> None:
        self.connection, self.direction = connection, direction
        self._emit, self._limits = emit, limits
        self.base: int | None = None  # sequence number of stream offset 0
        self.next = 0  # offset of the first byte that has not been delivered
        self.highest = 0  # offset behind the highest byte seen
        self.held: list[Held] = []  # waiting behind a hole, in order of their start
        self._held_bytes = 0
        self.hole_packets = 0  # packets of the connection since the present hole was first seen
        self.hole_ns = 0
        self.ignored = False
        self.acknowledged: int | None = None
        self.packets = self.data_packets = self.bytes = 0
        self.retransmitted = self.out_of_order = self.lost = self.truncated = 0
        self.zero_ns = 0
        self.zero_since: int | None = None
        self._pieces: list[bytes | memoryview] = []
        self._starts: list[int] = []
        self._numbers: list[int] = []
        self._times: list[int] = []
        self._chunk_start = 0
        self._doubtful = self._doubtful_ack = -1

    def offset_of(self, seq: int) -> int:
        """Stream offset of a sequence number: the one of its 2^32 meanings that lies nearest to what was delivered."""
        distance = (seq - (self.base or 0) - self.next) % WRAP
        return self.next + (distance - WRAP if distance >= HALF else distance)

    def acknowledge(self, ack: int) -> None:
        """The receiver confirmed everything before this sequence number."""
        offset = self.offset_of(ack)
        known = self.acknowledged or 0
        if self.acknowledged is not None and offset <= known:
            return
        if offset - max(known, self.next) > FARTHEST:
            agrees = 0 <= offset - self._doubtful_ack <= FARTHEST and self._doubtful_ack >= 0
            self._doubtful_ack = offset
            if not agrees:
                return
        self.acknowledged = max(offset, 0)

    def add(self, seq: int, length: int, payload: memoryview, number: int, time_ns: int) -> None:
        """One segment with `length` > 0 bytes on the wire, of which `payload` was captured."""
        start = self.offset_of(seq)
        end = start + length
        if end <= self.next:
            if not (length == 1 and end == self.next):  # a keep-alive repeats the last byte
                self.retransmitted += length
            return
        if start < self.next:
            self.retransmitted += self.next - start
        if start > self.next:
            if self._plausible(start, end):
                self._hold(start, end, payload, number, time_ns)
            return
        if self.held:
            self._filled(start, end, time_ns)
        self._deliver(start, end, payload, len(payload), number, time_ns)
        if self.held:
            self._drain(number, time_ns)

    def _plausible(self, start: int, end: int) -> bool:
        """Whether a sequence number this far ahead can be meant, or must be a broken packet."""
        if start - max(self.next, self.acknowledged or 0) <= FARTHEST:
            return True
        agrees = self._doubtful == start
        self._doubtful = end
        return agrees

    def add_run(
        self, total: int, pieces: list[memoryview], starts: list[int], numbers: list[int], times: list[int]
    ) -> None:
        """Segments known to follow one another and what was delivered, `total` bytes together, all captured whole."""
        if not self.ignored:
            if not self._pieces:
                self._chunk_start = self.next
            self._pieces += pieces
            self._starts += starts
            self._numbers += numbers
            self._times += times
        self.bytes += total
        self.next += total
        self.highest = max(self.highest, self.next)

    def _hold(self, start: int, end: int, payload: memoryview, number: int, time_ns: int) -> None:
        if not self.held:
            self.hole_packets, self.hole_ns = 0, time_ns
        at = len(self.held)
        while at and self.held[at - 1].start > start:
            at -= 1
        if at and self.held[at - 1].end >= end:
            self.retransmitted += end - start
            return
        if end <= self.highest and start < self.highest:
            self.out_of_order += 1
        self.highest = max(self.highest, end)
        data = b"" if self.ignored else bytes(payload)
        self.held.insert(at, Held(start, end, data, len(payload), number, time_ns))
        self._held_bytes += len(data)
        while self._held_bytes > self._limits.reorder_bytes or len(self.held) > self._limits.reorder_segments:
            self._give_up(GapCause.LOST, number, time_ns)

    def _filled(self, start: int, end: int, time_ns: int) -> None:
        """Account for the segment that fills the present hole: reordered, or sent again after a loss."""
        if time_ns - self.hole_ns < REORDER_NS:
            self.out_of_order += 1
        else:
            self.retransmitted += min(end, self.held[0].start) - max(start, self.next)

    def _deliver(
        self, start: int, end: int, payload: bytes | memoryview, captured: int, number: int, time_ns: int
    ) -> None:
        """Pass on bytes start..end of which the first `captured` are there; the part before `next` is old."""
        skip = self.next - start
        fresh = max(0, captured - skip)
        if fresh:
            if not self.ignored:
                if not self._pieces:
                    self._chunk_start = self.next
                self._pieces.append(payload[skip:captured])
                self._starts.append(self.next)
                self._numbers.append(number)
                self._times.append(time_ns)
            self.bytes += fresh
            self.next += fresh
        self.highest = max(self.highest, end)
        if self.next < end:
            self.truncated += end - self.next
            self._gap(end - self.next, GapCause.SNAPLEN, number, time_ns)

    def _drain(self, number: int, time_ns: int) -> None:
        """Deliver what waited and is now in order. Its bytes became readable with the packet that filled the hole."""
        held = self.held
        done = 0
        while done < len(held) and held[done].start <= self.next:
            segment = held[done]
            done += 1
            self._held_bytes -= len(segment.data)
            if segment.end > self.next:
                captured = segment.captured
                self._deliver(segment.start, segment.end, segment.data, captured, segment.number, segment.time_ns)
        del held[:done]
        self.hole_packets, self.hole_ns = 0, time_ns

    def _gap(self, length: int, cause: GapCause, number: int, time_ns: int) -> None:
        self.flush()
        if not self.ignored:
            self._emit(Gap(self.connection, self.direction, self.next, length, cause, number, time_ns))
        self.next += length

    def _give_up(self, cause: GapCause, number: int, time_ns: int) -> None:
        """Declare the present hole lost and go on behind it."""
        length = self.held[0].start - self.next
        self.lost += length
        self._gap(length, cause, self.held[0].number, self.held[0].time_ns)
        self._drain(number, time_ns)

    def passed(self, number: int, time_ns: int) -> None:
        """A packet of the connection went by while a hole is open: has the hole been confirmed long enough?"""
        self.hole_packets += 1
        confirmed = self.acknowledged is not None and self.acknowledged >= self.held[0].start
        if confirmed and self.hole_packets >= PROVED_LOST:
            self._give_up(GapCause.LOST, number, time_ns)

    def finish(self, number: int, time_ns: int) -> None:
        """The connection is over: what is missing now will not come. `number` is its last packet."""
        while self.held:
            self._give_up(GapCause.LOST, number, time_ns)
        unseen = (self.acknowledged or 0) - self.next
        if unseen > 1:  # one byte may be a FIN that was not captured
            self.lost += unseen
            self._gap(unseen, GapCause.LOST if self.packets else GapCause.ONE_WAY, number, time_ns)
        self.flush()

    def flush(self) -> None:
        """Emit the bytes gathered so far as one chunk."""
        if not self._pieces:
            return
        data = bytes(self._pieces[0]) if len(self._pieces) == 1 else b"".join(self._pieces)
        self._emit(
            Chunk(self.connection, self.direction, self._chunk_start, data, self._starts, self._numbers, self._times)
        )
        self._pieces, self._starts, self._numbers, self._times = [], [], [], []

    def window(self, closed: bool, time_ns: int) -> None:
        """The receiver announced its window: closed or open."""
        if closed:
            self.zero_since = time_ns if self.zero_since is None else self.zero_since
        elif self.zero_since is not None:
            self.zero_ns += max(0, time_ns - self.zero_since)
            self.zero_since = None

    def facts(self) -> DirectionFacts:
        return DirectionFacts(
            packets=self.packets,
            data_packets=self.data_packets,
            bytes=self.bytes,
            retransmitted_bytes=self.retransmitted,
            out_of_order=self.out_of_order,
            lost_bytes=self.lost,
            truncated_bytes=self.truncated,
            zero_window_ns=self.zero_ns,
            acknowledged=self.acknowledged,
        )
