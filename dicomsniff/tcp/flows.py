"""Which conversation a segment belongs to: 4-tuples in, trackers out; a 4-tuple used again is a new connection."""

from __future__ import annotations

from dataclasses import field
from itertools import islice

import numpy as np

from dicomsniff.core import Limits
from dicomsniff.core.records import dataclass
from dicomsniff.tcp.backlog import Backlog
from dicomsniff.tcp.connection import LINGER_NS, SETTLE_NS, Tracker
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.past import buried, revive
from dicomsniff.tcp.segments import ACK, RST, SYN
from dicomsniff.tcp.stream import WRAP, Emit

SERVICE_PORTS = (104, 11112, 2761, 2762, 4242, 5678)
"""Ports where a DICOM service usually listens (rules catalogue, table T8)."""
NEAR = 1 << 18
"""How far the first data seen may lie behind its own SYN when packets were captured out of order."""


@dataclass(slots=True)
class Flow:
    """One 4-tuple: the conversation that holds it now and those that begin in the present block, by row."""

    pair: tuple[int, int]  # endpoint ids, the lower first
    tracker: Tracker
    initiator: int  # endpoint id
    first: tuple[int, int, int, int]  # source id, seq, ack and time of the packet that began it
    origin: dict[int, int]  # endpoint id -> sequence number before its first byte, as Wireshark counts
    isn: dict[int, int] = field(default_factory=dict)  # endpoint id -> sequence number of its SYN
    upcoming: list[tuple[int, Tracker, int]] = field(default_factory=list)
    stream: int = 0  # the number Wireshark gives the 4-tuple at the end of the present block
    renumbered: dict[int, int] = field(default_factory=dict)  # packets that change the number, as they will be met
    copies: list[tuple[int, int, int]] = field(default_factory=list)  # packets that came again, from whom, when
    ended: bool = False

    def at(self, number: int) -> Tracker:
        """The conversation that holds the 4-tuple at this packet of the present block."""
        return next((t for _, t, _ in reversed(self.upcoming) if t.first_packet < number), self.tracker)


class FlowTable:
    """Opens conversations in packet order, so that their numbers are those Wireshark gives its TCP streams."""

    def __init__(
        self, book: EndpointBook, emit: Emit, limits: Limits, ports: frozenset[int] | None, connections: int = 0
    ) -> None:
        self._book, self._emit, self._limits, self._ports = book, emit, limits, ports
        self.streams = 0  # as Wireshark numbers them
        self.begins: list[int] = []  # the packet that began each stream that took a new number, in that order
        self.backlog = Backlog(limits)
        self.opened: list[int] = []  # packets of this block that took a number, where others were set aside
        self.empty = 0  # connections followed so far without a byte of data
        self.flows: dict[tuple[int, int], Flow] = {}
        self.trackers: dict[int, Tracker] = {}  # those of wanted ports that were open after the last block, by id
        self.newest: list[Tracker] = []  # and those that began in this block
        self.connections = connections  # ids given
        self._past: dict[tuple[int, int], bytes] = {}
        self._revived: list[Flow] = []
        self._superseded: set[Tracker] = set()  # by another, or in place of another: they need no new id

    def see(
        self,
        pair: tuple[int, int],
        row: int,
        source: int,
        target: int,
        seq: int,
        ack: int,
        flags: int,
        number: int,
        time_ns: int,
    ) -> None:
        """A packet that may open a conversation: the first of its 4-tuple in a block, or one with SYN set."""
        flow = self.flows.get(pair)
        if flow is None and pair in self._past:
            flow = self._revive(pair)
        if flow is None:
            tracker, initiator = self._begin(source, target, seq, flags, number, time_ns)
            first = source, seq, ack, time_ns
            self.flows[pair] = flow = Flow(pair, tracker, initiator, first, _origin(source, target, seq, ack, flags))
            flow.stream = tracker.tcp_stream
        elif flags & SYN:
            known = flow.origin.get(source)
            another = not flags & ACK and known not in (None, seq)  # Wireshark begins a stream here
            if not self._same(flow, source, seq, flags, time_ns):
                tracker, initiator = self._begin(source, target, seq, flags, number, time_ns, numbered=another)
                flow.stream = tracker.tcp_stream = tracker.tcp_stream if another else flow.stream
                flow.upcoming.append((row, tracker, initiator))
                flow.isn, flow.first = {}, (source, seq, ack, time_ns)
            elif another:
                flow.stream = self._number(number)
                flow.renumbered[number] = flow.stream
            if another:
                flow.origin = _origin(source, target, seq, ack, flags)
        if flags & SYN:
            flow.isn[source] = seq
            flow.origin.setdefault(source, seq)

    def number_again(self, number: int, pair: tuple[int, int], source: int, seq: int) -> None:
        """A SYN that is known to be a copy: with another sequence number Wireshark begins a stream here."""
        flow = self.flows.get(pair)
        if flow is None or flow.origin.get(source) in (None, seq):
            return
        flow.stream, flow.origin, tracker = self._number(number), {source: seq}, flow.at(number)
        last = max(flow.renumbered, default=0)  # what is yet to be met in this block
        if last > tracker.first_packet:
            flow.renumbered[last] = flow.stream
        else:
            tracker.tcp_stream = flow.stream

    def reopen(self, flow: Flow, source: int, target: int, seq: int, flags: int, number: int, time_ns: int) -> Tracker:
        """A conversation whose SYN was not captured takes over a closed 4-tuple; to Wireshark it is the same stream."""
        stream = flow.tracker.tcp_stream
        flow.tracker, flow.initiator = self._begin(source, target, seq, flags, number, time_ns, numbered=False)
        flow.tracker.tcp_stream, flow.ended = stream, False
        return flow.tracker

    def _begin(
        self, source: int, target: int, seq: int, flags: int, number: int, time_ns: int, *, numbered: bool = True
    ) -> tuple[Tracker, int]:
        """A new conversation and the endpoint id of its initiator; `numbered` if Wireshark gives it a number too."""
        initiator = self._initiator(source, target, seq, flags)
        ends = self._book.endpoint(initiator), self._book.endpoint(source + target - initiator)
        wanted = self._ports is None or not self._ports.isdisjoint(end.port for end in ends)
        id = self.connections + 1 if wanted else 0
        stream = self._number(number) if numbered else self.streams
        tracker = Tracker(id, stream, *ends, number, time_ns, self._emit, self._limits)
        self.empty += 1
        if wanted:
            self.connections = id
            self.newest.append(tracker)
        else:
            tracker.ignore()
        return tracker, initiator

    def supersede(self, flow: Flow, tracker: Tracker) -> bool:
        """Whether the conversation that holds a 4-tuple gives way to the next altogether: nothing was said on it, and so
        many like it are followed that further ones are only counted."""
        old = flow.tracker
        self.heard(old)
        if old.spoke or flow.ended or not old.id or self.empty <= self._limits.empty_connections:
            return False
        self.backlog.unlisted += 1
        self.connections -= 1
        self.empty -= 1
        if old.id in self.trackers:
            tracker.rename(old.id)
            self.trackers[old.id] = tracker
            self._superseded.add(tracker)
        else:
            self._superseded.add(old)
        return True

    def take_newest(self) -> list[Tracker]:
        """At the end of a block: the conversations that began in it and need an id."""
        opened, self.newest = self.newest, []
        if self._superseded:
            opened = [tracker for tracker in opened if tracker not in self._superseded]
            self._superseded.clear()
        return opened

    def __contains__(self, pair: object) -> bool:
        return pair in self.flows or pair in self._past

    def bury(self, flow: Flow) -> None:
        """A connection has ended and given its facts: keep what late packets are known by."""
        self._past[flow.pair] = buried(flow)
        self.flows.pop(flow.pair, None)

    def forget(self, most: int) -> None:
        """Of the flows that were buried keep the latest, so many, and no stream's beginning."""
        self.begins.clear()
        for pair in list(islice(self._past, max(0, len(self._past) - most))):
            del self._past[pair]

    def bury_again(self) -> None:
        """At the end of a block: those of which late packets came, unless a new connection took the 4-tuple over."""
        for flow in self._revived:
            if flow.ended:
                self.bury(flow)
        self._revived.clear()

    def _revive(self, pair: tuple[int, int]) -> Flow:
        ends = self._book.endpoint(pair[0]), self._book.endpoint(pair[1])
        tracker = Tracker(0, 0, *ends, 0, 0, self._emit, self._limits)
        self.flows[pair] = flow = Flow(pair, tracker, pair[0], (0, 0, 0, 0), {})
        revive(flow, self._past.pop(pair))
        self._revived.append(flow)
        return flow

    def _number(self, packet: int) -> int:
        """The stream number of a conversation that Wireshark sees begin at this packet."""
        stream = self.backlog.restored.pop(packet, None)
        if stream is None:
            skipped = self.backlog.skipped
            stream = self.streams + (int(np.searchsorted(skipped, packet)) if len(skipped) else 0)
            self.streams += 1
            self.opened.append(packet)
            self.begins.append(packet)
        return stream

    def number_skipped(self, streams: int) -> None:
        """At the end of a block whose first new number was `streams`: count what was set aside."""
        if len(self.backlog.skipped):
            self.backlog.number(streams, self.opened)
            self.streams += len(self.backlog.skipped)
        self.opened.clear()

    def heard(self, tracker: Tracker) -> None:
        """Notice it if a conversation has carried data by now."""
        if not tracker.spoke and (tracker.streams[0].data_packets or tracker.streams[1].data_packets):
            tracker.spoke = True
            self.empty -= 1

    def _initiator(self, source: int, target: int, seq: int, flags: int) -> int:
        """The SYN's sender, or who is refused; without either the end that looks less like a service."""
        if flags & SYN:
            return target if flags & ACK else source
        if flags & RST and flags & ACK and not seq:
            return target
        ports = source & 0xFFFF, target & 0xFFFF
        known = ports[0] in SERVICE_PORTS, ports[1] in SERVICE_PORTS
        if known[0] != known[1]:
            return target if known[0] else source
        return target if ports[0] < ports[1] else source

    def _same(self, flow: Flow, source: int, seq: int, flags: int, time_ns: int) -> bool:
        """Whether a SYN belongs to the conversation that already holds the 4-tuple."""
        known = flow.isn.get(source)
        if known is not None:
            return known == seq or bool(flags & ACK)
        origin, first_seq, first_ack, first_ns = flow.first
        age_ns = abs(time_ns - first_ns)
        if flow.isn:
            return bool(flags & ACK) or age_ns <= 2 * SETTLE_NS
        reference = first_seq if origin == source else first_ack
        return age_ns <= LINGER_NS and (reference - seq - 1) % WRAP < NEAR


def _origin(source: int, target: int, seq: int, ack: int, flags: int) -> dict[int, int]:
    """The sequence numbers that Wireshark takes for those before the first bytes, from a stream's first packet."""
    own = seq if flags & SYN else (seq - 1) % WRAP
    return {source: own, target: (ack - 1) % WRAP} if flags & ACK else {source: own}
