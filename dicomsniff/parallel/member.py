"""One of several processes: captures in, its share of the connections followed, that part of the traffic out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from dicomsniff.association.gathering import Done
from dicomsniff.capture import CaptureError, CaptureSource, PacketBlock, open_captures
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.dimse.shelf import Shelf
from dicomsniff.parallel.part import Outline, pieces
from dicomsniff.parallel.shares import Shares
from dicomsniff.pipeline import Follower, Options
from dicomsniff.tcp.sighting import Sighting


class Orders(NamedTuple):
    """`member` of `members` (from 0), the captures to be read, and the files in which payload bytes and the part of the
    traffic are to be left; `shelf` is for data sets that are likely to be exported."""

    paths: Sequence[str]
    member: int
    members: int
    log: str
    part: str
    shelf: Shelf | None = None


class Share(NamedTuple):
    """The connections that one process has followed, under its own numbers."""

    done: list[Done]
    outline: Outline


def follow(door: Connection, orders: Orders, options: Options) -> None:
    """Read the captures, and leave the outline and then the part, in pieces, in a file; `door` tells how long each of them is, and
    at last 0. Where that cannot be, it tells why as text instead."""
    gc.disable()  # facts hold no cycles
    store = PayloadStore(options.limits, options.keep_payloads, orders.log, orders.shelf)
    try:
        with open_captures(orders.paths, options.limits) as source:
            share = share_of(source, orders.member, orders.members, store, options, Sighting(options.limits))
        store.leave()
        with Path(orders.part).open("xb", buffering=0) as file:
            for piece in pieces(share.outline, share.done):
                file.write(piece)
                door.send(len(piece))
        door.send(0)
    except (CaptureError, OSError) as error:
        with suppress(OSError):  # nobody listens any more
            door.send(str(error))


def share_of(
    source: CaptureSource, member: int, members: int, store: PayloadStore, options: Options, sighting: Sighting,
    look: Callable[[PacketBlock], None] | None = None,
) -> Share:  # fmt: skip
    """Read a source to its end and follow the connections that fall to this member. `look` is shown each block, once its
    packets were sighted and followed; what it raises ends it."""
    shares = Shares(members)
    follower = Follower(store, options, sighting.book)
    learnt = empty = 0
    for block in source.blocks():
        seen = sighting.sight(block)
        if len(secrets := source.secrets) != learnt:
            learnt = len(secrets)
            follower.learn(secrets)
        before, begun = follower.empty, len(follower.begins)
        follower.follow(shares.of(seen, member))
        empty = max(empty, before + len(follower.begins) - begun)
        if look is not None:
            look(block)
    follower.finish()
    firsts = {conversation.id: conversation.tcp.first_packet for conversation, _ in follower.done}
    return Share(follower.done, Outline(firsts, follower.begins, empty, follower.faults))
