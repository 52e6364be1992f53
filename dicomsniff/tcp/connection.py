"""One TCP connection as it is followed: its opening, both streams, its closing; and from these its facts."""

from __future__ import annotations

from dicomsniff.core import DIRECTIONS, Direction, Endpoint, Limits
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.beginning import begun_before, first_seen, numbered
from dicomsniff.tcp.copies import COPY_NS
from dicomsniff.tcp.events import Closing, Connection, Unreachable
from dicomsniff.tcp.marks import UNMARKED, Mark, mark_of
from dicomsniff.tcp.pace import Pace
from dicomsniff.tcp.segment_facts import Silence
from dicomsniff.tcp.segments import ACK, FIN, RST, SYN, Segments
from dicomsniff.tcp.stream import FARTHEST, WRAP, Emit, Stream
from dicomsniff.tcp.watch import SILENCE_NS, Watch

SETTLE_PACKETS = 16
"""Packets kept before the first bytes are decided while one of the SYNs has not been seen: it may come reordered."""
SETTLE_NS = 500_000_000
LINGER_NS = 2_000_000_000
"""How long after its closing a connection's packets still belong to it."""
REUSE_NS = 60_000_000_000
"""After so long without a SYN, bytes on a closed 4-tuple belong to a connection whose SYN was not captured."""
QUOTES = 8
"""ICMP messages kept per connection, of which one may quote its SYN."""


class Row(NamedTuple):
    """One segment of a connection in plain numbers; `clock_ns` is the latest time of any packet up to this one, `mark` tells
    of its order where that is not plain."""

    number: int
    time_ns: int
    clock_ns: int
    direction: Direction
    seq: int
    ack: int
    flags: int
    window: int
    length: int
    payload: memoryview
    mark: Mark = UNMARKED


class Tracker:
    """Follows one connection packet by packet."""

    __slots__ = (
        "_closings", "_early", "_quotes", "_syn_ack_ns", "_syn_packets", "_syn_seq", "closed_ns", "emit", "first_ns",
        "first_packet", "id", "initiator", "last_ns", "last_packet", "limits", "pace", "packets", "refusal",
        "responder", "rtt_initiator", "rtt_responder", "settled", "spoke", "streams", "syn_ack", "syns", "tcp_stream",
        "watch",
    )  # fmt: skip

    def __init__(
        self,
        id: int,
        tcp_stream: int,
        initiator: Endpoint,
        responder: Endpoint,
        number: int,
        time_ns: int,
        emit: Emit,
        limits: Limits,
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
        self.refusal: tuple[int, int, int] | None = None  # acknowledgement, packet and time of an answer to a SYN
        self.rtt_initiator: int | None = None
        self.rtt_responder: int | None = None
        self.closed_ns: int | None = None  # the clock when both FIN or a RST had been seen
        self._syn_seq: list[int | None] = [None, None]
        self._syn_packets = 0
        self._syn_ack_ns = 0  # of the latest SYN-ACK
        self._quotes: dict[int, Unreachable] = {}  # by the sequence number quoted
        self._closings: list[Closing] = []
        self._early: list[Row] = []
        self.settled = False
        self.spoke = False  # it was noticed that it carries data
        self.watch = Watch()
        self.pace = Pace()

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
        )

    def turn(self) -> bool:
        """The SYN came late and from the end taken for the responder: exchange the roles while nothing is decided."""
        if self.settled or self._syn_seq[Direction.TO_RESPONDER] is not None:
            return False
        self.initiator, self.responder = self.responder, self.initiator
        self._syn_seq.reverse()
        self._early = [row._replace(direction=row.direction.opposite) for row in self._early]
        one, other = self.streams
        one.packets, other.packets = other.packets, one.packets
        one.duplicates, other.duplicates = other.duplicates, one.duplicates
        one.copied, other.copied = other.copied, one.copied
        self.watch.turn()
        self.pace.turn()
        return True

    @property
    def syn_seqs(self) -> tuple[int | None, int | None]:
        """The sequence numbers of the initiator's and the responder's SYN."""
        return self._syn_seq[0], self._syn_seq[1]

    def over(self, tcp_stream: int, syn_seqs: tuple[int | None, int | None], closed_ns: int | None) -> None:
        """Become a conversation that ended before: only `late`, `outlived` and `refusal` mean something."""
        self.tcp_stream, self._syn_seq[:], self.closed_ns = tcp_stream, syn_seqs, closed_ns
        self.settled = self.spoke = True
        self._closings.append(Closing(Direction.TO_RESPONDER, "fin", 0, 0, None))

    def rename(self, id: int) -> None:
        """Take another id, before anything was said under the present one."""
        self.id = id
        for stream in self.streams:
            stream.connection = id

    def ignore(self) -> None:
        """Count on, but emit no more bytes: what speaks here is of no interest."""
        for stream in self.streams:
            stream.ignored = True

    def mark(self, direction: Direction, seq: int, length: int, segments: Segments, at: int, data: memoryview) -> Mark:
        """What row `at` of these segments tells of when it was sent, if its bytes are out of order or what waits is."""
        stream = self.streams[direction]
        base = stream.base
        if not length or (base is not None and not stream.held and (seq - base - stream.next) % WRAP == 0):
            return UNMARKED
        return mark_of(segments, at, data)

    def late(self, clock_ns: int) -> bool:
        """Whether it is too long after the closing for a packet to belong here."""
        return self.closed_ns is not None and clock_ns - self.closed_ns > LINGER_NS

    def outlived(self, direction: Direction, seq: int, flags: int, length: int, clock_ns: int) -> bool:
        """Whether a packet after the closing shows another connection on the 4-tuple, whose SYN was not captured."""
        if self.closed_ns is None or flags & RST:
            return False
        if flags & SYN:
            return bool(flags & ACK) and self._syn_seq[direction] not in (None, seq)
        stream = self.streams[direction]
        beyond = stream.base is None or 1 < stream.offset_of(seq) + length - stream.next <= FARTHEST
        return length > 0 and self.late(clock_ns) and (beyond or clock_ns - self.closed_ns > REUSE_NS)

    def look(self, row: Row, segments: Segments, at: int, data: memoryview) -> None:
        """A notable packet (see `Watch`) that is about to be added: row `at` of these segments."""
        if self.late(row.clock_ns):
            return
        if self.packets and row.time_ns - self.last_ns > SILENCE_NS:
            self.watch.silence(
                Silence(self.last_packet, self.last_ns, row.number, row.time_ns, row.direction, row.seq, row.length)
            )
        self.watch.look(row.direction, row.number, row.time_ns, row.seq, row.flags, row.length, segments, at, data)

    def add(self, row: Row, measured: bool = False) -> None:
        """One segment, in packet order; `measured`: its figures were taken (see `measure`)."""
        if self.closed_ns is not None and self.late(row.clock_ns):
            if _refuses(row):
                self.refusal = row.ack, row.number, row.time_ns
            return
        self.packets += 1
        self.last_packet, self.last_ns = row.number, max(self.last_ns, row.time_ns)
        self.streams[row.direction].packets += 1
        self.watch.last[row.direction] = row.number, row.time_ns
        self.pace.see(row.direction, row.number, row.time_ns, row.seq, row.ack, row.flags, row.window, row.length)
        if not measured:
            self.pace.meter(row.direction, row.time_ns, row.seq, row.ack, row.flags, row.window, row.length)
        if row.flags & SYN:
            self._open(row)
        if self.settled:
            self._process(row)
            return
        self._early.append(row._replace(payload=memoryview(bytes(row.payload))))  # the block's buffer is used again
        known = None not in self._syn_seq
        if row.flags & RST:  # before anything was said or opened it may be captured too early
            known = known or any(each.length or each.flags & SYN for each in self._early)
        if known or len(self._early) >= SETTLE_PACKETS or self._waited_ns(row) > SETTLE_NS:
            self._settle()

    def _waited_ns(self, row: Row) -> int:
        """How long a SYN has been missing: a server may take its time to answer one."""
        first_ns = next((each.time_ns for each in self._early if not each.flags & SYN), row.time_ns)
        return row.time_ns - first_ns

    def _open(self, row: Row) -> None:
        if row.flags & ACK:
            self.syn_ack = self.syn_ack or (row.number, row.time_ns)
            self._syn_ack_ns = row.time_ns
            self._answer_anew(row)
            if self.rtt_responder is None and self.syns and self.syns[-1][0] < row.number:
                self.rtt_responder = row.time_ns - self.syns[-1][1]
        else:
            self._syn_packets += 1
            if not (
                self.syns and row.time_ns - self.syns[-1][1] <= COPY_NS and self._syn_seq[row.direction] == row.seq
            ):
                self.syns.append((row.number, row.time_ns))
        self._syn_seq[row.direction] = row.seq
        if self.refused is not None and self.closed_ns is None:  # before its SYN
            self._closings.append(Closing(Direction.TO_INITIATOR, "rst", *self.refused, None))
            self.closed_ns = row.clock_ns

    def _answer_anew(self, row: Row) -> None:
        """A SYN-ACK after an acknowledgement that belongs to the conversation before on the same ports, which the responder
        still remembered: that one, and the reset which it earned (RFC 9293 §3.5.2), are not of this conversation."""
        answered, asked = self.streams[row.direction], self.streams[1 - row.direction]
        begin = (row.seq + 1) % WRAP
        if answered.base in (None, begin) or any(s.next or s.held for s in (answered, asked)):
            return
        answered.base, answered.begun_unseen, answered.acknowledged, asked.acknowledged = begin, False, None, None
        self._closings.clear()
        self.closed_ns = self.refusal = None

    @property
    def refused(self) -> tuple[int, int] | None:
        """Packet and time of the reset that answered the SYN, which may have been captured after it."""
        syn = self._syn_seq[Direction.TO_RESPONDER]
        if self.refusal is None or syn is None:
            return None
        ack, number, time_ns = self.refusal
        fits = (ack - syn - 1) % WRAP <= self.streams[Direction.TO_RESPONDER].highest
        return (number, time_ns) if fits else None

    def succeed(self, before: Tracker) -> None:
        """Take the 4-tuple over: a refusal that fits no SYN of the conversation before may answer one to come."""
        if before.refused is None:
            self.refusal = before.refusal

    def _settle(self) -> None:
        """Decide where both streams begin, then take what was kept."""
        self.settled = True
        early, self._early = self._early, []
        for direction, stream in zip(DIRECTIONS, self.streams, strict=True):
            syn = self._syn_seq[direction] = numbered(direction, self._syn_seq[direction], early)
            if syn is not None:
                stream.base = (syn + 1) % WRAP
            else:
                answered = self._syn_seq[direction.opposite] is not None
                stream.base = first_seen(direction, early, answered)
                stream.begun_unseen = begun_before(direction, stream.base, early)
        for row in early:
            self._process(row)

    def _process(self, row: Row) -> None:
        stream, back = self.streams[row.direction], self.streams[1 - row.direction]
        if stream.base is None and not row.flags & (SYN | RST):
            stream.base = row.seq
        if row.flags & ACK and not row.flags & RST:
            if back.base is None and not row.flags & SYN:
                back.base = row.ack
            if back.base is not None:
                back.acknowledge(row.ack)
                if back.held and not row.length:
                    back.ask(row.ack, row.window)
                if not row.window or back.zero_since is not None:
                    back.window(row.window == 0 and not row.flags & (SYN | FIN), row.time_ns)
            if self.rtt_initiator is None and self.syn_ack is not None:
                self._handshake_done(row, self.syn_ack[0])
        if row.length and stream.base is not None and not row.flags & RST:
            stream.data_packets += 1
            seq = (row.seq + 1) % WRAP if row.flags & SYN else row.seq
            heard = back.offset_of(row.ack) if row.flags & ACK and back.base is not None else -1
            stream.add(seq, row.length, row.payload, row.number, row.time_ns, heard, row.mark)
        elif stream.base is not None and not row.flags & SYN:
            stream.reached = max(stream.reached, stream.offset_of(row.seq))
        for each in self.streams:
            if each.held:
                each.passed()
        if row.flags & (FIN | RST):
            self.close(row)

    def _handshake_done(self, row: Row, syn_ack: int) -> None:
        """The initiator's first acknowledgement after the SYN-ACK gives its half of the round trip."""
        if row.direction is Direction.TO_RESPONDER and not row.flags & SYN and row.number > syn_ack:
            self.rtt_initiator = row.time_ns - self._syn_ack_ns

    def close(self, row: Row) -> None:
        """A FIN or a RST."""
        stream, back = self.streams[row.direction], self.streams[row.direction.opposite]
        heard = back.offset_of(row.ack) if row.flags & ACK and back.base is not None else -1
        if row.flags & RST:
            kind, offset = "rst", None
            back.reached = max(back.reached, heard)
            if _refuses(row) and self.refused is None:
                self.refusal = row.ack, row.number, row.time_ns
        else:
            kind = "fin"
            offset = stream.offset_of(row.seq) + row.length if stream.base is not None else None
        if not any(c.direction is row.direction and c.kind == kind for c in self._closings):
            closing = Closing(row.direction, kind, row.number, row.time_ns, offset, heard)
            answered = (at for at, c in enumerate(self._closings) if c.knew(closing))  # but captured before
            self._closings.insert(next(answered, len(self._closings)), closing)
        if self.closed_ns is None and (kind == "rst" or len({c.direction for c in self._closings}) == 2):
            self.closed_ns = row.clock_ns

    def add_run(self, direction: Direction, packets: int, data_packets: int, acknowledged: int, time_ns: int) -> None:
        """Count an in-order run that the stream gets as a whole: its last acknowledgement number, its first time."""
        self.packets += packets
        stream = self.streams[direction]
        stream.packets += packets
        stream.data_packets += data_packets
        self.streams[1 - direction].acknowledge(acknowledged)
        if self.rtt_initiator is None and self.syn_ack is not None and direction is Direction.TO_RESPONDER:
            self.rtt_initiator = time_ns - self._syn_ack_ns

    def unreachable(self, seq: int, message: Unreachable) -> None:
        """An ICMP message says that a packet of this connection with this sequence number could not be delivered."""
        if len(self._quotes) < QUOTES:
            self._quotes.setdefault(seq, message)

    def flush(self) -> None:
        """Emit the bytes of both directions gathered so far."""
        for stream in self.streams:
            stream.flush()

    def finish(self) -> None:
        """No more packets: decide what is still open."""
        if not self.settled:
            self._settle()
        for direction, stream in zip(DIRECTIONS, self.streams, strict=True):
            fin = next((c.offset for c in self._closings if c.direction is direction and c.kind == "fin"), None)
            stream.finish(self.last_packet, self.last_ns, fin)
            if stream.zero_since is not None:
                stream.window(False, self.last_ns)

    def _opened(self) -> str:
        if self._syn_seq == [None, None]:
            return "midstream"
        if self.syn_ack is None and not any(s.bytes for s in self.streams):
            if self.refused is not None and self.streams[Direction.TO_INITIATOR].acknowledged is None:
                return "refused"
            if not self.streams[Direction.TO_INITIATOR].packets and self.streams[0].packets == self._syn_packets:
                return "unanswered"
        return "handshake"

    def _closed(self) -> str:
        if not self._closings:
            return "open"
        kinds = [closing.kind for closing in self._closings]  # one FIN of each side at most
        return "rst" if "rst" in kinds and kinds.count("fin") < 2 else "fin"

    def facts(self) -> Connection:
        """What is known of the connection now, without what its single segments told."""
        syn, refused = self._syn_seq[Direction.TO_RESPONDER], self.refused
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
            refused_packet=refused[0] if refused else None,
            refused_ns=refused[1] if refused else None,
            unreachable=None if syn is None else self._quotes.get(syn),
            rtt_initiator_ns=self.rtt_initiator,
            rtt_responder_ns=self.rtt_responder,
            closings=tuple(self._closings),
            to_responder=self.streams[Direction.TO_RESPONDER].facts(),
            to_initiator=self.streams[Direction.TO_INITIATOR].facts(),
            isns=(syn, self._syn_seq[Direction.TO_INITIATOR]),
            segments=tuple(map(self.watch.segments, DIRECTIONS, self.streams)),  # type: ignore[arg-type]
            path=self.watch.path(self.streams),
            pauses=tuple(self.pace.pauses),
            meters=self.pace.measured(),
            told=self.pace.told,
        )


def _refuses(row: Row) -> bool:
    """Whether a segment answers a SYN with a reset: only what carries no ACK is answered so (RFC 9293 §3.10.7.1)."""
    return row.flags & (RST | ACK) == RST | ACK and not row.seq and row.direction is Direction.TO_INITIATOR
