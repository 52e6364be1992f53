"""One of several processes: captures in, its share of the connections followed, that part of the traffic out."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from multiprocessing.connection import Connection

from dicomsniff.capture import CaptureFacts, CaptureSource, open_captures
from dicomsniff.capture.places import Places
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.part import Numbers, Outline, pieces
from dicomsniff.parallel.shares import Shares
from dicomsniff.pipeline import Follower, Options
from dicomsniff.tcp.points import several_points
from dicomsniff.tcp.sighting import Odd, Sighting
from dicomsniff.tcp.witness import Witness


class Orders(NamedTuple):
    """`member` of `members` (from 0), the captures to be read, and the file in which payload bytes are to be left."""

    paths: Sequence[str]
    member: int
    members: int
    log: str


class Seen(NamedTuple):
    """What looking at every packet shows, whoever follows them."""

    captures: tuple[CaptureFacts, ...]
    odd: Odd
    copies: int
    places: Places


class AloneError(Exception):
    """The capture must be followed by one process; says why."""


def follow(door: Connection, orders: Orders, options: Options) -> None:
    """Read the captures, and answer: the sizes of blocks read (member 0), an Outline and what was Seen; once Numbers have come for
    the outline, the part in pieces and a last one without bytes. Where one process must do it, the reason as text instead."""
    gc.disable()  # facts hold no cycles
    store = PayloadStore(options.limits, options.keep_payloads, orders.log)
    try:
        with open_captures(orders.paths, options.limits) as source:
            follower, outline, seen = _read(source, orders, options, store, door)
    except (AloneError, OSError) as error:
        door.send(str(error))
        return
    door.send((outline, seen))
    numbers: Numbers | None = door.recv()
    if numbers is not None:
        store.leave()
        for piece in pieces(follower.done, numbers):
            door.send_bytes(piece)
        door.send_bytes(b"")


def _read(
    source: CaptureSource, orders: Orders, options: Options, store: PayloadStore, door: Connection
) -> tuple[Follower, Outline, Seen]:
    sighting, shares, places = Sighting(options.limits), Shares(orders.members), Places()
    follower = Follower(store, options, sighting.book)
    files = [file.path for file in source.files]
    witness = sighting.witness = Witness() if len(files) > 1 else None
    learnt = empty = 0
    for block in source.blocks():
        if block.origin is not None and not orders.member:
            places.add(block.number, block.origin)
        seen = sighting.sight(block)
        if len(secrets := source.secrets) != learnt:
            learnt = len(secrets)
            follower.learn(secrets)
        before, begun = follower.empty, len(follower.begins)
        follower.follow(shares.of(seen, orders.member))
        empty = max(empty, before + len(follower.begins) - begun)
        if sighting.book.crowded:
            raise AloneError("IPv6 addresses are so many that some are forgotten")
        if witness is not None and witness.due and several_points(witness.common(), files):
            raise AloneError("the files were captured at several points")
        if not orders.member:
            door.send(block.data.nbytes)
    if witness is not None and several_points(witness.common(), files):
        raise AloneError("the files were captured at several points")
    follower.finish()
    firsts = {conversation.id: conversation.tcp.first_packet for conversation, _ in follower.done}
    outline = Outline(firsts, follower.begins, empty, follower.faults)
    return follower, outline, Seen(source.facts(), sighting.odd, sighting.copies, places)
