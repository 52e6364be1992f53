"""Ids of a session: they grow, they stay, and they are forgotten with what they name."""

from pathlib import Path

from dicomsniff.live.ids import Ids
from tests.association.dialogue import Dialogue, read


def test_the_same_thing_keeps_its_id_and_new_ones_only_grow(tmp_path: Path) -> None:
    traffic = read(tmp_path / "c.pcap", Dialogue().open().echo().echo(2).release())
    ids = Ids()
    first, again = ids.name(traffic, [7]), ids.name(traffic, [7])
    assert [first.exchange(1), first.exchange(2)] == [again.exchange(1), again.exchange(2)] == [1, 2]
    assert first.connection(1) == 7 and first.of(traffic.associations[0]) == 1
    other = ids.name(traffic, [8])
    assert (other.association(1), other.exchange(1)) == (2, 3)


def test_what_is_forgotten_makes_room_but_no_id_comes_twice(tmp_path: Path) -> None:
    traffic = read(tmp_path / "c.pcap", Dialogue().open().echo().release())
    ids = Ids()
    ids.name(traffic, [1])
    ids.forget(1, 1)
    assert not ids._associations and not ids._exchanges
    assert ids.name(traffic, [2]).association(1) == 2
