"""Connections are shared out whole, and evenly."""

import numpy as np
import pytest

from dicomsniff.parallel.shares import LEAVING, TAKING, Shares
from dicomsniff.tcp.sighting import Sighted, Sighting
from tests.forge.field import sealed, twice
from tests.forge.wire import BACK, OUT, Frame, Wire
from tests.tcp.assembling import block, blocks


def talk(number: int, size: int = 3000) -> list[Frame]:
    wire = Wire((f"10.0.1.{number}", 40000), ("10.0.0.2", 104)).connect()
    return wire.send(OUT, bytes(size)).send(BACK, b"answer").close().frames


def together(*talks: list[Frame]) -> list[Frame]:
    return sorted(frame for frames in talks for frame in frames)


def every(seen: Sighted, shares: list[Shares]) -> list[Sighted]:
    """What each process follows of a block, each having its own idea of the shares."""
    return [share.of(seen, member) for member, share in enumerate(shares)]


def test_every_segment_goes_to_one_process_and_a_connection_never_changes_hands() -> None:
    sighting, given = Sighting(), [Shares(3) for _ in range(3)]
    owners: dict[int, set[int]] = {}
    for each in blocks(together(*map(talk, range(9))), 7):
        seen = sighting.sight(each)
        parts = every(seen, given)
        assert sorted(n for part in parts for n in part.segments.number.tolist()) == seen.segments.number.tolist()
        for owner, part in enumerate(parts):
            clients = np.where(part.segments.source & 0xFFFF == 40000, part.segments.source, part.segments.target)
            for client in clients.tolist():
                owners.setdefault(client, set()).add(owner)
    assert {len(who) for who in owners.values()} == {1}
    assert {next(iter(who)) for who in owners.values()} == {0, 1, 2}


def test_who_has_a_large_connection_gets_fewer_others() -> None:
    sighting, given = Sighting(), [Shares(2) for _ in range(2)]
    every(sighting.sight(block(talk(1, 200_000))), given)
    loads = [len(part.segments) for part in every(sighting.sight(block(together(*map(talk, range(2, 12))))), given)]
    assert sorted(loads)[0] == 0


def test_copies_go_where_their_connection_is() -> None:
    seen = Sighting().sight(block(twice(sealed(together(talk(1), talk(2))))))
    for part in every(seen, [Shares(2) for _ in range(2)]):
        assert len(part.copies) == len(part.segments)
        assert set(part.copies.source.tolist()) == set(part.segments.source.tolist())


@pytest.mark.parametrize("members", [2, 4, 8])
def test_many_connections_are_shared_evenly_and_who_takes_all_over_follows_less(members: int) -> None:
    seen = Sighting().sight(block(together(*map(talk, range(200)))))
    first, *others = [len(part.segments) for part in every(seen, [Shares(members) for _ in range(members)])]
    assert min(others) > 0.8 * max(others)
    each, handed = max(others), sum(others)
    assert abs(first + TAKING * handed - (1 + LEAVING) * each) < 0.1 * each


def test_where_there_are_very_many_the_first_only_takes_over() -> None:
    seen = Sighting().sight(block(together(*map(talk, range(200)))))
    first, *others = [len(part.segments) for part in every(seen, [Shares(16) for _ in range(16)])]
    assert first < min(others) / 2


def test_one_process_follows_all_there_is() -> None:
    seen = Sighting().sight(block(talk(1)))
    assert Shares(1).of(seen, 0) is seen
