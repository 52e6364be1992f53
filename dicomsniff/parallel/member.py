"""One follower in a process of its own: parcels in, its part of the traffic out."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple

from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.part import Numbers, Outline, dump
from dicomsniff.parallel.slots import Parcel, Slots
from dicomsniff.pipeline import Follower, Options
from dicomsniff.tcp.endpoints import EndpointBook


class Delivery(NamedTuple):
    """A parcel, and the addresses that were numbered since the one before; the lines of TLS key logs that the capture holds
    so far, where there are more than before."""

    parcel: Parcel
    addresses: list[bytes]
    secrets: bytes = b""


def follow(door: Connection, names: Sequence[str], options: Options, log: str) -> None:
    """Take deliveries until None comes, give every slot back, then answer: an Outline first; once Numbers have come for
    it, the part as bytes. Payload bytes are left in the file `log`."""
    gc.disable()  # facts hold no cycles
    slots, book = Slots.open(names), EndpointBook()
    store = PayloadStore(options.limits, options.keep_payloads, log)
    follower = Follower(store, options, book)
    empty = 0
    while (delivery := door.recv()) is not None:
        book.learn(delivery.addresses)
        if delivery.secrets:
            follower.learn(delivery.secrets)
        before, begun = follower.empty, len(follower.begins)
        follower.follow(slots.unpack(delivery.parcel))
        empty = max(empty, before + len(follower.begins) - begun)
        if delivery.parcel.slot is not None:
            door.send(delivery.parcel.slot)
    follower.finish()
    firsts = {conversation.id: conversation.tcp.first_packet for conversation, _ in follower.done}
    door.send(Outline(firsts, follower.begins, empty, follower.faults))
    numbers: Numbers | None = door.recv()
    if numbers is not None:
        store.leave()
        door.send_bytes(dump(follower.done, store, numbers))
    slots.close()
