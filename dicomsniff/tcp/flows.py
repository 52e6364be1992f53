"""Which conversation a segment belongs to: 4-tuples in, trackers out; a 4-tuple used again is a new connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from dicomsniff.core import Limits
from dicomsniff.tcp.connection import SETTLE_NS, Tracker
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.segments import ACK, SYN
from dicomsniff.tcp.stream import WRAP, Emit

SERVICE_PORTS = (104, 11112, 2761, 2762, 4242, 5678)
"""Ports where a DICOM service usually listens (rules catalogue, table T8)."""
NEAR = 1 << 18
"""How far the first data seen may lie behind its own SYN when packets were captured out of order."""
REUSE_NS = 60_000_000_000
"""After so long without a SYN, packets of a closed 4-tuple belong to a connection whose SYN was not captured."""


@dataclass(slots=True)
class Flow:
    """One 4-tuple: the conversation that holds it now and those that begin in the present block, by row."""

    tracker: Tracker
    initiator: int  # endpoint id
    first: tuple[int, int, int]  # source id, seq and ack of the packet that began it
    isn: dict[int, int] = field(default_factory=dict)  # endpoint id -> sequence number of its SYN
    upcoming: list[tuple[int, Tracker, int]] = field(default_factory=list)
    ended: bool = False


class FlowTable:
    """Opens conversations in packet order, so that their numbers are those Wireshark gives its TCP streams."""

    def __init__(self, book: EndpointBook, emit: Emit, limits: Limits, ports: frozenset[int] | None) -> None:
        self._book, self._emit, self._limits, self._ports = book, emit, limits, ports
        self._conversations = 0
        self.flows: dict[tuple[int, int], Flow] = {}
        self.trackers: list[Tracker] = []  # those of wanted ports, by connection id - 1

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
        if flow is None:
            initiator = self._initiator(source, target, flags)
            tracker = self._open(initiator, source + target - initiator, number, time_ns)
            flow = self.flows[pair] = Flow(tracker, initiator, (source, seq, ack))
        elif flags & SYN and not self._same(flow, source, seq, ack, flags, time_ns):
            initiator = self._initiator(source, target, flags)
            self._reopen(flow, row, initiator, (source, target, seq, ack), number, time_ns)
        if flags & SYN:
            flow.isn[source] = seq
            self._orient(flow, source if not flags & ACK else target)

    def reopen_late(
        self, flow: Flow, source: int, target: int, seq: int, ack: int, number: int, time_ns: int
    ) -> Tracker:
        """A conversation whose SYN was not captured takes over a 4-tuple that was closed long ago."""
        initiator = self._initiator(source, target, 0)
        flow.tracker = self._open(initiator, source + target - initiator, number, time_ns)
        flow.initiator, flow.first, flow.isn, flow.ended = initiator, (source, seq, ack), {}, False
        return flow.tracker

    def _open(self, initiator: int, responder: int, number: int, time_ns: int) -> Tracker:
        ends = self._book.endpoint(initiator), self._book.endpoint(responder)
        wanted = self._ports is None or not self._ports.isdisjoint(end.port for end in ends)
        id = len(self.trackers) + 1 if wanted else 0
        tracker = Tracker(id, self._conversations, *ends, number, time_ns, self._emit, self._limits)
        self._conversations += 1
        if wanted:
            self.trackers.append(tracker)
        else:
            tracker.ignore()
        return tracker

    def _reopen(
        self, flow: Flow, row: int, initiator: int, first: tuple[int, int, int, int], number: int, time_ns: int
    ) -> None:
        source, target, seq, ack = first
        tracker = self._open(initiator, source + target - initiator, number, time_ns)
        flow.upcoming.append((row, tracker, initiator))
        flow.isn, flow.first = {}, (source, seq, ack)

    def _initiator(self, source: int, target: int, flags: int) -> int:
        """The SYN's sender; without one the end that looks less like a service."""
        if flags & SYN:
            return target if flags & ACK else source
        ports = source & 0xFFFF, target & 0xFFFF
        known = ports[0] in SERVICE_PORTS, ports[1] in SERVICE_PORTS
        if known[0] != known[1]:
            return target if known[0] else source
        return target if ports[0] < ports[1] else source

    def _same(self, flow: Flow, source: int, seq: int, ack: int, flags: int, time_ns: int) -> bool:
        """Whether a SYN belongs to the conversation that already holds the 4-tuple."""
        known = flow.isn.get(source)
        if known is not None:
            return known == seq or bool(flags & ACK)
        tracker = flow.upcoming[-1][1] if flow.upcoming else flow.tracker
        young = abs(time_ns - tracker.first_ns) <= 2 * SETTLE_NS
        if flow.isn:
            return bool(flags & ACK) or young
        origin, first_seq, first_ack = flow.first
        reference = first_seq if origin == source else first_ack
        return young and not flow.ended and (reference - seq - 1) % WRAP < NEAR

    def _orient(self, flow: Flow, initiator: int) -> None:
        """A SYN decides who the initiator is, also when it comes after other packets."""
        if flow.upcoming:
            row, tracker, guess = flow.upcoming[-1]
            if guess != initiator:
                tracker.turn()
                flow.upcoming[-1] = (row, tracker, initiator)
        elif flow.initiator != initiator and not flow.tracker.settled:
            flow.tracker.turn()
            flow.initiator = initiator
