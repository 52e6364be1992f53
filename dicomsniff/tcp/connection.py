"""One TCP connection as it is followed: its opening, both streams, its closing; and from these its facts."""

from __future__ import annotations

from typing import NamedTuple

from dicomsniff.core import Direction, Endpoint, Limits
from dicomsniff.tcp.events import Closing, Connection, Unreachable
from dicomsniff.tcp.segments import ACK, FIN, RST, SYN
from dicomsniff.tcp.stream import WRAP, Emit, Stream

SETTLE_PACKETS = 16
"""Packets of a connection without a SYN that are kept before its first byte is decided: its SYN may come reordered."""
SETTLE_NS = 500_000_000
LINGER_NS = 2_000_000_000
"""How long after its closing a connection's packets still belong to it."""


class Row(NamedTuple):
    """One segment of a connection in plain numbers."""

    number: int
    time_ns: int
    direction: Direction
    seq: int
    ack: int
    flags: int
    window: int
    length: int
    payload: memoryview


class Tracker:
    """Follows one connection packet by packet."""

    __slots__ = (
        "_closings",
        "_early",
        "_syn_seq",
        "_unreachable",
        "closed_ns",
        "emit",
        "first_ns",
        "first_packet",
        "id",
        "initiator",
        "last_ns",
        "last_packet",
        "limits",
        "packets",
        "refused",
        "responder",
        "rtt_initiator",
        "rtt_responder",
        "settled",
        "streams",
        "syn_ack",
        "syns",
        "tcp_stream",
    )  # fmt: skip

    def __init__(
        self, id: int, tcp_stream: int, initiator: Endpoint, responder: Endpoint, number: int, time_ns: int, emit: Emit, limits: Limits
    ) -> None:
        self.id, self.tcp_stream = id, tcp_stream  # an id of 0 marks a connection nobody asked for
        self.initiator, self.responder = initiator, responder
        self.emit, self.limits = emit, limits
        self.first_packet = self.last_packet = number
        self.first_ns = self.last_ns = time_ns
        self.packets = 0
        self.streams = (
            Stream(id, Direction.TO_RESPONDER, emit, limits),
            Stream(id, Direction.TO_INITIATOR, emit, limits),
        )
        self.syns: list[tuple[int, int]] = []  # packet number and time of every SYN of the initiator
        self.syn_ack: tuple[int, int] | None = None
        self.refused: tuple[int, int] | None = None
        self.rtt_initiator: int | None = None
        self.rtt_responder: int | None = None
        self.closed_ns: int | None = None
        self._syn_seq: list[int | None] = [None, None]
        self._unreachable: Unreachable | None = None
        self._closings: list[Closing] = []
        self._early: list[Row] = []
        self.settled = False

    @property
    def in_order(self) -> bool:
        """Whether nothing waits: runs of ordinary segments may be added whole."""
        to_responder, to_initiator = self.streams
        return (
            self.settled
            and not self._closings
            and not to_responder.held
            and not to_initiator.held
            and to_responder.zero_since is None
            and to_initiator.zero_since is None
            and to_responder.base is not None
            and to_initiator.base is not None
            and (self.syn_ack is None or self.rtt_initiator is not None)
        )

    def turn(self) -> None:
        """The SYN came late and from the end taken for the responder: exchange the roles while nothing is decided."""
        if self.settled:
            return
        self.initiator, self.responder = self.responder, self.initiator
        self._syn_seq.reverse()
        self._early = [row._replace(direction=row.direction.opposite) for row in self._early]
        one, other = self.streams
        one.packets, other.packets = other.packets, one.packets

    def ignore(self) -> None:
        """Count on, but emit no more bytes: what speaks here is of no interest."""
        for stream in self.streams:
            stream.ignored = True

    def late(self, time_ns: int) -> bool:
        """Whether a packet of this time comes too long after the closing to belong here."""
        return self.closed_ns is not None and time_ns - self.closed_ns > LINGER_NS

    def add(self, row: Row) -> None:
        """One segment, in packet order."""
        if self.late(row.time_ns):
            return
        self.packets += 1
        self.last_packet, self.last_ns = row.number, max(self.last_ns, row.time_ns)
        self.streams[row.direction].packets += 1
        if row.flags & SYN:
            self._open(row)
        if self.settled:
            self._process(row)
            return
        self._early.append(row)
        handshake = self._syn_seq[0] is not None and (self._syn_seq[1] is not None or not row.flags & SYN)
        if handshake or len(self._early) >= SETTLE_PACKETS or row.time_ns - self.first_ns > SETTLE_NS:
            self._settle()

    def _open(self, row: Row) -> None:
        if row.flags & ACK:
            self.syn_ack = self.syn_ack or (row.number, row.time_ns)
            if self.rtt_responder is None and self.syns and self.syns[-1][0] < row.number:
                self.rtt_responder = row.time_ns - self.syns[-1][1]
        else:
            self.syns.append((row.number, row.time_ns))
        self._syn_seq[row.direction] = row.seq

    def _settle(self) -> None:
        """Decide where both streams begin, then take what was kept."""
        self.settled = True
        early, self._early = self._early, []
        for direction, stream in zip(Direction, self.streams, strict=True):
            syn = self._syn_seq[direction]
            if syn is not None:
                stream.base = (syn + 1) % WRAP
            else:
                stream.base = self._first_seen(direction, early)
        for row in early:
            self._process(row)

    def _first_seen(self, direction: Direction, early: list[Row]) -> int | None:
        """The lowest sequence number among the first packets; after a handshake, what the peer first acknowledged."""
        own = [row for row in early if row.direction is direction and not row.flags & RST]
        acks = [
            row.ack
            for row in early
            if row.direction is not direction and row.flags & ACK and not row.flags & (SYN | RST)
        ]
        if acks and (self._syn_seq[direction.opposite] is not None or not own):
            return acks[0]
        if not own:
            return None
        first = own[0].seq
        return min((row.seq for row in own), key=lambda seq: (seq - first + WRAP // 2) % WRAP)

    def _process(self, row: Row) -> None:
        stream, back = self.streams[row.direction], self.streams[row.direction.opposite]
        if stream.base is None and not row.flags & (SYN | RST):
            stream.base = row.seq
        if row.flags & ACK and not row.flags & RST:
            if back.base is None and not row.flags & SYN:
                back.base = row.ack
            if back.base is not None:
                back.acknowledge(row.ack)
                back.window(row.window == 0 and not row.flags & (SYN | FIN), row.time_ns)
            self._handshake_done(row)
        if row.length and stream.base is not None and not row.flags & RST:
            stream.data_packets += 1
            seq = (row.seq + 1) % WRAP if row.flags & SYN else row.seq
            stream.add(seq, row.length, row.payload, row.number, row.time_ns)
        for each in self.streams:
            if each.held:
                each.passed(row.number, row.time_ns)
        if row.flags & (FIN | RST):
            self._close(row, stream)

    def _handshake_done(self, row: Row) -> None:
        """The initiator's first acknowledgement after the SYN-ACK gives its half of the round trip."""
        first = self.rtt_initiator is None and self.syn_ack is not None and row.direction is Direction.TO_RESPONDER
        if first and self.syn_ack is not None and not row.flags & SYN and row.number > self.syn_ack[0]:
            self.rtt_initiator = row.time_ns - self.syn_ack[1]

    def _close(self, row: Row, stream: Stream) -> None:
        if row.flags & RST:
            kind, offset = "rst", None
            if row.direction is Direction.TO_INITIATOR and self.syns and self.syn_ack is None and not stream.bytes:
                self.refused = self.refused or (row.number, row.time_ns)
        else:
            kind = "fin"
            offset = stream.offset_of(row.seq) + row.length if stream.base is not None else None
        if not any(c.direction is row.direction and c.kind == kind for c in self._closings):
            self._closings.append(Closing(row.direction, kind, row.number, row.time_ns, offset))
        if self.closed_ns is None and (kind == "rst" or len({c.direction for c in self._closings}) == 2):
            self.closed_ns = row.time_ns

    def add_run(self, direction: Direction, packets: int, data_packets: int, acknowledged: int | None) -> None:
        """Count an in-order run that the assembler has passed to the stream as a whole; `acknowledged` is the last
        acknowledgement number it carries."""
        self.packets += packets
        stream = self.streams[direction]
        stream.packets += packets
        stream.data_packets += data_packets
        if acknowledged is not None:
            self.streams[direction.opposite].acknowledge(acknowledged)

    def unreachable(self, sender: str, type: int, code: int, number: int, time_ns: int) -> None:
        """An ICMP message says that the SYN of this connection could not be delivered."""
        self._unreachable = self._unreachable or Unreachable(sender, type, code, number, time_ns)

    def flush(self) -> None:
        """Emit the bytes of both directions gathered so far."""
        for stream in self.streams:
            stream.flush()

    def finish(self) -> None:
        """No more packets: decide what is still open."""
        if not self.settled:
            self._settle()
        for direction, stream in zip(Direction, self.streams, strict=True):
            fin = next((c.offset for c in self._closings if c.direction is direction and c.kind == "fin"), None)
            if fin is not None and stream.acknowledged == fin + 1:
                stream.acknowledged = fin  # a FIN takes a sequence number but is no byte of the stream
            stream.finish(self.last_packet, self.last_ns)
            if stream.zero_since is not None:
                stream.window(False, self.last_ns)

    def _opened(self) -> str:
        if not self.syns and self.syn_ack is None:
            return "midstream"
        if self.syn_ack is None and not any(s.bytes for s in self.streams):
            if self.refused is not None:
                return "refused"
            if not self.streams[Direction.TO_INITIATOR].packets and self._only_syns():
                return "unanswered"
        return "handshake"

    def _only_syns(self) -> bool:
        return self.streams[Direction.TO_RESPONDER].packets == len(self.syns)

    def _closed(self) -> str:
        if (
            any(c.kind == "rst" for c in self._closings)
            and len({c.direction for c in self._closings if c.kind == "fin"}) < 2
        ):
            return "rst"
        return "fin" if self._closings else "open"

    def facts(self) -> Connection:
        """What is known of the connection now."""
        return Connection(
            id=self.id,
            tcp_stream=self.tcp_stream,
            initiator=self.initiator,
            responder=self.responder,
            opened=self._opened(),
            closed=self._closed(),
            first_ns=self.first_ns,
            last_ns=self.last_ns,
            first_packet=self.first_packet,
            last_packet=self.last_packet,
            syn_packets=tuple(number for number, _ in self.syns),
            syn_times=tuple(time for _, time in self.syns),
            syn_ack_packet=self.syn_ack[0] if self.syn_ack else None,
            refused_packet=self.refused[0] if self.refused else None,
            refused_ns=self.refused[1] if self.refused else None,
            unreachable=self._unreachable,
            rtt_initiator_ns=self.rtt_initiator,
            rtt_responder_ns=self.rtt_responder,
            closings=tuple(self._closings),
            to_responder=self.streams[Direction.TO_RESPONDER].facts(),
            to_initiator=self.streams[Direction.TO_INITIATOR].facts(),
        )
