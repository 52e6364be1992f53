"""The few packets of a connection that tell more than their bytes in (SYN, RST, growing segments, the first after a
silence); what they told, as values, out."""

from __future__ import annotations

import numpy as np

from dicomsniff.core import Direction
from dicomsniff.tcp.options import SynOptions, read_syn_options
from dicomsniff.tcp.segment_facts import (
    NOTHING,
    Header,
    LargeSegment,
    PathFacts,
    Reset,
    SegmentFacts,
    Silence,
    TooBig,
    Undelivered,
)  # fmt: skip
from dicomsniff.tcp.segments import ACK, I64, RST, SYN, Segments
from dicomsniff.tcp.stream import WRAP, Stream

SILENCE_NS = 10_000_000_000
"""Shorter pauses are part of any work; a stateful device forgets a connection after minutes."""
SIZABLE = 400
"""Segments with less data say nothing about sizes: commands and control PDUs are as short as they are."""
SILENCES, RESETS, QUOTES, SIZES, TTLS = 16, 8, 16, 64, 8
"""How much is kept per connection (of sizes and TTLs: per direction)."""
NOTABLE = SYN | RST


class Watch:
    """Looks at the notable packets of one connection, in packet order. A packet is notable if it has SYN or RST, or at
    least `notable_length` bytes of data, or if it is the first after a long silence."""

    __slots__ = (
        "_full",
        "_growing",
        "_resets",
        "_silences",
        "_syns",
        "_too_big",
        "_ttls",
        "_undelivered",
        "last",
        "notable_length",
    )

    def __init__(self) -> None:
        self.notable_length = [0, 0]
        self.last: list[tuple[int, int] | None] = [None, None]  # number and time of each direction's last packet
        # tuples, for most connections have none of these: an empty list costs 72 bytes
        self._growing: list[tuple[LargeSegment, ...]] = [(), ()]  # `start` is a sequence number here
        self._full = [0, 0]
        self._syns: list[tuple[bytes, bool] | None] = [None, None]
        self._ttls: list[tuple[tuple[int, bytes], ...]] = [(), ()]  # and the frame's header, which tells the place
        self._resets: tuple[Reset, ...] = ()
        self._silences: tuple[Silence, ...] = ()  # `start` is a sequence number here
        self._too_big: tuple[TooBig, ...] = ()  # likewise
        self._undelivered: tuple[Undelivered, ...] = ()  # likewise

    def turn(self) -> None:
        """Initiator and responder change places."""
        pairs: tuple[list[object], ...] = (
            self.notable_length, self.last, self._growing, self._full, self._syns, self._ttls
        )  # type: ignore[assignment]  # fmt: skip
        for pair in pairs:
            pair.reverse()
        self._resets = tuple(each._replace(direction=each.direction.opposite) for each in self._resets)
        self._silences = tuple(each._replace(direction=each.direction.opposite) for each in self._silences)
        self._too_big = tuple(each._replace(direction=each.direction.opposite) for each in self._too_big)
        self._undelivered = tuple(each._replace(direction=each.direction.opposite) for each in self._undelivered)

    def look(
        self,
        direction: Direction,
        number: int,
        time_ns: int,
        seq: int,
        flags: int,
        length: int,
        segments: Segments,
        row: int,
        data: memoryview,
    ) -> None:
        """One notable packet, which is the one in this row; `data` is what its offsets refer to."""
        network = int(segments.network[row])
        header, link = header_at(network, data), bytes(data[max(0, int(segments.frame[row])) : max(0, network)])
        if flags & RST:
            if header is not None and len(self._resets) < RESETS:
                others = tuple(ttl for ttl, place in self._ttls[direction] if place == link)
                self._resets += (Reset(direction, number, time_ns, header, others, not flags & ACK),)
            return
        if flags & SYN:
            begin, end = int(segments.option[row]), int(segments.option_end[row])
            self._syns[direction] = bytes(data[begin:end]), end >= int(segments.payload[row])
        known = self._ttls[direction]
        if header is not None and (header.ttl, link) not in known and len(known) < TTLS:
            self._ttls[direction] += ((header.ttl, link),)
        self._measure(direction, LargeSegment(seq, length, number, time_ns, header and header.dont_fragment))

    def _measure(self, direction: Direction, large: LargeSegment) -> None:
        growing = self._growing[direction]
        self.notable_length[direction] = max(SIZABLE, self.notable_length[direction])
        if large.length < self.notable_length[direction]:
            return
        if growing and large.length <= growing[-1].length:
            self._full[direction] += large.length == growing[-1].length
            return
        self._growing[direction] = (*growing[: SIZES - 1], large)
        self._full[direction], self.notable_length[direction] = 1, large.length

    def full_again(self, direction: Direction, length: int) -> bool:
        """Whether a segment is as long as the longest before; then it is counted, and nothing else is notable in it."""
        growing = self._growing[direction]
        if not growing or growing[-1].length != length:
            return False
        self._full[direction] += 1
        return True

    def look_along(self, direction: Direction, segments: Segments, rows: I64, data: memoryview) -> None:
        """The same for the rows of a run, of which none has SYN or RST."""
        length = segments.length[rows]
        if self.notable_length[direction] == 0 and len(rows):
            self._look_at(direction, segments, int(rows[0]), data)
            rows, length = rows[1:], length[1:]
        while len(rows) and int(length.max()) >= self.notable_length[direction]:
            largest = self._growing[direction][-1].length if self._growing[direction] else SIZABLE - 1
            longer = np.flatnonzero(length > largest)
            upto = int(longer[0]) if len(longer) else len(rows)
            self._full[direction] += int((length[:upto] == largest).sum())
            if upto == len(rows):
                return
            self._look_at(direction, segments, int(rows[upto]), data)
            rows, length = rows[upto + 1 :], length[upto + 1 :]

    def _look_at(self, direction: Direction, segments: Segments, row: int, data: memoryview) -> None:
        columns = segments.number, segments.time_ns, segments.seq, segments.flags, segments.length
        number, time_ns, seq, flags, length = (int(column[row]) for column in columns)
        self.look(direction, number, time_ns, seq, flags, length, segments, row, data)

    def silence(self, silence: Silence) -> None:
        """One long silence; its `start` is a sequence number."""
        known = self._silences
        if len(known) == SILENCES:
            shortest = min(range(SILENCES), key=lambda place: known[place].duration_ns)
            known = known[:shortest] + known[shortest + 1 :]
        self._silences = (*known, silence)

    def too_big(self, quote: TooBig) -> None:
        """An ICMP message says that a segment was too long for the path; its `start` is a sequence number."""
        if len(self._too_big) < QUOTES:
            self._too_big += (quote,)

    def undelivered(self, quote: Undelivered) -> None:
        """An ICMP message says that a segment did not get to its receiver; its `start` is a sequence number."""
        if len(self._undelivered) < QUOTES:
            self._undelivered += (quote,)

    @property
    def syns(self) -> tuple[SynOptions | None, SynOptions | None]:
        """What the SYNs of both directions announced, None where one was not seen whole."""
        one, other = (read_syn_options(*syn) if syn is not None and syn[1] else None for syn in self._syns)
        return one, other

    def segments(self, direction: Direction, stream: Stream) -> SegmentFacts:
        """What is known of one direction now."""
        base, highest = stream.base or 0, stream.highest
        growing = []
        for seq, length, number, time_ns, free in self._growing[direction]:
            start = (seq - base) % WRAP
            growing.append(LargeSegment(start if start <= highest else 0, length, number, time_ns, free))
        options, whole = self._syns[direction] or (None, True)
        last_packet, last_ns = self.last[direction] or (None, None)
        facts = SegmentFacts(
            options,
            whole,
            tuple(growing),
            self._full[direction],
            last_packet=last_packet,
            last_ns=last_ns,
            copies=stream.copied,
            begun_unseen=stream.begun_unseen,
        )
        again = stream.resends
        if again is None:
            return facts
        return facts._replace(
            seen_twice=again.seen_twice,
            filled_holes=again.filled_holes,
            hole_times=tuple(sorted(again.hole_times.items())),
            unclear=again.unclear,
            unclear_ns=again.unclear_ns,
            recovery_ns=again.recovery_ns,
            resent=again.resent,
            recoveries=tuple(again.recoveries),
        )

    def path(self, streams: tuple[Stream, Stream]) -> PathFacts:
        """What is known of the way between the ends now."""
        if not (self._silences or self._resets or self._too_big or self._undelivered):
            return NOTHING
        silences = tuple(s._replace(start=streams[s.direction].offset_of(s.start)) for s in self._silences)
        quotes = tuple(q._replace(start=streams[q.direction].offset_of(q.start)) for q in self._too_big)
        vain = tuple(q._replace(start=streams[q.direction].offset_of(q.start)) for q in self._undelivered)
        return PathFacts(silences, self._resets, quotes, vain)


def header_at(at: int, data: memoryview) -> Header | None:
    """What the IP header at this offset says, None where there is none in one piece."""
    if at < 0 or at + 9 > len(data):
        return None
    if data[at] >> 4 == 6:
        return Header(data[at + 7], None, True)
    return Header(data[at + 8], data[at + 4] << 8 | data[at + 5], bool(data[at + 6] & 0x40))
