"""Connections are shared out whole, and evenly."""

import numpy as np
import pytest

from dicomsniff.parallel import shares
from dicomsniff.parallel.shares import Shares
from dicomsniff.tcp.sighting import Sighting
from tests.forge.field import sealed, twice
from tests.forge.wire import BACK, OUT, Frame, Wire
from tests.tcp.assembling import block, blocks


def talk(number: int, size: int = 3000) -> list[Frame]:
    wire = Wire((f"10.0.1.{number}", 40000), ("10.0.0.2", 104)).connect()
    return wire.send(OUT, bytes(size)).send(BACK, b"answer").close().frames


def together(*talks: list[Frame]) -> list[Frame]:
    return sorted(frame for frames in talks for frame in frames)


def test_every_segment_goes_to_one_follower_and_a_connection_never_changes_hands() -> None:
    sighting, given = Sighting(), Shares(3)
    owners: dict[int, set[int]] = {}
    for each in blocks(together(*map(talk, range(9))), 7):
        seen = sighting.sight(each)
        parts = given.of(seen)
        assert sorted(n for part in parts for n in part.segments.number.tolist()) == seen.segments.number.tolist()
        for owner, part in enumerate(parts):
            clients = np.where(part.segments.source & 0xFFFF == 40000, part.segments.source, part.segments.target)
            for client in clients.tolist():
                owners.setdefault(client, set()).add(owner)
    assert {len(who) for who in owners.values()} == {1}
    assert {next(iter(who)) for who in owners.values()} == {0, 1, 2}


def test_who_has_a_large_connection_gets_fewer_others() -> None:
    sighting, given = Sighting(), Shares(2)
    given.of(sighting.sight(block(talk(1, 200_000))))
    loads = [len(part.segments) for part in given.of(sighting.sight(block(together(*map(talk, range(2, 12))))))]
    assert sorted(loads)[0] == 0


def test_copies_go_where_their_connection_is() -> None:
    seen = Sighting().sight(block(twice(sealed(together(talk(1), talk(2))))))
    for part in Shares(2).of(seen):
        assert len(part.copies) == len(part.segments)
        assert set(part.copies.source.tolist()) == set(part.segments.source.tolist())


def test_a_flood_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "REMEMBERED", 5)
    given, sighting = Shares(2), Sighting()
    seen = sighting.sight(block(together(*map(talk, range(50)))))
    first = [part.segments.number.tolist() for part in given.of(seen)]
    assert len(given._owner) == 5
    assert [part.segments.number.tolist() for part in given.of(seen)] == first
