"""A TLS connection and the keys to it in; what its applications said, as chunks and gaps of their own streams, out.

Both directions may be fed in any order: what needs the other side's hello waits for it. A record that is missing or
does not authenticate becomes a gap of its length; those behind it open by their numbers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from dicomsniff.core import Direction
from dicomsniff.core.records import replace
from dicomsniff.tcp.events import Chunk, Connection, DirectionFacts, Gap, GapCause
from dicomsniff.tls.handshakes import Handshakes
from dicomsniff.tls.holes import Contents
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.plain import PlainStream
from dicomsniff.tls.protection import Body, Opened, Opener
from dicomsniff.tls.records import (
    ALERT,
    APPLICATION,
    CHANGE_CIPHER,
    HANDSHAKE,
    HEADER,
    TAIL,
    Hole,
    Record,
    RecordReader,
)
from dicomsniff.tls.values import Alert, Decryption

END_OF_EARLY_DATA, FINISHED, KEY_UPDATE = 5, 20, 24
MOST_WAITING = 32 << 20
"""Bytes that wait for the other side's hello before the connection is given up: a block and what TCP may hold back."""
MOST_TRIES = 1 << 14
"""Record numbers tried behind a hole: 16,384 lost records."""
STRANGERS = 64
"""Records of a direction of TLS 1.3 that may not open before the first that does: a log may hold no secrets of the
handshake, and a server need not accept early data."""
LONGEST_MESSAGE = 128 << 10
KEPT = 12
"""Packets of unreadable records, and alerts, that are kept."""


class _Way:
    """One direction: its records, and what opens them. `openers`: the present one, then those that may follow."""

    def __init__(self, connection: int, direction: Direction) -> None:
        self.direction = direction
        self.reader = RecordReader()
        self.plain = PlainStream(connection, direction, self.reader.trace)
        self.queue: deque[Record | Hole] = deque()
        self.waiting = 0
        self.openers: list[Opener] = []
        self.protected = False
        self.sequence = self.opened = self.strangers = 0
        self.hole: Hole | None = None
        self.speaking = False  # the application's data have begun
        self.contents = Contents()
        self.message = bytearray()

    def turn(self, opener: Opener | None = None) -> None:
        """The next keys: the given ones, or those that wait; records count from 0 again."""
        self.openers = [opener, *self.openers[1:]] if opener else self.openers[1:]
        self.sequence = 0


class Session:
    """Opens the records of one connection. `failed`: no key fits, or what came is not TLS; nothing more will come."""

    def __init__(self, connection: int, keys: Keys) -> None:
        self._ways = (_Way(connection, Direction.TO_RESPONDER), _Way(connection, Direction.TO_INITIATOR))
        self._handshakes = Handshakes(keys)
        self._unreadable = 0
        self._packets: list[int] = []
        self.alerts: list[Alert] = []
        self.failed = False

    def feed(self, events: Iterable[Chunk | Gap]) -> list[Chunk | Gap]:
        """The events of one block: of each direction in stream order."""
        for event in events:
            if self.failed:
                return []
            way = self._ways[event.direction]
            self._queue(way, way.reader.feed(event))
        return self._advance()

    def close(self) -> list[Chunk | Gap]:
        """Nothing more will come."""
        for way in self._ways:
            self._queue(way, way.reader.close())
        out = self._advance()
        self._give_up()
        for way in self._ways:
            if way.hole and way.speaking:
                self._tell_hole(way, way.hole, way.hole.end, None)
        return out + self._taken()

    def decryption(self) -> Decryption:
        return Decryption(sum(way.opened for way in self._ways), self._unreadable, tuple(self._packets))

    def translated(self, tcp: Connection) -> Connection:
        """The facts of the connection with offsets of the applications' streams."""
        return replace(
            tcp,
            to_responder=self._facts(tcp.to_responder, Direction.TO_RESPONDER),
            to_initiator=self._facts(tcp.to_initiator, Direction.TO_INITIATOR),
            closings=tuple(
                c if c.offset is None else c._replace(offset=self._ways[c.direction].plain.translated(c.offset))
                for c in tcp.closings
            ),
        )

    def _facts(self, facts: DirectionFacts, direction: Direction) -> DirectionFacts:
        if facts.acknowledged is None:
            return facts
        return replace(facts, acknowledged=self._ways[direction].plain.translated(facts.acknowledged))

    def _queue(self, way: _Way, items: list[Record | Hole]) -> None:
        way.queue += items
        way.waiting += sum(len(item.body) for item in items if isinstance(item, Record))

    def _advance(self) -> list[Chunk | Gap]:
        """Deal with all records that need not wait for the other side."""
        moved = True
        while moved and not self.failed:
            moved = False
            for way in self._ways:
                while way.queue and self._deal(way, way.queue[0]):
                    way.queue.popleft()
                    moved = True
        for way in self._ways:
            if way.queue and way.waiting > MOST_WAITING:
                self.failed = True
            first = way.queue[0].start if way.queue else way.reader.begins
            way.reader.trace.forget(first)
        if self.failed:
            self._give_up()
        return self._taken()

    def _give_up(self) -> None:
        """What waits will not open: where the application had spoken it is a gap, and not the end of what it said."""
        for way in self._ways:
            if way.queue and way.speaking:
                row, trace = way.reader.trace.at(way.queue[0].start), way.reader.trace
                place = trace.numbers[row], trace.times[row]
                way.plain.lose(max(1, way.waiting), way.queue[-1].end, GapCause.UNREADABLE, *place)
            way.queue.clear()
            way.waiting = 0

    def _taken(self) -> list[Chunk | Gap]:
        one, other = self._ways
        return one.plain.take(other.plain) + other.plain.take(one.plain)

    def _deal(self, way: _Way, item: Record | Hole) -> bool:
        """One item; False where it must wait for the other side."""
        if isinstance(item, Hole):
            if way.hole is not None:
                item = item._replace(start=way.hole.start, whole=False, split=0)
            way.hole = item
            way.message.clear()
            for opener in way.openers:
                opener.passed(None)
            return True
        done = self._protected(way, item) if way.protected else self._clear(way, item)
        if done:
            way.waiting -= len(item.body)
        return done

    def _clear(self, way: _Way, record: Record) -> bool:
        """A record before the keys: they begin with a change of keys or, in TLS 1.3, with what is called application
        data. Behind a hole that may have been in the hole."""
        agreement, kind = self._handshakes.of(way.direction), record.kind
        if kind == CHANGE_CIPHER and not agreement.reached:
            # Whether it means anything, the server's hello tells; before that, behind a HelloRetryRequest, it does not.
            return not self._handshakes.begun(way.direction)
        if kind == APPLICATION or (kind == CHANGE_CIPHER and agreement.changes_keys):
            agreement.changes(way.direction)
            return self._begin(way, record)
        if way.hole is not None and kind in (HANDSHAKE, ALERT):
            if not agreement.reached:
                return False
            if agreement.changes_keys and self._begins_within(way, record):
                return True
        if kind == HANDSHAKE and way.hole is None:
            self._messages(way, bytes(record.body), record)
        way.hole = None
        return True

    def _begin(self, way: _Way, record: Record) -> bool:
        """From here on records are protected."""
        agreement = self._handshakes.of(way.direction)
        ready = agreement.openers(way.direction)
        if ready is None:
            self.failed = agreement.hopeless
            return False
        way.openers, way.protected, way.sequence = list(ready), True, 0
        if record.kind == APPLICATION:
            return self._protected(way, record)
        way.hole = None
        return True

    def _begins_within(self, way: _Way, record: Record) -> bool:
        """Whether the change of keys lay in the hole: then this record opens."""
        ready = self._handshakes.of(way.direction).openers(way.direction)
        if ready is None:
            return False
        way.openers, way.sequence = list(ready), 0
        opened, skipped = self._open(way, record)
        way.protected = opened is not None
        if opened is None:
            way.openers = []
            return False
        self._opened(way, record, opened, skipped)
        return True

    def _protected(self, way: _Way, record: Record) -> bool:
        agreement = self._handshakes.of(way.direction)
        if record.kind == CHANGE_CIPHER:
            if agreement.tls13 and bytes(record.body) == b"\x01":
                return True
            if not agreement.tls13 and agreement.open_question:
                return False
        opened, skipped = self._open(way, record)
        if opened is None:
            if way.hole is not None and agreement.open_question:
                return False  # the keys may have changed in the hole, to those that are still to come
            self._unopened(way, record)
        else:
            self._opened(way, record, opened, skipped)
        return True

    def _opened(self, way: _Way, record: Record, opened: Opened, skipped: int | None) -> None:
        """`skipped` records were passed over to open it; None: as many as there may be."""
        if way.hole is not None:
            self._tell_hole(way, way.hole, record.start, skipped)
        way.opened += 1
        self._content(way, record, *opened)

    def _open(self, way: _Way, record: Record) -> tuple[Opened | None, int | None]:
        """The content, and how many records were passed over to find it."""
        if way.hole is None and way.openers:
            opener = way.openers[0]
            opened = opener.open(way.sequence, record.kind, record.version, record.body)
            if opened is not None:
                way.sequence += 1
                opener.passed(record.body)
                return opened, 0
            if len(way.openers) == 1:
                return None, 0
        first = (
            way.sequence == 0 and not self._handshakes.of(way.direction).tls13
        )  # a Finished message is the first record
        for opener, sequence, skipped, place in self._tries(way):
            opened = opener.open(sequence, record.kind, record.version, record.body)
            if opened is not None:
                way.openers = [opener, *way.openers[place + 1 :]] if place >= 0 else [opener, *way.openers[1:]]
                way.sequence = sequence + 1
                opener.passed(record.body)
                return opened, None if place or (first and skipped) else skipped
        return None, 0

    def _tries(self, way: _Way) -> Iterable[tuple[Opener, int, int, int]]:
        """Opener, record number, records passed over, place of the opener (-1: one that the hole has brought)."""
        lost = self._most_lost(way)
        later = self._later(way) if lost else None
        for skipped in range(lost + 1):
            for place, opener in enumerate(way.openers):
                yield opener, (way.sequence if place == 0 else 0) + skipped, skipped, place
            if later is not None:
                yield later, skipped, skipped, -1

    def _later(self, way: _Way) -> Opener | None:
        """What opens the records if the keys changed in the hole."""
        agreement = self._handshakes.of(way.direction)
        if agreement.tls13:
            return way.openers[0].updated()
        ready = agreement.openers(way.direction)
        return ready[0] if ready and ready[0] is not way.openers[0] else None

    def _most_lost(self, way: _Way) -> int:
        if way.hole is None or not way.openers:
            return 0
        if way.hole.whole:
            return 1
        return min(MOST_TRIES, (way.hole.end - way.hole.start) // (HEADER + 1 + way.openers[0].overhead) + 1)

    def _unopened(self, way: _Way, record: Record) -> None:
        """A record that no key opens: a gap if others did, and nothing that is known otherwise."""
        for opener in way.openers[:1]:
            opener.passed(record.body)
        if way.hole is not None:
            way.hole = way.hole._replace(end=record.end, whole=False, split=0)
        elif way.opened or not self._handshakes.of(way.direction).tls13:
            way.sequence += 1
            self._note(way, record)
            self.failed = not any(each.opened for each in self._ways)
        else:
            way.strangers += 1
            self.failed = way.strangers > STRANGERS

    def _note(self, way: _Way, record: Record) -> None:
        trace = way.reader.trace
        row = trace.at(record.start)
        self._unreadable += 1
        if len(self._packets) < KEPT:
            self._packets.append(trace.numbers[row])
        if way.speaking:  # whatever its type: that may be what was damaged
            opener = way.openers[0] if way.openers else None
            length = opener.content_length(len(record.body), bytes(record.body[-TAIL:])) if opener else None
            length = max(1, len(record.body) if length is None else length)
            way.plain.lose(length, record.end, GapCause.UNREADABLE, trace.numbers[row], trace.times[row])

    def _tell_hole(self, way: _Way, hole: Hole, end: int, records: int | None) -> None:
        """So many records lay in a hole: what they held, in bytes."""
        way.hole = None
        if way.speaking or records != 0:
            opener = way.openers[0] if way.openers else None
            length = way.contents.lost(hole, end, records, opener)
            way.plain.lose(length, end, hole.cause, hole.packet, hole.time_ns)

    def _content(self, way: _Way, record: Record, kind: int, content: Body) -> None:
        opener = way.openers[0]
        begin = record.start + HEADER + opener.prefix
        if kind == APPLICATION:
            way.speaking = True
            if not opener.exact:
                way.contents.note(HEADER + len(record.body), len(content))
            way.plain.add(content, begin, record.end)
            return
        way.plain.add(b"", begin, record.end)
        if kind == HANDSHAKE:
            self._messages(way, bytes(content), record)
        elif kind == ALERT and len(content) == 2 and len(self.alerts) < KEPT:
            trace = way.reader.trace
            row = trace.at(record.start)
            self.alerts.append(Alert(way.direction, trace.numbers[row], trace.times[row], content[0], content[1]))
        elif kind == CHANGE_CIPHER:
            ready = self._handshakes.of(way.direction).openers(way.direction)
            fresh = ready is not None and ready[0] is not opener
            way.openers, way.sequence = list(ready) if ready and fresh else [], 0  # without keys nothing more opens

    def _messages(self, way: _Way, content: bytes, record: Record) -> None:
        """Handshake messages; one may go on in the next record."""
        way.message += content
        while len(way.message) >= 4:
            length = 4 + int.from_bytes(way.message[1:4], "big")
            if length > LONGEST_MESSAGE:
                way.message.clear()
            if len(way.message) < length:
                break
            message = bytes(way.message[:length])
            del way.message[:length]
            if not way.protected or not self._handshakes.of(way.direction).tls13:
                self._handshakes.hear(way.direction, message)
            elif message[0] in (FINISHED, END_OF_EARLY_DATA) and len(way.openers) > 1:
                way.turn()
            elif message[0] == KEY_UPDATE and way.openers:
                way.turn(way.openers[0].updated())
