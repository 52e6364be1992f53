"""Joins the rooms: blocks of packets in, traffic out.

For every connection there is one `Line`: a framer and a message assembler for each direction, and the builder that
makes associations of what they give. Nothing here decides anything about DICOM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import itemgetter

from dicomsniff.association.conversation import ConversationBuilder, continues, kind_of, number
from dicomsniff.association.values import Association, Conversation, Kind, Traffic
from dicomsniff.capture import PacketSource
from dicomsniff.core import LIMITS, Anomaly, Direction, Limits
from dicomsniff.dimse.assembler import MessageAssembler
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.pdu.decode import HEADER, is_plausible
from dicomsniff.pdu.detect import ENOUGH_BYTES, looks_like_pdus, protocol_of
from dicomsniff.pdu.framer import Framer
from dicomsniff.pdu.values import AssociateAc, AssociateRq, BrokenPdu, PData, Pdu
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import Chunk, Connection, End, Gap, TcpEvent

Item = Pdu | Message | Anomaly
DICOM, UNKNOWN = "dicom", "unknown"
MOST_WAITING = 4096
"""Events kept until a connection is recognised; one that needs more gives nothing to recognise."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to read traffic. `ports`: only connections with an end on one of them. `keep_payloads`: keep whole data
    sets for export. `fence`: a bug in one connection is noted and does not stop the others; off under test."""

    ports: frozenset[int] | None = None
    keep_payloads: bool = False
    fence: bool = True
    limits: Limits = LIMITS


class Recognition:
    """Decides from the first bytes of each direction what speaks on a connection; keeps the events until it can."""

    def __init__(self, late: bool, limits: Limits) -> None:
        self.late = late
        self.protocols = ["", ""]
        self.first_bytes = [b"", b""]
        self.waiting: list[Chunk | Gap] = []
        self._waiting_bytes = 0
        self._heads = [bytearray(), bytearray()]
        self._torn = [False, False]  # a hole came before the first bytes could decide
        self._searched = [0, 0]
        self._limits = limits

    def add(self, event: Chunk | Gap) -> None:
        """One more event; `protocols` tells what is known afterwards."""
        side = event.direction
        if isinstance(event, Gap):
            self._hole(event)
            return
        self.waiting.append(event)
        self._waiting_bytes += len(event.data)
        if self.protocols[side]:
            return
        head = self._heads[side]
        head += event.data[: self._limits.detect_bytes - len(head)]
        if not (self._torn[side] and self.first_bytes[side]):
            self.first_bytes[side] = bytes(head[: self._limits.first_bytes])
        self.protocols[side] = self._name(side, False)

    def settle(self) -> None:
        """No more bytes will come: what is still open is decided by what there is."""
        for side in Direction:
            if not self.protocols[side] and self._heads[side]:
                self.protocols[side] = self._name(side, True)

    def _hole(self, gap: Gap) -> None:
        last = self.waiting[-1] if self.waiting else None
        if isinstance(last, Gap) and continues(last, gap):
            self.waiting[-1] = last._replace(length=last.length + gap.length)
        else:
            self.waiting.append(gap)
        if not self.protocols[gap.direction]:
            self.late = self._torn[gap.direction] = True
            self._heads[gap.direction].clear()
            self._searched[gap.direction] = 0

    def _name(self, side: Direction, final: bool) -> str:
        """The protocol of one direction, "" while it cannot be told. A direction whose first bytes have a hole is
        never called unknown: what cannot be recognised may be the fault of the hole."""
        head, torn = bytes(self._heads[side]), self._torn[side]
        name = protocol_of(head[: max(ENOUGH_BYTES, self._limits.first_bytes)])
        if name is None:
            return UNKNOWN if final and not torn else ""
        if name == UNKNOWN and self.late:
            return self._search(side, head, final)
        if name == UNKNOWN and self._answers_dicom(side, head):
            return DICOM
        return name

    def _search(self, side: Direction, head: bytes, final: bool) -> str:
        """The protocol of a stream of which the beginning was not seen."""
        enough = final or len(head) >= self._limits.detect_bytes
        if not enough and len(head) < 2 * self._searched[side]:
            return ""  # a search costs what there is: it is made again when that has doubled
        self._searched[side] = len(head)
        if looks_like_pdus(head):
            return DICOM
        return UNKNOWN if enough and not self._torn[side] else ""

    def _answers_dicom(self, side: Direction, head: bytes) -> bool:
        """Whether an answer to DICOM is a PDU with odd contents, such as a rejection with undefined codes."""
        if self.protocols[side.opposite] != DICOM or len(head) < HEADER.size:
            return False
        kind, length = HEADER.unpack_from(head)
        return is_plausible(kind, length, self._limits)

    @property
    def decided(self) -> bool:
        """The initiator's bytes decide; the responder's do where only they are there."""
        if self.protocols[Direction.TO_RESPONDER] or self.protocols[Direction.TO_INITIATOR] == DICOM:
            return True
        return self._waiting_bytes > 2 * self._limits.detect_bytes or len(self.waiting) > MOST_WAITING

    @property
    def dicom(self) -> bool:
        return self.protocols[Direction.TO_RESPONDER] in (DICOM, "") and DICOM in self.protocols


class Line:
    """One connection from its stream bytes to its associations."""

    def __init__(self, tcp: Connection, store: PayloadStore, options: Options) -> None:
        self._id, self._store, self._limits = tcp.id, store, options.limits
        self._round_trip_ns = tcp.rtt_ns or 0
        self.recognition = Recognition(tcp.opened == "midstream", options.limits)
        self.builder = ConversationBuilder(options.limits)
        self._framers: list[Framer] = []
        self._assemblers: list[MessageAssembler] = []
        self._latest = [0, 0]
        self.foreign = False

    def feed(self, events: Iterable[Chunk | Gap]) -> None:
        """The events of one block."""
        ready: list[Chunk | Gap] = []
        for event in events:
            if isinstance(event, Gap):
                self.builder.add_gap(event)
            if self._framers:
                if not self.recognition.protocols[event.direction]:
                    self.recognition.add(event)
                    self.recognition.waiting.clear()
                ready.append(event)
            elif not self.foreign:
                self.recognition.add(event)
                if self.recognition.decided:
                    ready += self._decide()
        self._process(ready)

    def _decide(self) -> list[Chunk | Gap]:
        if not any(self.recognition.protocols):
            self.recognition.settle()
        if not self.recognition.dicom:
            self.foreign = True
            self.recognition.waiting.clear()
            return []
        late, limits = self.recognition.late, self._limits
        self._framers = [Framer(self._id, d, joined_late=late, limits=limits) for d in Direction]
        self._assemblers = [MessageAssembler(d, self._store, limits, midstream=late) for d in Direction]
        ready, self.recognition.waiting = self.recognition.waiting, []
        return ready

    def finish(self, tcp: Connection) -> tuple[Conversation, tuple[Association, ...]]:
        """The connection has ended."""
        self.recognition.settle()
        if not self._framers and not self.foreign:
            self._process(self._decide())
        if self._framers:
            self._deliver([(f.close(), d) for f, d in zip(self._framers, Direction, strict=True)])
            for assembler, direction in zip(self._assemblers, Direction, strict=True):
                for rest in assembler.close():
                    self.builder.add(direction, rest, self._round_trip_ns)
        associations = self.builder.build(tcp)
        first = self.recognition.first_bytes
        protocols = (self.recognition.protocols[0], self.recognition.protocols[1])
        kind = kind_of(tcp, protocols, associations)
        return Conversation(tcp, kind, protocols, (first[0], first[1]), (), self.builder.gaps), associations

    def _process(self, events: list[Chunk | Gap]) -> None:
        framed: list[tuple[list[Pdu | Anomaly], Direction]] = []
        for event in events:
            protocol = self.recognition.protocols[event.direction]
            if protocol in (DICOM, "") or isinstance(event, Gap):
                framed.append((self._framers[event.direction].feed(event), event.direction))
        self._deliver(framed)

    def _deliver(self, framed: list[tuple[list[Pdu | Anomaly], Direction]]) -> None:
        """Pass PDUs and the messages they complete to the builder, both directions by the packets that completed them."""
        timed: list[tuple[int, Direction, Item]] = []
        for items, direction in framed:
            latest, assembler = self._latest[direction], self._assemblers[direction]
            for item in items:
                if isinstance(item, AssociateRq | AssociateAc):  # what came before belongs to another association
                    timed += [(latest, direction, rest) for rest in assembler.close()]
                latest = max(latest, item.evidence.last_packet)
                timed.append((latest, direction, item))
                if isinstance(item, PData | BrokenPdu):
                    for message in assembler.feed(item):
                        timed.append((latest, direction, message))
            self._latest[direction] = latest
        if len(framed) > 1:
            timed.sort(key=itemgetter(0))
        add, round_trip = self.builder.add, self._round_trip_ns
        for _, direction, value in timed:
            add(direction, value, round_trip)


class Pipeline:
    """Reads a source to its end and gives the traffic; closed connections keep facts, not bytes."""

    def __init__(self, source: PacketSource, store: PayloadStore, options: Options) -> None:
        self._source, self._store, self._options = source, store, options
        self._assembler = Assembler(options.limits, options.ports)
        self._lines: dict[int, Line] = {}
        self._done: list[tuple[Conversation, tuple[Association, ...]]] = []
        self._failed: set[int] = set()
        self._notes: list[str] = []

    def run(self, progress: Callable[[int], None] | None = None) -> Traffic:
        """`progress` is called with the number of bytes of each block."""
        for block in self._source.blocks():
            self._take(self._assembler.feed(block))
            if progress is not None:
                progress(block.data.nbytes)
        self._take(self._assembler.finish())
        captures = self._source.facts()
        if self._assembler.not_decoded:
            self._notes.append(f"{self._assembler.not_decoded} packets have a link layer that dicomsniff cannot read")
        if captures and self._notes:
            captures = (replace(captures[0], notes=captures[0].notes + tuple(self._notes)), *captures[1:])
        return number(captures, self._done)

    def _take(self, events: list[TcpEvent]) -> None:
        """Hand the events of one block to their lines, each line's in one go."""
        by_connection: dict[int, list[Chunk | Gap]] = {}
        for event in events:
            if isinstance(event, End):
                self._end(event.facts, by_connection.pop(event.connection, []))
            else:
                by_connection.setdefault(event.connection, []).append(event)
        for id, own in by_connection.items():
            with self._fence(id):
                self._feed(id, own)

    def _feed(self, id: int, events: list[Chunk | Gap]) -> None:
        line = self._lines.get(id)
        if line is None:
            line = self._lines[id] = Line(self._assembler.facts(id), self._store, self._options)
        line.feed(events)
        if line.foreign:
            self._assembler.ignore(id)

    def _end(self, tcp: Connection, events: list[Chunk | Gap]) -> None:
        line = self._lines.pop(tcp.id, None) or Line(tcp, self._store, self._options)
        done: tuple[Conversation, tuple[Association, ...]]
        done = Conversation(tcp, Kind.OTHER, ("", ""), (b"", b""), (), ()), ()
        if tcp.id not in self._failed:
            with self._fence(tcp.id):
                line.feed(events)
                done = line.finish(tcp)
        self._done.append(done)

    @contextmanager
    def _fence(self, id: int) -> Iterator[None]:
        """Around one connection: a bug there is written down and the others go on."""
        try:
            yield
        except Exception as error:
            if not self._options.fence:
                raise
            what = f"{type(error).__name__}: {error}"
            self._notes.append(f"connection {id} could not be analysed, please report this: {what}")
            self._failed.add(id)
            self._assembler.ignore(id)
