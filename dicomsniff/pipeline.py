"""Joins the rooms: blocks of packets in, traffic out.

For every connection there is one `Line`: a framer and a message assembler for each direction, and the builder that
makes associations of what they give. Nothing here decides anything about DICOM.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from dicomsniff.association.causality import CausalOrder, Timed
from dicomsniff.association.conversation import ConversationBuilder, kind_of
from dicomsniff.association.gathering import Done, joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.recognition import DICOM, TLS, Recognition
from dicomsniff.association.values import Association, Conversation, Kind, Traffic
from dicomsniff.capture import CaptureError, CaptureSource, PacketBlock, PacketSource
from dicomsniff.capture.places import Places
from dicomsniff.capture.source import secrets_of
from dicomsniff.core import DIRECTIONS, LIMITS, Anomaly, Direction, Limits
from dicomsniff.core.records import dataclass, replace
from dicomsniff.dimse.assembler import MessageAssembler
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.pdu.framer import Framer
from dicomsniff.pdu.values import AssociateAc, AssociateRq, BrokenPdu, PData, Pdu
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.events import Chunk, Connection, End, Gap, TcpEvent
from dicomsniff.tcp.sighting import Odd, Sighted, Sighting
from dicomsniff.tls.keylog import NO_KEYS, Keys

if TYPE_CHECKING:
    from dicomsniff.association.transcript import TranscriptWriter
    from dicomsniff.export.room import HeaderRoom
    from dicomsniff.secured import TlsStream
    from dicomsniff.tcp.excerpts import Excerpts
    from dicomsniff.tcp.points import Group

DATA = (PData, BrokenPdu)


@dataclass(frozen=True, slots=True)
class Options:
    """How to read traffic. `ports`: only connections with an end on one of them. `keep_payloads`: keep whole data
    sets for export. `merge_views`: join what was captured at several points, rather than judge one view of it. `transcribe`:
    keep what was said on each association, the messages or the PDUs too. `excerpts`: stream bytes that are to be kept.
    `fence`: a bug in one connection is noted and does not stop the others; off under test. `room`: what tells, for one
    connection, how much an export will write in front of an object. `keys` open what TLS protects."""

    ports: frozenset[int] | None = None
    keep_payloads: bool = False
    merge_views: bool = False
    transcribe: Literal["", "messages", "pdus"] = ""
    excerpts: Excerpts | None = None
    fence: bool = True
    room: Callable[[], HeaderRoom] | None = None
    limits: Limits = LIMITS
    keys: Keys = NO_KEYS


class Line:
    """One connection from its stream bytes to its associations."""

    def __init__(self, tcp: Connection, store: PayloadStore, options: Options) -> None:
        self._id, self._store, self._limits = tcp.id, store, options.limits
        self._begun = [isn is not None for isn in tcp.isns]
        self._tcp, self._options = tcp, options
        self._round_trip_ns = tcp.rtt_ns or 0
        self.recognition = Recognition(tcp.opened == "midstream", options.limits)
        self._excerpts, self._pdus = options.excerpts, options.transcribe == "pdus"
        self.builder = ConversationBuilder(options.limits, self._writer if options.transcribe else None)
        self._framers: list[Framer] = []
        self._assemblers: list[MessageAssembler] = []
        self._room = options.room() if options.room else None
        self._latest = [0, 0]
        self._order = CausalOrder()
        self._tls: TlsStream | None = None
        self.foreign = False

    def _writer(self) -> TranscriptWriter:
        from dicomsniff.association.transcript import TranscriptWriter  # which few captures need

        return TranscriptWriter(self._store, self._pdus, self._limits)

    def feed(self, events: Sequence[Chunk | Gap]) -> None:
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
            elif self._tls is not None:
                self._read_tls(self._tls, event)
            else:
                self.recognition.add(event)
                if self.foreign:  # what answers it is of interest
                    self.recognition.waiting.clear()
                elif self.recognition.decided:
                    ready += self._decide()
        self._process(ready)
        if self._excerpts is not None and (self._tls is None or self._tls.encrypted):
            self._excerpts.take(events)
        if self._tls is not None:
            self.foreign = self._tls.settle()

    def _read_tls(self, tls: TlsStream, event: Chunk | Gap) -> None:
        if not self.recognition.protocols[event.direction]:
            self.recognition.add(event)
            self.recognition.waiting.clear()
        if not self.foreign:
            tls.take(event)

    def _decide(self) -> list[Chunk | Gap]:
        if not any(self.recognition.protocols):
            self.recognition.settle()
        if not self.recognition.dicom:
            waiting, self.recognition.waiting = self.recognition.waiting, []
            if TLS in self.recognition.protocols:
                from dicomsniff.secured import TlsStream  # rooms that few captures need

                self._tls = TlsStream(self._tcp, self._options.keys, self._line_beneath)
                for event in waiting:
                    self._read_tls(self._tls, event)
            else:
                self.foreign = True
            return []
        late, limits, together = self.recognition.late, self._limits, not self._pdus
        self._framers = [Framer(d, joined_late=late, together=together, limits=limits) for d in DIRECTIONS]
        begun, store, room = self._begun, self._store, self._room
        self._assemblers = [
            MessageAssembler(d, store, limits, midstream=late or not begun[d], room=room) for d in DIRECTIONS
        ]
        ready, self.recognition.waiting = self.recognition.waiting, []
        return ready

    def _line_beneath(self) -> Line:
        """What follows what is said beneath TLS."""
        return Line(self._tcp, self._store, replace(self._options, keys=NO_KEYS))

    def finish(self, tcp: Connection) -> tuple[Conversation, tuple[Association, ...]]:
        """The connection has ended."""
        self.recognition.settle()
        if not self._framers and not self.foreign and self._tls is None:
            self._process(self._decide())
        if self._framers:
            self._deliver([(f.close(), d) for f, d in zip(self._framers, DIRECTIONS, strict=True)], last=True)
            for assembler, direction in zip(self._assemblers, DIRECTIONS, strict=True):
                self.builder.take([(0, direction, rest, ()) for rest in assembler.close()], self._round_trip_ns)
        associations = self.builder.build(tcp)
        first = self.recognition.first_bytes
        protocols = (self.recognition.protocols[0], self.recognition.protocols[1])
        kind = kind_of(tcp, protocols, associations, self._options.ports)
        gaps, preamble = self.builder.gaps, self.recognition.preamble
        conversation = Conversation(tcp, kind, protocols, (first[0], first[1]), (), gaps, preamble=preamble)
        return (conversation, associations) if self._tls is None else self._tls.finish(tcp, conversation, associations)

    def _process(self, events: list[Chunk | Gap]) -> None:
        framed: list[tuple[list[Pdu | Anomaly], Direction]] = []
        protocols, framers, order = self.recognition.protocols, self._framers, self._order
        for event in events:
            direction, gap = event.direction, isinstance(event, Gap)
            order.read(direction, event.start + (event.length if isinstance(event, Gap) else len(event.data)))
            if (gap or protocols[direction] in (DICOM, "")) and (found := framers[direction].feed(event)):
                framed.append((found, direction))
        self._deliver(framed)

    def _deliver(self, framed: list[tuple[list[Pdu | Anomaly], Direction]], *, last: bool = False) -> None:
        """Pass PDUs and the messages they complete to the builder, both directions in the order in which they were sent."""
        timed: list[Timed] = []
        for items, direction in framed:
            latest, assembler = self._latest[direction], self._assemblers[direction]
            for item in items:
                kind, packet = item.__class__, item.evidence.last_packet
                if kind is AssociateRq or kind is AssociateAc:  # what came before belongs to another association
                    timed += [(latest, direction, rest, ()) for rest in assembler.close()]
                    if self._room is not None and isinstance(item, AssociateRq | AssociateAc):
                        self._room.learn(item)
                if packet > latest:
                    latest = packet
                timed.append((latest, direction, item, assembler.feed(item) if isinstance(item, DATA) else ()))
            self._latest[direction] = latest
        self.builder.take(self._order.put(timed, last=last), self._round_trip_ns)


class Follower:
    """Follows connections from their segments to their associations; closed ones keep facts, not bytes. What it does
    with one connection depends on no other, so several of them may share a capture's connections."""

    def __init__(self, store: PayloadStore, options: Options, book: EndpointBook, connections: int = 0) -> None:
        """`connections`: so many ids were given before."""
        self._store, self._options = store, options
        self._assembler = Assembler(options.limits, options.ports, book, connections)
        self._lines: dict[int, Line] = {}
        self._failed: set[int] = set()
        self.done: list[Done] = []
        self.faults: list[tuple[int, str]] = []  # connections in which a bug was met

    @property
    def connections(self) -> int:
        """The ids given so far."""
        return self._assembler.connections

    @property
    def begins(self) -> list[int]:
        """The packets that began a stream as Wireshark numbers them, by that number."""
        return self._assembler.begins

    @property
    def empty(self) -> int:
        """Connections followed so far without a byte of data."""
        return self._assembler.empty

    @property
    def unlisted(self) -> int:
        """Connections without a byte of data that were counted and not followed."""
        return self._assembler.unlisted

    def learn(self, lines: bytes) -> None:
        """Lines of a TLS key log that the capture holds itself."""
        if self._options.keys is NO_KEYS:
            self._options = replace(self._options, keys=Keys())
        self._options.keys.learn(lines)

    def follow(self, seen: Sighted) -> None:
        """The connections' segments in the next block."""
        self._take(self._assembler.follow(seen))

    def finish(self) -> None:
        """The capture is over."""
        self._take(self._assembler.finish())

    def _take(self, events: list[TcpEvent]) -> None:
        """Hand the events of one block to their lines, each line's in one go."""
        by_connection: dict[int, list[Chunk | Gap]] = {}
        for event in events:
            if isinstance(event, End):
                self._end(event.facts, by_connection.pop(event.connection, []))
            else:
                by_connection.setdefault(event.connection, []).append(event)
        for id, own in by_connection.items():
            try:
                self._feed(id, own)
            except Exception as error:
                self._fence(id, error)

    def _feed(self, id: int, events: list[Chunk | Gap]) -> None:
        line = self._lines.get(id)
        if line is None:
            line = self._lines[id] = Line(self._assembler.facts(id), self._store, self._options)
        line.feed(events)
        if line.foreign and line.recognition.complete:
            self._assembler.ignore(id)

    def _end(self, tcp: Connection, events: list[Chunk | Gap]) -> None:
        line = self._lines.pop(tcp.id, None) or Line(tcp, self._store, self._options)
        done: Done = Conversation(tcp, Kind.OTHER, ("", ""), (b"", b""), (), ()), ()
        if tcp.id not in self._failed:
            try:
                line.feed(events)
                done = line.finish(tcp)
            except Exception as error:
                self._fence(tcp.id, error)
        self.done.append(done)

    def _fence(self, id: int, error: Exception) -> None:
        """Around one connection: a bug there is written down and the others go on."""
        no_room = isinstance(error, OSError)  # for payloads: no bug, and not of one connection
        if no_room or not self._options.fence:
            raise error
        self.faults.append((id, f"{type(error).__name__}: {error}"))
        self._failed.add(id)
        self._assembler.ignore(id)


class Pipeline:
    """Reads a source to its end and gives the traffic."""

    def __init__(self, source: PacketSource, store: PayloadStore, options: Options) -> None:
        self._source, self._store, self._options = source, store, options
        self._places = Places()
        self._learnt = 0  # bytes of key logs that the follower knows

    def run(self, progress: Callable[[int], None] | None = None) -> Traffic:
        """`progress` is called with the number of bytes of each block; with a negative one where all is read again."""
        report = progress or _no_progress
        source = self._source
        sighting = Sighting(self._options.limits)
        follower = Follower(self._store, self._options, sighting.book)
        if isinstance(source, CaptureSource) and len(source.files) > 1:
            groups = self._watch(source, sighting, follower, report)
            if groups is not None:
                return self._read_points(source, groups, sighting.book, report)
        else:
            for block in source.blocks():
                self._follow(block, sighting, follower, report)
        follower.finish()
        return joined(
            self._source.facts(),
            sighting.odd,
            sighting.copies,
            follower.done,
            follower.faults,
            follower.unlisted,
            Layout(self._places),
        )

    def _follow(
        self, block: PacketBlock, sighting: Sighting, follower: Follower, progress: Callable[[int], None]
    ) -> None:
        if block.origin is not None:
            self._places.add(block.number, block.origin)
        seen = sighting.sight(block)
        if (secrets := secrets_of(self._source)) and len(secrets) != self._learnt:
            self._learnt = len(secrets)
            follower.learn(secrets)
        follower.follow(seen)
        progress(block.data.nbytes)

    def _watch(
        self, source: CaptureSource, sighting: Sighting, follower: Follower, progress: Callable[[int], None]
    ) -> list[Group] | None:
        """All files as one timeline; None if they are. Otherwise the points at which they were captured, and nothing of
        what was read counts: what it costs is that the packets up to there are read again."""
        from dicomsniff.tcp.points import find_points, several_points  # where there are several files
        from dicomsniff.tcp.witness import Witness

        witness = sighting.witness = Witness()
        paths = [file.path for file in source.files]
        done, found = 0, False
        for block in source.blocks():
            if found:
                sighting.look(block)
                continue
            self._follow(block, sighting, follower, progress)
            done += block.data.nbytes
            found = witness.due and several_points(witness.common(), paths)
        common = witness.common()
        if not found and not several_points(common, paths):
            return None
        if fixed := [file.path for file in source.files if not file.repeatable]:
            raise CaptureError(
                f"{fixed[0]} shows the same conversations as another of the files, captured elsewhere, but is a pipe and"
                " cannot be read again: save it to a file first"
            )
        progress(-done)
        return find_points(common, paths, [file.given for file in source.files])

    def _read_points(
        self, source: CaptureSource, groups: list[Group], book: EndpointBook, progress: Callable[[int], None]
    ) -> Traffic:
        """Each point of capture on its own, one after the other, or all joined."""
        source.regroup([(group.point, group.files) for group in groups])
        self._store.forget()
        if self._options.excerpts is not None:
            self._options.excerpts.forget()
        self._places, self._learnt = Places(), 0
        merging = self._options.merge_views
        odd, copies = Odd(), 0
        done: list[Done] = []
        faults: list[tuple[int, str]] = []
        connections = unlisted = 0
        if merging:
            from dicomsniff.tcp.joining import join_all  # which few captures need
        for stream in (join_all(source, groups, book),) if merging else source.streams():
            sighting = Sighting(self._options.limits, book)
            follower = Follower(self._store, self._options, book, connections)
            for block in stream:
                self._follow(block, sighting, follower, progress)
            follower.finish()
            done += follower.done
            faults += follower.faults
            connections, unlisted = follower.connections, unlisted + follower.unlisted
            odd, copies = odd.plus(sighting.odd), copies + sighting.copies
        layout = Layout(self._places, tuple(groups), merging)
        return joined(source.facts(), odd, copies, done, faults, unlisted, layout)


def _no_progress(_bytes: int) -> None:
    """Nobody asked."""
