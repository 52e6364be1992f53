"""An assembler for days: what has been silent for long ends, and what only late packets would ask for is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.connection import Tracker
from dicomsniff.tcp.events import Connection, Gap, GapCause, TcpEvent
from dicomsniff.tcp.flows import Flow

SECOND = 1_000_000_000
IDLE_NS = 3 * 3600 * SECOND
"""Silence after which a connection is given up: keep-alives of TCP begin after two hours (RFC 9293 §3.8.4)."""
HALF_OPEN_NS = 180 * SECOND
"""The same for a handshake that was not finished: the last SYN of a client is sent 63 s after the first, and waits 64 s."""
HALF_CLOSED_NS = 600 * SECOND
OVER_NS = 60 * SECOND
"""The same for one on which all was said, where it is crowded: a side waits some 30 s for the other to close (PS3.8 §9.1.5)."""
CROWDED = 500
"""Connections that may be open at once, however long they are silent: beyond them the longest silent end, where that is as long
as one that was half closed would have. A connection of which the end was not captured takes some 30 kB until then."""
BURIED = 5_000
"""Ended connections of which the late packets are still told from new ones."""


class AgeingAssembler(Assembler):
    """Follows connections as an assembler does, in bounded memory, with the clock going on where no packets come."""

    def age(self, now_ns: int, over: Callable[[int], bool] = lambda _: False) -> list[TcpEvent]:
        """It is at least `now_ns`: end what was closed or silent long enough. `over` says of a connection, by its id,
        that all was said on it: only its closing was not seen."""
        self._clock = max(self._clock, now_ns)
        flows = self._flows
        early = now_ns - OVER_NS  # nobody's patience ends sooner
        quiet = [flow for flow in flows.flows.values() if flow.tracker.last_ns < early]
        ended, idle = list[Flow](), list[Flow]()
        for flow in quiet:
            silent_ns = now_ns - flow.tracker.last_ns
            if silent_ns > _patience(flow.tracker):
                ended.append(flow)
            elif silent_ns > HALF_CLOSED_NS or over(flow.tracker.id):
                idle.append(flow)
        idle.sort(key=lambda flow: flow.tracker.last_ns)
        for flow in ended + idle[: max(0, len(flows.flows) - len(ended) - CROWDED)]:
            self._end(flow)
            flows.flows.pop(flow.pair, None)
        self._retire()
        flows.forget(BURIED)
        return self._take()

    def open(self, among: Container[int] | None = None) -> Iterator[tuple[Connection, tuple[Gap, ...]]]:
        """The connections that have not ended: facts so far, and the holes that stand open (which may yet be filled).
        `among`: only those with one of these ids."""
        for id, tracker in self._flows.trackers.items():
            if among is None or id in among:
                yield tracker.facts(), tuple(_holes(tracker))

    def packets(self, connection: int) -> int:
        """Packets of an open connection so far."""
        return self._flows.trackers[connection].packets

    def _end(self, flow: Flow) -> None:
        """What ended makes room for another connection without data, see `Limits.empty_connections`."""
        ended = flow.ended
        super()._end(flow)
        self._flows.empty -= not ended and not flow.tracker.spoke


def _patience(tracker: Tracker) -> int:
    if tracker._closings:
        return HALF_CLOSED_NS
    return IDLE_NS if tracker.spoke else HALF_OPEN_NS


def _holes(tracker: Tracker) -> Iterator[Gap]:
    """What is known to be missing at the end of each stream: bytes before those that wait, or that were confirmed."""
    for stream in tracker.streams:
        reached = stream.held[0].start if stream.held else (stream.acknowledged or 0) - 1  # a FIN counts as one
        if stream.base is not None and reached > stream.next:
            length = reached - stream.next
            yield Gap(
                tracker.id, stream.direction, stream.next, length, GapCause.LOST, tracker.last_packet, tracker.last_ns
            )
