"""What one follower found in, its part of the traffic out, numbered as it would be had one process followed everything."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from dicomsniff.association.gathering import Done
from dicomsniff.core import Evidence
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.tcp.events import Gap

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


def pieces(done: Sequence[Done], numbers: Numbers) -> Iterator[bytes]:
    """A part as bytes, some connections at a time, so that who reads it need not wait for all of it."""
    for begin in range(0, len(done), TOGETHER):
        yield dump(done[begin : begin + TOGETHER], numbers)


def dump(done: Sequence[Done], numbers: Numbers | None = None) -> bytes:
    """A part as bytes, with the connections' new numbers where they are known; payloads refer to a store that `load`
    is given."""
    out = io.BytesIO()
    pickler = _Pickler(out, numbers)
    pickler.dump(done if numbers is None else [_renumbered(each, numbers) for each in done])
    return out.getvalue()


def load(part: bytes, store: PayloadStore, numbers: Numbers | None = None) -> list[Done]:
    """What was dumped, its payloads in `store`; with new numbers where they were not known before."""
    loaded: list[Done] = _Unpickler(io.BytesIO(part), store, numbers).load()
    return loaded if numbers is None else [_renumbered(each, numbers) for each in loaded]


def _renumbered(done: Done, numbers: Numbers) -> Done:
    conversation, associations = done
    id = numbers.ids[conversation.id]
    tcp = replace(conversation.tcp, id=id, tcp_stream=numbers.streams[conversation.tcp.tcp_stream])
    return replace(conversation, tcp=tcp), tuple(replace(each, connection=id) for each in associations)


def _store() -> PayloadStore:
    """Stands in a part for the store; `_Unpickler` puts its own in this place."""
    raise LookupError("a part is read by `load`")


class _Pickler(pickle.Pickler):
    """Evidence and gaps name their connection: they are written with its new number, as a call that can still give
    them another when they are read. So is the store, which stays where it is."""

    def __init__(self, out: io.BytesIO, numbers: Numbers | None) -> None:
        super().__init__(out, pickle.HIGHEST_PROTOCOL)
        ids = numbers.ids if numbers else {}
        self.dispatch_table = {
            Evidence: lambda e: (Evidence, (ids.get(e[0], e[0]), *e[1:])),
            Gap: lambda g: (Gap, (ids.get(g[0], g[0]), *g[1:])),
            PayloadStore: lambda _: (_store, ()),
        }


class _Unpickler(pickle.Unpickler):
    """Reads parts of our own processes, which nobody else can write to."""

    def __init__(self, source: io.BytesIO, store: PayloadStore, numbers: Numbers | None) -> None:
        super().__init__(source)
        self._store = store
        self._ids = numbers.ids if numbers else {}

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if found is _store:
            return lambda: self._store
        if self._ids and found in (Evidence, Gap):
            return partial(self._placed, found)
        return found

    def _placed(self, kind: Any, connection: int, *rest: Any) -> Any:
        return kind(self._ids.get(connection, connection), *rest)
