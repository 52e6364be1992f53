"""What one follower found in, its part of the traffic out, numbered as it would be had one process followed everything."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dicomsniff.association.gathering import Done
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.dimse.shelf import Shelf

TOGETHER = 250
"""Connections in one piece of a part."""


class Outline(NamedTuple):
    """What must be known of every follower before its part can be numbered: the first packet of each connection by its
    own id, the packets that began a stream, `empty` connections at most at a time, and bugs that were met."""

    first_packets: dict[int, int]
    begins: list[int]
    empty: int
    faults: list[tuple[int, str]]


class Numbers(NamedTuple):
    """One follower's connection ids and stream numbers to those of the whole."""

    ids: Mapping[int, int]
    streams: Mapping[int, int]


def numbers(outlines: Sequence[Outline]) -> list[Numbers]:
    """Connections are numbered by their first packets, streams by the packets that began them."""
    first = sorted(packet for outline in outlines for packet in outline.first_packets.values())
    begun = sorted(packet for outline in outlines for packet in outline.begins)
    ids = {packet: id for id, packet in enumerate(first, 1)}
    streams = {packet: number for number, packet in enumerate(begun)}
    return [
        Numbers(
            {own: ids[packet] for own, packet in outline.first_packets.items()},
            {own: streams[packet] for own, packet in enumerate(outline.begins)},
        )
        for outline in outlines
    ]


def pieces(outline: Outline, done: Sequence[Done]) -> Iterator[bytes]:
    """The outline and the part as bytes, some connections at a time, so that who reads it need not wait for all of it."""
    yield pickle.dumps(outline, pickle.HIGHEST_PROTOCOL)
    for begin in range(0, len(done), TOGETHER):
        yield dump(done[begin : begin + TOGETHER])


def dump(done: Sequence[Done]) -> bytes:
    """A part as bytes; payloads refer to a store that `load` is given."""
    out = io.BytesIO()
    _Pickler(out, pickle.HIGHEST_PROTOCOL).dump(done)
    return out.getvalue()


def load(part: bytes, store: PayloadStore, numbers: Numbers) -> list[Done]:
    """What was dumped, its payloads in `store`, under the numbers of the whole."""
    loaded: list[Done] = _Unpickler(io.BytesIO(part), store).load()
    return [renumbered(each, numbers) for each in loaded]


def renumbered(done: Done, numbers: Numbers) -> Done:
    """A connection under the numbers of the whole. Its associations get theirs when all are joined; nothing else in the facts
    knows such numbers."""
    conversation, associations = done
    id = numbers.ids[conversation.id]
    tcp = replace(conversation.tcp, id=id, tcp_stream=numbers.streams[conversation.tcp.tcp_stream])
    gaps = tuple(gap._replace(connection=id) for gap in conversation.gaps)
    return replace(conversation, tcp=tcp, gaps=gaps), associations


def _store() -> PayloadStore:
    """Stands in a part for the store; `_Unpickler` puts its own in this place."""
    raise LookupError("a part is read by `load`")


def _shelf() -> Shelf:
    """Likewise for the shelf."""
    raise LookupError("a part is read by `load`")


class _Pickler(pickle.Pickler):
    """Leaves store and shelf where they are."""

    dispatch_table = {PayloadStore: lambda _: (_store, ()), Shelf: lambda _: (_shelf, ())}  # noqa: RUF012


class _Unpickler(pickle.Unpickler):
    """Reads parts of our own processes, which nobody else can write to."""

    def __init__(self, source: io.BytesIO, store: PayloadStore) -> None:
        super().__init__(source)
        self._store = store

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if found is _shelf:
            return lambda: self._store.shelf
        return (lambda: self._store) if found is _store else found
