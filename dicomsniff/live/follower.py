"""Blocks in, the connections that ended and those still open as they stand out: the follower of files, for days."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from dicomsniff.association.conversation import kind_of
from dicomsniff.association.gathering import Done
from dicomsniff.association.values import Association, Conversation, Kind
from dicomsniff.core import DIRECTIONS, Limits
from dicomsniff.core.records import replace
from dicomsniff.dimse.payload import PayloadStore, PayloadWriter
from dicomsniff.live.keys import GrowingKeys
from dicomsniff.live.patience import PatientLine
from dicomsniff.pipeline import Follower, Line, Options
from dicomsniff.tcp.ageing import AgeingAssembler
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.events import Chunk, Connection, Gap
from dicomsniff.tls.keylog import NO_KEYS

EXCHANGES = 2000
"""Exchanges kept of one association that does not end; a day of images on one association are a hundred thousand."""
GENERATION = 16 << 20
"""Bytes of data-set heads kept together; they go when the last exchange that refers to one of them goes."""


TWICE = 2
IN_MEMORY = 512 << 10
"""Of these so many bytes stay in memory, the rest is in a temporary file."""


class Generations(PayloadStore):
    """A payload store that never grows: it begins anew now and then, and what nobody refers to any more is gone."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._limits = limits
        self._current = _Generation(limits)

    def writer(self, head_bytes: int, room: int | None = None) -> PayloadWriter:
        if self._current.size > GENERATION:
            self._current = _Generation(self._limits)
        return self._current.writer(head_bytes, room)


class _Generation(PayloadStore):
    def __init__(self, limits: Limits) -> None:
        super().__init__(replace(limits, payload_memory_bytes=IN_MEMORY))

    @property
    def size(self) -> int:
        return self._spilled + len(self._memory)


class OpenLine(Line):
    """A connection that can be looked at before it ends."""

    fed = False  # since it was looked at last
    forgot = False  # exchanges of it are gone
    _beneath: OpenLine | None = None  # what TLS protects, where it may be opened

    def feed(self, events: Sequence[Chunk | Gap]) -> None:
        self.fed = True
        super().feed(events)

    @property
    def waits(self) -> bool:
        """Whether it is encrypted, and its keys have not come."""
        return self._patient is not None and self._patient.waits

    @property
    def _patient(self) -> PatientLine | None:
        secured = self._tls.secured if self._tls is not None else None
        return secured if isinstance(secured, PatientLine) else None

    @property
    def decided(self) -> bool:
        """Whether it is known what speaks here."""
        return bool(self._framers) or self.foreign or self._tls is not None

    def _decide(self) -> list[Chunk | Gap]:
        ready = super()._decide()
        keys = self._options.keys
        if self._tls is not None and self._tls.secured is not None and isinstance(keys, GrowingKeys):
            self._beneath = OpenLine(self._tcp, self._store, replace(self._options, keys=NO_KEYS))
            self._tls.secured = PatientLine(self._id, keys, self._beneath, self._client_random)
        return ready

    def _client_random(self) -> bytes | None:
        hello = self._tls.handshake().client if self._tls is not None else None
        return hello.random if hello is not None else None

    def so_far(self, tcp: Connection, holes: tuple[Gap, ...]) -> Done:
        """What would be known if the capture ended here; `holes` stand open at the ends of the streams."""
        if not self.fed and self._framers:
            self._deliver([])  # what waited for the other direction has waited long enough
        self.fed = False
        self.forgot |= self.builder.forget(EXCHANGES)
        builder = self.builder.copy()
        for hole in holes:
            builder.add_gap(hole)
        for direction, assembler in zip(DIRECTIONS, self._assemblers, strict=False):
            if (message := assembler.unfinished()) is not None:
                builder.take([(0, direction, message, ())], self._round_trip_ns)
        associations = builder.build(tcp)
        done = self._conversation(tcp, builder.gaps, associations)
        beneath, patient = self._beneath, self._patient
        if beneath is None or patient is None:
            return done
        opened = patient.so_far(tcp, done[0], lambda translated: beneath.so_far(translated, ()))
        self.forgot |= beneath.forgot
        return opened

    def _conversation(self, tcp: Connection, gaps: tuple[Gap, ...], associations: tuple[Association, ...]) -> Done:
        protocols = (self.recognition.protocols[0], self.recognition.protocols[1])
        first = self.recognition.first_bytes
        kind = kind_of(tcp, protocols, associations, self._options.ports)
        tls = self._tls.handshake() if self._tls is not None else None
        preamble = self.recognition.preamble
        whole = Conversation(tcp, kind, protocols, (first[0], first[1]), (), gaps, tls=tls, preamble=preamble)
        return whole, associations


class LiveFollower(Follower):
    """Follows the connections of a live source. `ended` hands out those that are over, each once."""

    def __init__(self, store: PayloadStore, options: Options, book: EndpointBook) -> None:
        super().__init__(store, options, book)
        self._assembler: AgeingAssembler = AgeingAssembler(options.limits, options.ports, book)
        self._forgot: set[int] = set()
        self._stirred: dict[int, int] = {}  # connections that something came of, and the looks they are still due

    def ended(self) -> list[Done]:
        done, self.done = self.done, []
        return done

    def age(self, now_ns: int) -> None:
        """It is at least `now_ns`, whether packets come or not."""
        self._take(self._assembler.age(now_ns, self._over))

    def _over(self, connection: int) -> bool:
        """Whether the last association of a connection came to its end."""
        line = self._lines.get(connection)
        return line is not None and line.builder.over

    def open(self, *, stirred: bool = False) -> Iterator[tuple[Done, bool]]:
        """Every open connection as it stands, and whether exchanges of it were forgotten. `stirred`: only those of which
        something came since the look before last, for what is told is looked at twice."""
        among, self._stirred = self._stirred, {id: due - 1 for id, due in self._stirred.items() if due > 1}
        yield from self._standing(among if stirred else None)

    def one(self, connection: int) -> tuple[Done, bool] | None:
        """An open connection as it stands; None where it is not open."""
        return next(self._standing({connection}), None)

    def _standing(self, among: Container[int] | None) -> Iterator[tuple[Done, bool]]:
        for tcp, holes in list(self._assembler.open(among)):
            line = self._lines.get(tcp.id)
            if isinstance(line, OpenLine) and tcp.id not in self._failed:
                if not line.decided:
                    continue  # it has said too little to be called anything
                try:
                    yield line.so_far(tcp, holes), line.forgot
                    continue
                except Exception as error:
                    self._fence(tcp.id, error)
            kind = Kind.OTHER if tcp.id in self._failed else Kind.EMPTY
            yield (Conversation(tcp, kind, ("", ""), (b"", b""), (), holes), ()), False

    def learn_keys(self) -> None:
        """Read what was added to the key log, and open what it opens."""
        keys = self._options.keys
        if isinstance(keys, GrowingKeys) and keys.refresh():
            for id in [id for id, line in self._lines.items() if isinstance(line, OpenLine) and line.waits]:
                try:
                    self._feed(id, [])
                except Exception as error:
                    self._fence(id, error)

    def forgot(self, connection: int) -> bool:
        """Whether exchanges of this connection, which `ended` handed out, were forgotten; to be asked once."""
        known = connection in self._forgot
        self._forgot.discard(connection)
        return known

    def _end(self, tcp: Connection, events: list[Chunk | Gap]) -> None:
        line = self._lines.get(tcp.id)
        if isinstance(line, OpenLine) and line.forgot:
            self._forgot.add(tcp.id)
        self._stirred.pop(tcp.id, None)
        super()._end(tcp, events)

    def _feed(self, id: int, events: list[Chunk | Gap]) -> None:
        self._stirred[id] = TWICE
        if id not in self._lines:
            self._lines[id] = OpenLine(self._assembler.facts(id), self._store, self._options)
        super()._feed(id, events)
