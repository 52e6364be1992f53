"""What goes into shared memory comes out of it."""

from collections.abc import Iterator

import numpy as np
import pytest

from dicomsniff.parallel.shares import Shares
from dicomsniff.parallel.slots import Slots
from dicomsniff.tcp.sighting import Sighted, Sighting
from tests.forge.wire import OUT, Wire
from tests.tcp.assembling import block


@pytest.fixture
def slots() -> Iterator[Slots]:
    made = Slots.make(2, 100_000)
    yield made
    made.close(unlink=True)


def shared(size: int = 3000) -> list[Sighted]:
    return Shares(2).of(Sighting().sight(block(Wire().connect().send(OUT, bytes(range(250)) * (size // 250)).frames)))


def same(one: Sighted, other: Sighted) -> bool:
    columns = zip((*one.segments.columns(), one.clock), (*other.segments.columns(), other.clock), strict=True)
    return all((a == b).all() for a, b in columns) and (one.data == other.data).all() and one.quotes == other.quotes


def test_a_parcel_opened_elsewhere_holds_what_was_packed(slots: Slots) -> None:
    shares = shared()
    parcels = slots.pack(1, shares)
    there = Slots.open(slots.names)
    assert all(same(there.unpack(parcel), share) for parcel, share in zip(parcels, shares, strict=True))
    assert [parcel.slot for parcel in parcels] == [1, 1]
    assert not there.unpack(parcels[0]).data.flags.writeable


def test_a_slot_is_used_again(slots: Slots) -> None:
    for size in (6000, 1000, 3000):
        shares = shared(size)
        assert all(same(slots.unpack(p), s) for p, s in zip(slots.pack(0, shares), shares, strict=True))


def test_what_does_not_fit_comes_along(slots: Slots) -> None:
    shares = shared(200_000)
    parcels = slots.pack(0, shares)
    assert [parcel.slot for parcel in parcels] == [None, None]
    assert all(same(slots.unpack(p), s) for p, s in zip(parcels, shares, strict=True))
    assert np.shares_memory(slots.unpack(parcels[0]).data, shares[0].data)
