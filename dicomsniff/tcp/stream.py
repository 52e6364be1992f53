"""One direction of a connection: segments in any order in, contiguous bytes and holes out."""

from __future__ import annotations

from collections.abc import Callable

from dicomsniff.core import Direction, Limits
from dicomsniff.tcp.copies import COPY_NS, Passed
from dicomsniff.tcp.events import Chunk, DirectionFacts, Gap, GapCause
from dicomsniff.tcp.gathered import Gathered
from dicomsniff.tcp.holes import Confirmed, Held, last_from, unwaited
from dicomsniff.tcp.marks import UNMARKED, Mark
from dicomsniff.tcp.resends import Filled, Resends, filled
from dicomsniff.tcp.segments import I64

Emit = Callable[[Chunk | Gap], None]

WRAP = 1 << 32
HALF = 1 << 31
COPIES = 8
"""Copies of which the packet numbers are kept, in each direction."""
UNKNOWN, FOREIGN = 1 << 16, 1 << 30
"""Bytes of a hole of which nothing is known but that it is there; and so far behind its SYN no stream is found."""
FARTHEST = 64 << 20
"""A sequence number farther ahead than any receive window in the field is believed only when a second one agrees."""


class Stream:
    """Puts one direction in order. Offsets count from the first byte after the SYN, or from the first byte seen."""

    __slots__ = (
        "_asked", "_claimed", "_confirmed", "_doubtful", "_doubtful_ack", "_emit", "_gathered", "_held_bytes",
        "_latest_ns", "_limits", "_recent", "acknowledged", "asked", "base", "begun_unseen", "bytes", "connection",
        "copied", "data_packets", "direction", "duplicates", "early", "early_ns", "held", "highest", "ignored",
        "lost", "next", "out_of_order", "packets", "reached", "resends", "retransmitted", "truncated", "zero_again",
        "zero_ns", "zero_since",
    )  # fmt: skip

    def __init__(self, connection: int, direction: Direction, emit: Emit, limits: Limits) -> None:
        self.connection, self.direction = connection, direction
        self._emit, self._limits = emit, limits
        self.base: int | None = None  # sequence number of stream offset 0
        self.begun_unseen = False  # bytes before that one were under way, or still to be sent, when the capture began
        self.next = 0  # offset of the first byte that has not been delivered
        self.highest = 0  # offset behind the highest byte seen
        self.held: list[Held] = []  # waiting behind a hole, in order, without overlap
        self._held_bytes = 0
        self._confirmed: Confirmed | None = None  # while holes were open, once there was one
        self.asked = 0  # how often the receiver said that it waits for bytes
        self._asked = -1, -1  # in what words
        self.ignored = False
        self.acknowledged: int | None = None
        self.packets = self.data_packets = self.bytes = 0
        self.early = self.early_ns = 0  # segments with bytes that the receiver had confirmed before they were captured
        self.retransmitted = self.out_of_order = self.lost = self.truncated = self.duplicates = 0
        self.zero_ns, self.zero_again = 0, False  # how long the window was shut, and whether the receiver said so again
        self.zero_since: int | None = None
        self._gathered: Gathered | None = None  # nothing, until there is something
        self._doubtful = self._doubtful_ack = -1
        self._claimed = 0  # an acknowledgement taken back
        self.reached = 0  # the byte that comes next by the numbers of a reset, or of a packet without data
        self._recent = Passed()  # what was flushed a moment ago
        self._latest_ns = -1
        self.copied: tuple[int, ...] = ()  # the first packets that the capture held before
        self.resends: Resends | None = None  # what was sent again, once there is any

    def offset_of(self, seq: int) -> int:
        """Stream offset of a sequence number: the one of its 2^32 meanings that lies nearest to what was delivered."""
        distance = (seq - (self.base or 0) - self.next) % WRAP
        return self.next + (distance - WRAP if distance >= HALF else distance)

    def offsets_of(self, seqs: I64) -> I64:
        """The same for many."""
        return (seqs - (self.base or 0) - self.next + HALF) % WRAP - HALF + self.next

    def acknowledge(self, ack: int) -> None:
        """The receiver confirmed everything before this sequence number."""
        known = self.acknowledged or 0
        farthest = known if known > self.next else self.next
        ahead = (ack - (self.base or 0) - farthest) % WRAP
        offset = farthest + (ahead - WRAP if ahead >= HALF else ahead)
        if offset <= known and self.acknowledged is not None:
            if offset < known and known > self.highest + 1:  # bytes nobody saw, and the receiver does not stand by them
                self.acknowledged, self._claimed = max(offset, 0), max(known, self._claimed)
            return
        if FARTHEST < ahead < HALF:
            agrees = self._doubtful_ack >= 0 and 0 < offset - self._doubtful_ack <= FARTHEST
            self._doubtful_ack = offset
            if not agrees:
                return
        self.acknowledged = max(offset, 0)

    def ask(self, ack: int, window: int) -> None:
        """The receiver confirmed everything before this number, and said nothing else, while something is missing."""
        if (ack, window) != self._asked:
            self.asked, self._asked = 0, (ack, window)
        self.asked += (ack - (self.base or 0) - self.next) % WRAP == 0

    def add(
        self,
        seq: int,
        length: int,
        payload: memoryview,
        number: int,
        time_ns: int,
        heard: int = -1,
        mark: Mark = UNMARKED,
    ) -> None:
        """One segment with `length` > 0 bytes on the wire, of which `payload` was captured; `heard` is what its
        acknowledgement confirms of the other direction, `mark` tells when it was sent, where it may be out of order."""
        before_ns = self._latest_ns if self._latest_ns >= 0 else time_ns
        if time_ns > self._latest_ns:
            self._latest_ns = time_ns
        start = self.offset_of(seq)
        if not (self.next or self.held or -FARTHEST < start < FOREIGN):
            if not self._numbered_anew(seq, start, length):
                return
            start = UNKNOWN
        end = start + length
        if end <= self.next:
            self._repeated(start, end, number, before_ns, time_ns)
            return
        if start > self.next:
            if self._plausible(start, end):
                self._hold(start, end, payload, number, before_ns, time_ns, heard, mark)
            return
        self.retransmitted += self.next - start
        if self.held:
            self._account(self.next, end, number, before_ns, time_ns, mark)
        if start < self.next - 1:  # one byte is a window probe that the receiver did not take
            self._again(start, end, number, before_ns, time_ns)
        if self.held:  # what fills a hole may have been sent again: it was sent first before what waits behind it
            heard = min(heard, self.held[0].heard)
        self._deliver(start, end, payload, len(payload), number, time_ns, heard)
        if self.held:
            self._drain()

    def _numbered_anew(self, seq: int, start: int, length: int) -> bool:
        """Whether a second segment agrees that the SYN had numbers from elsewhere: what came before is not known then."""
        agrees, self._doubtful = self._doubtful == start, start + length
        if agrees:
            self.base, self.acknowledged, self.highest, self.reached = (seq - UNKNOWN) % WRAP, None, 0, 0
        return agrees

    def copy(self, number: int) -> None:
        """A packet that the capture held before although it was sent once; they come in no fixed order."""
        self.duplicates += 1
        if len(self.copied) < COPIES or number < self.copied[-1]:
            self.copied = tuple(sorted((*self.copied, number))[:COPIES])

    def _again(self, start: int, end: int, number: int, since_ns: int, time_ns: int) -> None:
        """A segment was sent again, see `Resent`; not what a receiver answers that its window is still shut."""
        if self.zero_since is None or not self.zero_again:
            self.resends = self.resends or Resends()
            self.resends.add(start, end, number, since_ns, time_ns, hole=False)

    def _repeated(self, start: int, end: int, number: int, before_ns: int, time_ns: int) -> None:
        """A segment of which every byte was delivered before."""
        if end - start == 1 and end == self.next:
            return  # a keep-alive or a zero-window probe repeats the last byte
        now = self._gathered
        if self._recent.copied(start, end, (now.starts, now.times, self.next) if now else ([], [], 0), self._latest_ns):
            self.copy(number)
        else:
            self.retransmitted += end - start
            self._again(start, end, number, before_ns, time_ns)

    def _plausible(self, start: int, end: int) -> bool:
        """Whether a sequence number this far ahead can be meant, or must be a broken packet."""
        if start - max(self.next, self.acknowledged or 0) <= FARTHEST:
            return True
        agrees = self._doubtful == start
        self._doubtful = end
        return agrees

    def add_run(
        self, total: int, latest_ns: int, pieces: list[memoryview], starts: list[int], numbers: list[int],
        times: list[int], heard: list[int],
    ) -> None:  # fmt: skip
        """Segments known to follow one another and what was delivered, `total` bytes together, all captured whole;
        `latest_ns` is the greatest of their times."""
        self._latest_ns = max(self._latest_ns, latest_ns)
        if self._gathered is None:
            self._gathered = Gathered()
        self._gathered.add_run(pieces, starts, numbers, times, heard)
        self.bytes += total
        self.next += total
        self.highest = max(self.highest, self.next)

    def add_cut_run(
        self, pieces: list[memoryview], starts: list[int], lengths: list[int], numbers: list[int],
        times: list[int], heard: list[int],
    ) -> None:  # fmt: skip
        """As `add_run`, for segments of `lengths` on the wire of which the snap length cut some."""
        connection, direction, emit = self.connection, self.direction, self._emit
        for piece, start, length, number, time_ns, said in zip(
            pieces, starts, lengths, numbers, times, heard, strict=True
        ):
            if time_ns > self._latest_ns:
                self._latest_ns = time_ns
            captured, end = len(piece), start + length
            if self._gathered is not None or not 0 < captured < length:
                self._deliver(start, end, piece, captured, number, time_ns, said)
                continue
            emit(Chunk(connection, direction, start, bytes(piece), [start], [number], [time_ns], [said]))
            emit(Gap(connection, direction, start + captured, length - captured, GapCause.SNAPLEN, number, time_ns))
            self._recent.add(([start], [time_ns], end), self._latest_ns)
            self.bytes += captured
            self.truncated += length - captured
            self.next = end
        self.highest = max(self.highest, self.next)

    def pass_over(self, length: int, captured: int, latest_ns: int) -> None:
        """As `add_run`, for so many bytes, of which some were captured, that nobody wants."""
        self._latest_ns = max(self._latest_ns, latest_ns)
        self.bytes += captured
        self.truncated += length - captured
        self.next += length
        self.highest = max(self.highest, self.next)

    def _hold(
        self,
        start: int,
        end: int,
        payload: memoryview,
        number: int,
        before_ns: int,
        time_ns: int,
        heard: int,
        mark: Mark,
    ) -> None:
        """Keep what is new of a segment behind a hole."""
        held = self.held
        if not held:
            self.asked = 0
        confirmed = self._confirmed = self._confirmed or Confirmed()
        for at, first, stop in reversed(self._account(start, end, number, before_ns, time_ns, mark)):
            captured = min(max(len(payload) - (first - start), 0), stop - first)
            data = b"" if self.ignored else bytes(payload[first - start : first - start + captured])
            since, passed = (held[at].since, held[at].passed) if at < len(held) else (time_ns, confirmed.passed)
            held.insert(at, Held(first, stop, data, captured, number, time_ns, since, passed, heard, mark))
            self._held_bytes += len(data)
        self.highest = max(self.highest, end)
        while self._held_bytes > self._limits.reorder_bytes or len(held) > self._limits.reorder_segments:
            self._give_up(GapCause.LIMIT)

    def _account(
        self, start: int, end: int, number: int, before_ns: int, time_ns: int, mark: Mark
    ) -> list[tuple[int, int, int]]:
        """Count a segment that reaches behind a hole: what was seen, and what fills a hole. Returns its new parts, as of
        `unwaited`."""
        unseen = unwaited(self.held, start, end)
        seen = end - start - sum(stop - first for _, first, stop in unseen)
        before = last_from(self.held, start) if not unseen else None
        if (
            before is not None
            and (before.start, before.end) == (start, end)
            and self._latest_ns - before.time_ns <= COPY_NS
        ):
            self.copy(number)
        else:
            self.retransmitted += seen
            if seen > 1 and not unseen:
                self._again(start, end, number, before_ns, time_ns)
        filling = [part for part in unseen if part[0] < len(self.held)]
        since = self.held[filling[0][0]].since if filling else time_ns
        if unseen and self.acknowledged is not None and unseen[0][1] < self.acknowledged:
            self.early += 1
            self.early_ns = max(self.early_ns, time_ns - since)
        if filling:
            how = self._fill(filling[0][0], start, end, number, time_ns, mark)
            if how >= Filled.LATE:
                self.retransmitted += sum(stop - first for _, first, stop in filling)
        return unseen

    def _fill(self, at: int, start: int, end: int, number: int, time_ns: int, mark: Mark) -> Filled:
        """Count a segment that fills the hole before what waits at this place."""
        behind, last = self.held[at], self.held[-1]
        how = filled(time_ns - behind.since, 0 if at else self.asked, mark, behind.mark, last.mark)
        if how is Filled.OVERTAKEN:
            self.out_of_order += 1
        else:
            self.resends = self.resends or Resends()
            self.resends.fill(start, end, number, behind.since, time_ns, how)
        return how

    def _deliver(
        self, start: int, end: int, payload: bytes | memoryview, captured: int, number: int, time_ns: int, heard: int
    ) -> None:
        """Pass on bytes start..end of which the first `captured` are there; the part before `next` is old."""
        skip = self.next - start
        fresh = max(0, captured - skip)
        if fresh:
            piece = None if self.ignored else payload[skip:captured]
            if self._gathered is None:
                self._gathered = Gathered()
            self._gathered.add(self.next, piece, number, time_ns, heard)
            self.bytes += fresh
            self.next += fresh
        self.highest = max(self.highest, end)
        if self.next < end:
            self.truncated += end - self.next
            self._gap(end - self.next, GapCause.SNAPLEN, number, time_ns)
            self._recent.add(([start + skip], [time_ns], end), self._latest_ns)

    def _drain(self) -> None:
        """Deliver what waited and is now in order. Its bytes became readable with the packet that filled the hole."""
        held = self.held
        done = 0
        while done < len(held) and held[done].start <= self.next:
            segment = held[done]
            done += 1
            self._held_bytes -= len(segment.data)
            if segment.end > self.next:
                heard = min(segment.heard, held[done].heard) if done < len(held) else segment.heard
                self._deliver(
                    segment.start, segment.end, segment.data, segment.captured, segment.number, segment.time_ns, heard
                )
        del held[:done]
        self.asked = 0

    def _gap(self, length: int, cause: GapCause, number: int, time_ns: int) -> None:
        self.flush()
        if not self.ignored:
            self._emit(Gap(self.connection, self.direction, self.next, length, cause, number, time_ns))
        self.next += length

    def _give_up(self, cause: GapCause = GapCause.LOST) -> None:
        """Declare the present hole lost (`LIMIT`: not worth more waiting) and go on behind it."""
        first = self.held[0]
        length = first.start - self.next
        self.lost += length
        self._gap(length, cause, first.number, first.time_ns)
        self._drain()

    def passed(self) -> None:
        """A packet of the connection went by while holes are open: which were confirmed long enough ago?"""
        if (confirmed := self._confirmed) is not None:
            confirmed.see(-1 if self.acknowledged is None else self.acknowledged)
            while self.held and confirmed.lost(self.held[0]):
                self._give_up()

    def finish(self, number: int, time_ns: int, fin: int | None) -> None:
        """The connection is over: what is missing now will not come. `number` is its last packet, `fin` the offset of
        the sender's FIN."""
        if self.acknowledged is not None and self.acknowledged < self._claimed <= self.highest + 1:
            self.acknowledged = self._claimed  # the bytes came after all: packets were captured out of order
        if fin is not None and self.acknowledged == fin + 1:
            self.acknowledged = fin  # a FIN takes a sequence number but is no byte of the stream
            self.held = [each for each in self.held if each.start < fin]  # behind a confirmed FIN are broken packets
        while self.held:
            self._give_up()
        said = fin if self.acknowledged is None else self.acknowledged
        if fin is not None and said is not None and said < fin <= self.next + FARTHEST:
            said = fin  # sent, whether it arrived or not
        if fin is None and (said or 0) < self.reached <= self.next + FARTHEST:
            said = self.reached
        unseen = 0 if said is None else said - self.next
        if unseen > FARTHEST and self.acknowledged is None:
            unseen = 0
        if unseen > (fin is None):  # one byte may be a FIN that was not captured
            self.lost += unseen
            self._gap(unseen, GapCause.LOST if self.packets else GapCause.ONE_WAY, number, time_ns)
        self.flush()
        self._recent = Passed()

    def flush(self) -> None:
        """Emit the bytes gathered so far as one chunk."""
        gathered, self._gathered = self._gathered, None
        if gathered is not None:
            self._recent.add((gathered.starts, gathered.times, self.next), self._latest_ns)
            if (chunk := gathered.chunk(self.connection, self.direction)) is not None:
                self._emit(chunk)

    def window(self, closed: bool, time_ns: int) -> None:
        """The receiver announced its window: closed or open."""
        if closed:
            self.zero_again = self.zero_since is not None
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
            early=self.early,
            early_ns=self.early_ns,
            lost_bytes=self.lost,
            truncated_bytes=self.truncated,
            zero_window_ns=self.zero_ns,
            acknowledged=self.acknowledged,
            disowned=self._claimed if self._claimed > (self.acknowledged or 0) else 0,
            duplicates=self.duplicates,
        )
