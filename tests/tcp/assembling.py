"""What the tests of this room share: frames in, blocks of any size, and what the assembler makes of them out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dicomsniff.capture.block import PacketBlock
from dicomsniff.core import LIMITS, Direction, Limits
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.decode import Decoded, Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.events import Chunk, Connection, End, Gap, GapCause, TcpEvent
from tests.forge.wire import Frame

Hole = tuple[int, int, GapCause]  # start, length, cause


def block(frames: Sequence[Frame], link_type: int = 1, *, first: int = 1, snap: int | None = None) -> PacketBlock:
    """These frames as one block; of each at most `snap` bytes were captured."""
    kept = [data[:snap] for _, data in frames]
    captured = np.array([len(data) for data in kept], np.int64)
    buffer = np.frombuffer(b"".join(kept), np.uint8)
    return PacketBlock(
        data=buffer,
        number=np.arange(first, first + len(frames), dtype=np.int64),
        time_ns=np.array([time for time, _ in frames], np.int64),
        offset=np.cumsum(captured) - captured,
        captured=captured,
        wire=np.array([len(data) for _, data in frames], np.int64),
        link_type=np.full(len(frames), link_type, np.int64),
    )


def blocks(frames: Sequence[Frame], size: int | None, link_type: int = 1, snap: int | None = None) -> list[PacketBlock]:
    """The frames in blocks of `size` packets, or all in one."""
    step = size or max(1, len(frames))
    return [
        block(frames[at : at + step], link_type, first=at + 1, snap=snap) for at in range(0, max(1, len(frames)), step)
    ]


@dataclass
class Line:
    """One direction as it was delivered: parts in order, the segments that carried them."""

    parts: list[bytes | Hole] = field(default_factory=list)
    segments: list[tuple[int, int, int]] = field(default_factory=list)  # start, packet number, time
    length: int = 0

    def add(self, event: Chunk | Gap) -> None:
        """One more event; it must follow the one before."""
        assert event.start == self.length
        if isinstance(event, Gap):
            assert event.length > 0
            self.parts.append((event.start, event.length, event.cause))
            self.length += event.length
            return
        assert event.data
        assert len(event.starts) == len(event.numbers) == len(event.times)
        assert event.starts[0] <= event.start
        assert event.starts == sorted(set(event.starts))
        if self.parts and isinstance(self.parts[-1], bytes):
            self.parts[-1] += event.data
        else:
            self.parts.append(event.data)
        self.segments += zip(event.starts, event.numbers, event.times, strict=True)
        self.length += len(event.data)

    @property
    def data(self) -> bytes:
        """All bytes, where there is no hole."""
        assert not self.holes, self.holes
        return b"".join(part for part in self.parts if isinstance(part, bytes))

    @property
    def holes(self) -> list[Hole]:
        return [part for part in self.parts if not isinstance(part, bytes)]


@dataclass
class Outcome:
    """Everything the assembler said, by connection id."""

    lines: dict[tuple[int, Direction], Line] = field(default_factory=dict)
    ends: dict[int, Connection] = field(default_factory=dict)
    not_decoded: int = 0

    def add(self, events: Iterable[TcpEvent]) -> None:
        for event in events:
            assert event.connection > 0
            assert event.connection not in self.ends, "nothing may follow an End"
            if isinstance(event, End):
                self.ends[event.connection] = event.facts
            else:
                self.line(event.connection, event.direction).add(event)

    def line(self, connection: int, direction: Direction) -> Line:
        return self.lines.setdefault((connection, direction), Line())

    def data(self, direction: Direction, connection: int = 1) -> bytes:
        return self.line(connection, direction).data

    def holes(self, direction: Direction, connection: int = 1) -> list[Hole]:
        return self.line(connection, direction).holes

    def parts(self, direction: Direction, connection: int = 1) -> list[bytes | Hole]:
        return self.line(connection, direction).parts

    @property
    def connections(self) -> list[Connection]:
        return [self.ends[id] for id in sorted(self.ends)]

    @property
    def only(self) -> Connection:
        """The one connection there is."""
        [connection] = self.connections
        return connection


def assemble(
    frames: Sequence[Frame],
    size: int | None = None,
    link_type: int = 1,
    *,
    snap: int | None = None,
    ports: frozenset[int] | None = None,
    limits: Limits = LIMITS,
) -> Outcome:
    """Feed the frames in blocks of `size` packets (all in one by default) and finish."""
    assembler, outcome = Assembler(limits, ports), Outcome()
    for each in blocks(frames, size, link_type, snap):
        outcome.add(assembler.feed(each))
    outcome.add(assembler.finish())
    outcome.not_decoded = assembler.not_decoded
    return outcome


def both_ways(frames: Sequence[Frame], link_type: int = 1, *, snap: int | None = None) -> Outcome:
    """The same for blocks of one packet, of seven and of all: what comes out must not differ."""
    whole = assemble(frames, None, link_type, snap=snap)
    for size in (1, 7):
        assert assemble(frames, size, link_type, snap=snap) == whole
    return whole


def decode(frames: Sequence[Frame], link_type: int = 1, *, snap: int | None = None) -> tuple[Decoded, EndpointBook]:
    """One block through the decoder."""
    book = EndpointBook()
    return Decoder(book).decode(block(frames, link_type, snap=snap)), book


def payloads(decoded: Decoded) -> list[bytes]:
    """What the segments of a block carry, as far as it was captured."""
    columns = zip(decoded.segments.payload.tolist(), decoded.segments.captured.tolist(), strict=True)
    return [decoded.data[at : at + count].tobytes() for at, count in columns]
