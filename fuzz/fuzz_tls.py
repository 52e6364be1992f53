"""Bytes of both directions of a TLS connection through the handshake reader, in pieces of any size."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk
from dicomsniff.tls.reader import KEPT, HandshakeReader
from dicomsniff.tls.values import Handshake
from fuzz.engine import run

LONGEST_TEXT = 20_000


def flights(data: bytes) -> list[tuple[Direction, bytes]]:
    """A byte says who speaks (its highest bit) and how long (two bytes more), then come the bytes."""
    found, at = [], 0
    while at + 3 <= len(data):
        length = int.from_bytes(data[at + 1 : at + 3], "big") % 5000
        found.append((Direction(data[at] >> 7), data[at + 3 : at + 3 + length]))
        at += 3 + length
    return found


def raw(direction: Direction, said: bytes) -> bytes:
    """One flight as `flights` reads it."""
    return bytes([direction << 7]) + len(said).to_bytes(2, "big") + said


def read(spoken: list[tuple[Direction, bytes]], size: int) -> Handshake:
    """What the reader makes of it in chunks of `size` bytes."""
    reader, offsets = HandshakeReader(), [0, 0]
    for way, said in spoken:
        for at in range(0, len(said), size):
            data = said[at : at + size]
            reader.feed(Chunk(1, way, offsets[way], data, [offsets[way]], [1], [1]))
            offsets[way] += len(data)
    return reader.handshake()


def invariant(data: bytes) -> None:
    """Never raises; how the bytes are cut makes no difference; what is kept is bounded and every text can be written."""
    spoken = flights(data)
    whole = read(spoken, 1 << 20)
    assert read(spoken, 1 + data[0] % 40 if data else 1) == whole
    for text in _texts(whole):
        assert len(text.encode()) <= LONGEST_TEXT
    assert len(whole.alerts) <= 2 * KEPT and len(whole.sealed) <= 2 * KEPT


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _texts(getattr(value, each.name))


if __name__ == "__main__":
    run("fuzz.fuzz_tls")
