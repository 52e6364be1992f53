"""The window: bounded, whole from a known time on, and the same traffic as of a file while nothing is forgotten."""

from pathlib import Path

from dicomsniff.association.gathering import Done
from dicomsniff.association.values import Traffic
from dicomsniff.core.records import replace
from dicomsniff.live.window import ENOUGH, HOLES_LIKE_ONE, Bounds, Moment, Window
from dicomsniff.tcp.events import Gap, GapCause
from tests.association.dialogue import Dialogue, read
from tests.forge.wire import OUT, Wire

START = 1_700_000_000_000_000_000


def ended(tmp_path: Path, count: int) -> tuple[Traffic, list[Done]]:
    """Associations one after the other, ten seconds apart, as they are known when they ended."""
    dialogues = []
    for number in range(count):
        dialogue = Dialogue(Wire(("10.0.0.1", 40000 + number), start_ns=START + number * 10**10)).open()
        dialogues.append(dialogue.echo().echo(2).release())
    traffic = read(tmp_path / "c.pcap", *dialogues)
    return traffic, [(c, tuple(traffic.association(a) for a in c.associations)) for c in traffic.conversations]


def moment(window: Window, traffic: Traffic) -> Moment:
    return window.moment((), traffic.captures[0])


def test_it_is_bounded_and_says_since_when_it_is_whole(tmp_path: Path) -> None:
    traffic, done = ended(tmp_path, 6)
    for bounds in (Bounds(connections=2), Bounds(exchanges=4), Bounds(seconds=12.0)):
        window = Window(bounds)
        window.add(done, [False] * 6)
        for _ in range(ENOUGH):
            whole = moment(window, traffic)
            assert len(whole.traffic.associations) == 6 and not whole.since_ns
            if _ < ENOUGH - 1:
                window.shrink(traffic.last_ns, None)
        window.shrink(traffic.last_ns, None)
        left = moment(window, traffic)
        assert len(left.traffic.associations) == 2 and window.forgotten == 4
        assert done[3][0].tcp.last_ns < left.since_ns <= done[4][0].tcp.first_ns


def test_what_was_not_looked_at_enough_is_not_forgotten(tmp_path: Path) -> None:
    traffic, done = ended(tmp_path, 3)
    window = Window(Bounds(connections=1))
    window.add(done, [False] * 3)
    window.shrink(traffic.last_ns, None)
    assert len(moment(window, traffic).traffic.conversations) == 3


def test_ids_are_places_in_the_traffic_and_names_outlast_it(tmp_path: Path) -> None:
    traffic, done = ended(tmp_path, 5)
    window = Window(Bounds(connections=2))
    window.add(done, [False] * 5)
    for _ in range(ENOUGH):
        moment(window, traffic)
    window.shrink(traffic.last_ns, None)
    now = moment(window, traffic)
    assert [c.id for c in now.traffic.conversations] == [1, 2]
    assert [a.connection for a in now.traffic.associations] == [1, 2]
    assert [now.names.connection(n) for n in (1, 2)] == [4, 5]
    assert [now.names.association(n) for n in (1, 2, None)] == [4, 5, None]
    assert [now.names.exchange(n) for n in (1, 2, 3, 4)] == [7, 8, 9, 10]
    assert now.traffic.exchanges[2].association == 2


def test_a_moment_does_not_see_what_the_one_before_joined(tmp_path: Path) -> None:
    traffic, done = ended(tmp_path, 2)
    window = Window(Bounds())
    window.add(done, [False, False])
    exchange = moment(window, traffic).traffic.exchanges[0]
    exchange.parent, exchange.children = 3, [4]
    again = moment(window, traffic).traffic.exchanges[0]
    assert again is exchange and again.parent is None and again.children == []


def test_a_moment_that_is_not_whole_shows_what_ended_twice(tmp_path: Path) -> None:
    traffic, done = ended(tmp_path, 3)
    window = Window(Bounds())
    window.add(done[:2], [False] * 2)

    def shown() -> list[int | None]:
        now = window.moment((), traffic.captures[0], whole=False)
        assert not now.whole and now.since_ns == 0
        return [now.names.connection(n) for n in range(1, len(now.traffic.conversations) + 1)]

    assert shown() == [1, 2]
    window.add(done[2:], [False])
    assert [shown(), shown(), shown()] == [[1, 2, 3], [3], []]
    assert len(moment(window, traffic).traffic.conversations) == 3


def test_holes_take_room_too(tmp_path: Path) -> None:
    traffic, done = ended(tmp_path, 3)
    gap = Gap(1, OUT, 0, 10, GapCause.LOST, 1, 0)
    holed = [(replace(c, gaps=(gap,) * 8 * HOLES_LIKE_ONE), associations) for c, associations in done]
    for those, left in ((done, 3), (holed, 1)):
        window = Window(Bounds(exchanges=12))
        window.add(those, [False] * 3)
        for _ in range(ENOUGH):
            moment(window, traffic)
        window.shrink(traffic.last_ns, None)
        assert len(moment(window, traffic).traffic.conversations) == left


def test_associations_that_forgot_exchanges_are_named(tmp_path: Path) -> None:
    traffic, done = ended(tmp_path, 2)
    window = Window(Bounds())
    window.add(done, [False, True])
    now = moment(window, traffic)
    assert now.lost == {2} and now.ended == {1, 2}


def test_a_crowd_cannot_wait_to_be_looked_at(tmp_path: Path) -> None:
    traffic, done = ended(tmp_path, 6)
    for bounds in (Bounds(connections=4 * 5), Bounds(exchanges=2 * 4 * 5)):
        window = Window(bounds)
        window.add(done[:5], [False] * 5)
        assert not window.crowded
        window.add(done[5:], [False])
        assert window.crowded
        moment(window, traffic)
        assert not window.crowded
