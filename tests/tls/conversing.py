"""What two applications say in; the TLS records of OpenSSL that carry it, and the key log of the client, out."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from tests.forge.wire import BACK, OUT
from tests.tls.handshaking import Setup, Talk, contexts

Flight = tuple[Direction, bytes]


@dataclass
class Secret:
    """A conversation over TLS: its flights, and the keys to it."""

    flights: list[Flight]
    keys: bytes

    def talk(self) -> Talk:
        return Talk(self.flights)


Contexts = tuple[ssl.SSLContext, ssl.SSLContext]


def converse(
    said: Iterable[Flight],
    setup: Setup | None = None,
    session: list[ssl.SSLSession] | None = None,
    both: Contexts | None = None,
) -> Secret:
    """Shake hands, say all this in this order, and part. `session`: one to resume, replaced by that of this conversation,
    where `both` sides are those of the one before."""
    client_context, server_context = both or contexts(setup or Setup(server="rsa", checks=False))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "keys")
        client_context.keylog_filename = str(log)
        pipes = {OUT: ssl.MemoryBIO(), BACK: ssl.MemoryBIO()}
        resumed = session[0] if session else None
        client = client_context.wrap_bio(pipes[BACK], pipes[OUT], session=resumed)
        server = server_context.wrap_bio(pipes[OUT], pipes[BACK], server_side=True)
        sides, flights = {OUT: client, BACK: server}, list[Flight]()

        def carry() -> None:
            """Pass on what either side has to say, until both are silent."""
            while any(pipes[way].pending for way in pipes):
                for way in pipes:
                    if data := pipes[way].read():
                        flights.append((way, data))
                        pipes[way].write(data)
                        _hear(sides[way.opposite])

        _try(client.do_handshake)
        carry()
        for way, data in said:
            sides[way].write(data)
            carry()
        if session is not None and client.session is not None:
            session[:] = [client.session]
        _try(client.unwrap)
        carry()
        return Secret(flights, log.read_bytes())


def _try(step: Callable[[], object]) -> None:
    with suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
        step()


def _hear(side: ssl.SSLObject) -> None:
    try:
        while side.read(1 << 20):
            pass
    except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
        pass  # before the end of the handshake that only goes on with it


def events(flights: Sequence[Flight], lost: frozenset[int] = frozenset(), size: int = 1460) -> list[Chunk | Gap]:
    """A packet for every `size` bytes, numbered from 1; the `lost` ones were not captured."""
    at, packet, made = [0, 0], 0, list[Chunk | Gap]()
    for way, data in flights:
        for begin in range(0, len(data), size):
            piece, start, packet = data[begin : begin + size], at[way], packet + 1
            at[way] += len(piece)
            if packet in lost:
                made.append(Gap(1, way, start, len(piece), GapCause.LOST, packet + 1, 1000 * packet))
            else:
                heard = [at[way.opposite]]
                made.append(Chunk(1, way, start, piece, [start], [packet], [1000 * packet], heard))
    return made


@dataclass
class Heard:
    """One direction put together again: zeros where there are gaps."""

    data: bytes
    gaps: list[Gap]

    def is_all_of(self, said: bytes) -> bool:
        return self.data == said and not self.gaps

    def agrees_with(self, said: bytes) -> bool:
        """Whether every byte that is there is the one that was said."""
        want = bytearray(said)
        for gap in self.gaps:
            want[gap.start : gap.start + gap.length] = bytes(gap.length)
        return bytes(want[: len(self.data)]) == self.data


def heard(out: Iterable[Chunk | Gap], way: Direction) -> Heard:
    data, gaps = bytearray(), list[Gap]()
    for event in out:
        if event.direction is not way:
            continue
        assert event.start == len(data)
        if isinstance(event, Gap):
            data += bytes(event.length)
            gaps.append(event)
        else:
            assert event.starts[0] <= event.start and event.starts == sorted(set(event.starts))
            assert len(event.starts) == len(event.numbers) == len(event.times) == len(event.heard)
            data += event.data
    return Heard(bytes(data), gaps)
