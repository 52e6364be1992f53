"""Packet blocks in, stream events out: the whole TCP room behind one door.

A block is decoded in columns and sorted by connection. Long runs in which every segment follows the one before are
passed to their stream as one piece; everything else goes packet by packet through the connection's tracker. Both ways
give the same result, whatever the size of the blocks.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from dicomsniff.capture.block import PacketBlock
from dicomsniff.capture.distinct import changes, distinct
from dicomsniff.core import LIMITS, Direction, Endpoint, Limits
from dicomsniff.core.records import replace
from dicomsniff.tcp.connection import LINGER_NS, Row, Tracker
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.events import Chunk, Connection, End, Gap, TcpEvent, Unreachable
from dicomsniff.tcp.flows import Flow, FlowTable
from dicomsniff.tcp.measure import measure
from dicomsniff.tcp.odd import QuotedSyn
from dicomsniff.tcp.runs import Runs
from dicomsniff.tcp.segment_facts import TooBig, Undelivered
from dicomsniff.tcp.segments import ACK, I64, RST, SYN, Segments
from dicomsniff.tcp.sighting import Sighted, Sighting
from dicomsniff.tcp.stretch import add_stretch, going_on
from dicomsniff.tcp.watch import NOTABLE, SILENCE_NS

RUN = 24
"""Fewer packets than this of one connection in a block are cheaper one by one than in columns."""
AHEAD = 8 * RUN
"""Packets looked at in columns at once behind a place where they did not simply go on; more where they do again."""


class Assembler:
    """Follows every TCP connection of a capture, or those with an end on one of `ports`. Feed blocks in order, then
    `finish`."""

    def __init__(
        self,
        limits: Limits = LIMITS,
        ports: frozenset[int] | None = None,
        book: EndpointBook | None = None,
        connections: int = 0,
    ) -> None:
        self._sighting = Sighting(limits, book)
        self._book = self._sighting.book
        self._events: list[TcpEvent] = []
        self._flows = FlowTable(self._book, self._emit, limits, ports, connections)
        self._closed: list[Flow] = []
        self._clock = np.iinfo(np.int64).min  # the latest time of any packet so far

    @property
    def not_decoded(self) -> int:
        """Packets with a link layer that was not understood."""
        return self._sighting.odd.not_decoded

    @property
    def copies(self) -> int:
        """Packets that the capture held before."""
        return self._sighting.copies

    @property
    def connections(self) -> int:
        """The ids given so far, those before this assembler's first among them."""
        return self._flows.connections

    @property
    def begins(self) -> list[int]:
        """The packets that began a stream as Wireshark numbers them, by that number."""
        return self._flows.begins

    @property
    def unlisted(self) -> int:
        """Connections without a byte of data that were counted and not followed: `Limits.empty_connections`."""
        return self._flows.backlog.unlisted

    @property
    def empty(self) -> int:
        """Connections followed so far without a byte of data."""
        return self._flows.empty

    def feed(self, block: PacketBlock) -> list[TcpEvent]:
        """The events that this block completes. Events of one direction come in stream order."""
        return self.follow(self._sighting.sight(block))

    def follow(self, seen: Sighted) -> list[TcpEvent]:
        """The same for a block that was looked at before."""
        self._clock = seen.latest_ns
        known = self._flows.connections
        flows, streams = self._flows, self._flows.streams
        segments, clock = flows.backlog.sift(seen.segments, seen.clock, flows, flows.empty)
        if len(segments):
            self._follow(seen if segments is seen.segments else replace(seen, segments=segments), clock, seen.copies)
        else:
            for again in _syns(seen.copies):
                flows.number_again(*again)
            self._unreachable(seen.quotes)
            self._count_all(self._note(seen.copies))
        flows.number_skipped(streams)
        self._retire()
        self._number(known)
        return self._take()

    def finish(self) -> list[TcpEvent]:
        """The capture is over: everything still open ends here."""
        for flow in self._flows.flows.values():
            self._end(flow)
        return self._take()

    def ignore(self, connection: int) -> None:
        """Emit no more bytes of this connection."""
        if connection in self._flows.trackers:
            self._flows.trackers[connection].ignore()

    def facts(self, connection: int) -> Connection:
        """What is known of an open connection so far."""
        return self._flows.trackers[connection].facts()

    def _emit(self, event: Chunk | Gap) -> None:
        self._events.append(event)

    def _take(self) -> list[TcpEvent]:
        events, self._events[:] = list(self._events), []
        return events

    def _follow(self, decoded: Sighted, clock: I64, copies: Segments) -> None:
        segments = decoded.segments
        pair = _pairs(segments)
        order = np.argsort(pair, kind="stable")
        starts = np.flatnonzero(changes(pair[order]))
        self._open(segments, order[starts], copies)
        self._unreachable(decoded.quotes)
        again = self._note(copies)
        stops = np.append(starts[1:], len(order))
        runs = Runs(segments, order, starts, clock, decoded.data.data)
        ends = segments.source[order[starts]].tolist(), segments.target[order[starts]].tolist()
        for place, (whole, begin, stop, source, target) in enumerate(
            zip(runs.whole, starts.tolist(), stops.tolist(), *ends, strict=True)
        ):
            flow = self._flows.flows[_key(source, target)]
            taken = self._run(flow, runs, place, source + target) if whole else 0
            if taken >= 0:
                self._conversation(flow, segments, order[begin + taken : stop], decoded, clock)
            if not flow.tracker.spoke:
                self._flows.heard(flow.tracker)
        self._count_all(again)

    def _run(self, flow: Flow, runs: Runs, place: int, both: int) -> int:
        """Take a conversation as a whole where nothing but its own packets bears on it; see `Runs.follow`."""
        if flow.upcoming or flow.renumbered or flow.copies:
            return 0
        tracker = flow.tracker
        taken = runs.follow(place, tracker, 2 * flow.initiator < both)
        if taken < 0:
            tracker.flush()
            if tracker.closed_ns is not None and not flow.ended:
                self._closed.append(flow)
        return taken

    def _open(self, segments: Segments, first: I64, copies: Segments) -> None:
        """Let the flow table see, in packet order, each packet that may begin a conversation, and copies that begin a stream
        to Wireshark."""
        rows = distinct(np.append(first, np.flatnonzero(segments.flags & SYN)))
        columns = (
            segments.source, segments.target, segments.seq, segments.ack, segments.flags, segments.number, segments.time_ns,
        )  # fmt: skip
        again = _syns(copies)
        for row, source, target, seq, ack, flags, number, time_ns in zip(
            rows.tolist(), *(c[rows].tolist() for c in columns), strict=True
        ):
            while again and again[0][0] < number:
                self._flows.number_again(*again.pop(0))
            self._flows.see(_key(source, target), row, source, target, seq, ack, flags, number, time_ns)
        for each in again:
            self._flows.number_again(*each)

    def _conversation(self, flow: Flow, segments: Segments, rows: I64, decoded: Sighted, clock: I64) -> None:
        """All rows of one 4-tuple, split where a new connection takes it over."""
        begin = 0
        for row, tracker, initiator in flow.upcoming:
            stop = int(np.searchsorted(rows, row))
            self._rows(flow, segments, rows[begin:stop], decoded, clock)
            begin = stop
            self._count(flow, tracker.first_packet)
            if not self._flows.supersede(flow, tracker):
                self._end(flow)
            tracker.succeed(flow.tracker)
            flow.tracker, flow.initiator, flow.ended = tracker, initiator, False
        flow.upcoming.clear()
        self._rows(flow, segments, rows[begin:], decoded, clock)

    def _rows(self, flow: Flow, segments: Segments, rows: I64, decoded: Sighted, clock: I64) -> None:
        """Rows of one conversation: in columns where they simply go on, one by one where they do not."""
        if not len(rows):
            return
        begin, step, reach = 0, RUN, AHEAD
        opened, reset = _bounds(segments.flags[rows])
        measured = 0  # rows of which the figures are taken, all in one go: they need what comes before and behind
        while begin < len(rows):
            if opened <= begin < reset and not measured:
                measured = reset if self._measured(flow, segments.take(rows[begin:reset]), decoded) else -1
            ahead = rows[begin : begin + reach]
            if len(ahead) >= RUN and flow.tracker.in_order:
                taken = self._stretch(flow, segments.take(ahead), decoded, begin < measured)
                begin, step = begin + taken, RUN if taken else step
                reach = AHEAD if taken < len(ahead) else 4 * reach
                if taken == len(ahead):
                    continue
            stop = begin + step if begin >= opened else max(begin + step, opened)
            near = rows[begin : min(stop, measured) if begin < measured else stop]
            self._one_by_one(flow, segments.take(near), decoded, clock[near], begin < measured)
            begin, step = begin + len(near), 2 * step
        flow.tracker.flush()
        if flow.tracker.closed_ns is not None and not flow.ended:
            self._closed.append(flow)

    def _measured(self, flow: Flow, segments: Segments, decoded: Sighted) -> bool:
        """Whether nobody need measure these any more."""
        ignored = flow.tracker.streams[0].ignored
        return ignored or measure(segments, flow.initiator, flow.tracker, decoded.data)

    def _stretch(self, flow: Flow, segments: Segments, decoded: Sighted, measured: bool) -> int:
        """Add the first rows in one piece as far as they simply go on; how many they are."""
        count = going_on(flow, segments)
        if count < RUN:
            return 0
        whole = count == len(segments)
        add_stretch(flow, segments if whole else segments.take(np.arange(count)), decoded, measured)
        return count

    def _one_by_one(self, flow: Flow, segments: Segments, decoded: Sighted, clock: I64, measured: bool) -> None:
        buffer = decoded.data.data
        initiator, tracker = flow.initiator, flow.tracker
        columns = (
            segments.number, segments.time_ns, clock, segments.source, segments.target, segments.seq, segments.ack,
            segments.flags, segments.window, segments.length, segments.payload, segments.payload + segments.captured,
        )  # fmt: skip
        for place, (number, time_ns, now_ns, source, target, seq, ack, flags, window, length, at, end) in enumerate(
            zip(*(c.tolist() for c in columns), strict=True)
        ):
            direction = Direction.TO_RESPONDER if source == initiator else Direction.TO_INITIATOR
            if flags & SYN or tracker.closed_ns is not None:
                self._count(flow, number)
                if tracker.late(now_ns):
                    self._end(flow)
                if tracker.outlived(direction, seq, flags, length, now_ns):
                    self._end(flow)
                    tracker = self._flows.reopen(flow, source, target, seq, flags, number, time_ns)
                elif flags & SYN and (direction is Direction.TO_INITIATOR) != bool(flags & ACK) and tracker.turn():
                    flow.initiator = source + target - initiator
                initiator = flow.initiator
                direction = Direction.TO_RESPONDER if source == initiator else Direction.TO_INITIATOR
                tracker.tcp_stream = flow.renumbered.pop(number, tracker.tcp_stream)
            mark = tracker.mark(direction, seq, length, segments, place, buffer)
            row = Row(number, time_ns, now_ns, direction, seq, ack, flags, window, length, buffer[at:end], mark)
            watch = tracker.watch
            notable = flags & NOTABLE or time_ns - tracker.last_ns > SILENCE_NS or tracker.closed_ns is not None
            if notable or (length >= watch.notable_length[direction] and not watch.full_again(direction, length)):
                tracker.look(row, segments, place, buffer)
            tracker.add(row, measured)

    def _note(self, copies: Segments) -> list[Flow]:
        """Give the flows the packets that came again, to be counted as the block is followed; the flows concerned."""
        flows = {}
        columns = copies.number, copies.source, copies.target, copies.time_ns
        for number, source, target, time_ns in zip(*(column.tolist() for column in columns), strict=True):
            flow = self._flows.flows.get(_key(source, target))
            if flow is not None:  # else the first of them is only counted
                flows[id(flow)] = flow
                flow.copies.append((number, source, time_ns))
        return list(flows.values())

    def _count_all(self, flows: list[Flow]) -> None:
        for flow in flows:
            self._count(flow, flow.copies[-1][0] + 1 if flow.copies else 0)

    @staticmethod
    def _count(flow: Flow, end: int) -> None:
        """Let the conversation that holds the 4-tuple know how many of its packets before packet `end` came again."""
        stop = bisect_left(flow.copies, (end,))
        for number, source, time_ns in flow.copies[:stop]:
            if not flow.tracker.late(time_ns):
                flow.tracker.streams[source != flow.initiator].copy(number)
        del flow.copies[:stop]

    def _unreachable(self, quotes: list[QuotedSyn]) -> None:
        for quote in quotes:
            source, target = self._book.find(*quote.source), self._book.find(*quote.target)
            flow = None if source is None or target is None else self._flows.flows.get(_key(source, target))
            if flow is None:
                continue
            tracker, sender = flow.at(quote.number), self._book.text(quote.sender)
            number, time_ns = quote.number, quote.time_ns
            way = Direction(Endpoint(self._book.text(quote.source[0]), quote.source[1]) != tracker.initiator)
            if quote.too_big:
                tracker.watch.too_big(TooBig(sender, quote.mtu, number, time_ns, way, quote.seq))
            else:
                tracker.watch.undelivered(Undelivered(sender, quote.type, quote.code, number, time_ns, way, quote.seq))
            if quote.type != 2:
                tracker.unreachable(quote.seq, Unreachable(sender, quote.type, quote.code, number, time_ns))

    def _retire(self) -> None:
        """End the connections that were closed long enough ago for no packet of theirs to be still under way."""
        waiting = {}
        for flow in self._closed:
            if flow.tracker.closed_ns is None:
                continue
            if flow.ended or self._clock - flow.tracker.closed_ns > LINGER_NS:
                self._end(flow)
                self._flows.bury(flow)
            else:
                waiting[id(flow)] = flow
        self._closed = list(waiting.values())
        self._flows.bury_again()

    def _number(self, known: int) -> None:
        """Connections opened in this block get their ids in packet order; those without a SYN were noticed late."""
        opened = self._flows.take_newest()
        ordered = sorted(opened, key=lambda tracker: tracker.first_packet)
        if ordered != opened or (opened and opened[-1].id != known + len(opened)):
            self._rename(ordered, known)
        ended = {event.connection for event in self._events if isinstance(event, End)}
        self._flows.trackers.update({tracker.id: tracker for tracker in ordered if tracker.id not in ended})

    def _rename(self, ordered: list[Tracker], known: int) -> None:
        ids = {tracker.id: id for id, tracker in enumerate(ordered, known + 1)}
        for tracker in ordered:
            tracker.rename(ids[tracker.id])
        self._events[:] = [_renamed(event, ids.get(event.connection, event.connection)) for event in self._events]

    def _end(self, flow: Flow) -> None:
        if flow.ended:
            return
        flow.ended = True
        self._flows.heard(flow.tracker)
        if flow.tracker.id:
            flow.tracker.finish()
            self._flows.trackers.pop(flow.tracker.id, None)
            self._events.append(End(flow.tracker.id, flow.tracker.facts()))


def _renamed(event: TcpEvent, id: int) -> TcpEvent:
    return End(id, replace(event.facts, id=id)) if isinstance(event, End) else event._replace(connection=id)


def _key(source: int, target: int) -> tuple[int, int]:
    return (source, target) if source < target else (target, source)


def _pairs(segments: Segments) -> I64:
    """One number per 4-tuple within this block, the same for both directions; int64 of shape (n,)."""
    low, high = np.minimum(segments.source, segments.target), np.maximum(segments.source, segments.target)
    if high.max() >= 1 << 31:  # more than 32,768 addresses so far: number the endpoints of this block afresh
        every = distinct(np.concatenate([low, high]))
        low, high = np.searchsorted(every, low), np.searchsorted(every, high)
    return low << 32 | high


def _syns(copies: Segments) -> list[tuple[int, tuple[int, int], int, int]]:
    """Number, 4-tuple, source and sequence number of each SYN among these, in packet order."""
    rows = np.flatnonzero(copies.flags & (SYN | ACK) == SYN)
    columns = (c[rows].tolist() for c in (copies.number, copies.source, copies.target, copies.seq))
    return [(number, _key(source, target), source, seq) for number, source, target, seq in zip(*columns, strict=True)]


def _bounds(flags: I64) -> tuple[int, int]:
    """Where the rows of a handshake, with the acknowledgement behind it, are over, and where the first reset after them is."""
    syns = np.flatnonzero(flags & SYN)
    opened = int(syns[-1]) + 2 if len(syns) else 0
    resets = np.flatnonzero(flags[opened:] & RST)
    return opened, opened + int(resets[0]) if len(resets) else len(flags)
