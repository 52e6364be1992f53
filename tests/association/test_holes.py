"""Holes are joined where that says the same, and kept few where every packet has one."""

from dicomsniff.association.holes import Holes, continues
from dicomsniff.core import Direction
from dicomsniff.tcp.events import Gap, GapCause

OUT, BACK = Direction.TO_RESPONDER, Direction.TO_INITIATOR
LOST, SNAPLEN = GapCause.LOST, GapCause.SNAPLEN


def gap(start: int, end: int, cause: GapCause = LOST, direction: Direction = OUT) -> Gap:
    return Gap(1, direction, start, end - start, cause, start + 1, start)


def gathered(*gaps: Gap, most: int = 100) -> list[tuple[int, int, int]]:
    """(direction, start, end) of what comes out."""
    holes = Holes(most)
    for one in gaps:
        holes.add(one)
    return [(g.direction, g.start, g.start + g.length) for g in holes.gaps]


def test_holes_that_touch_become_one() -> None:
    assert gathered(gap(0, 10), gap(10, 20), gap(25, 30)) == [(0, 0, 20), (0, 25, 30)]


def test_the_first_packet_of_a_joined_hole_is_kept() -> None:
    holes = Holes()
    holes.add(gap(0, 10))
    holes.add(gap(10, 20))
    assert holes.gaps[0].packet == 1


def test_directions_and_causes_are_kept_apart() -> None:
    assert gathered(gap(0, 10), gap(10, 20, direction=BACK)) == [(0, 0, 10), (1, 10, 20)]
    assert gathered(gap(0, 10), gap(10, 20, SNAPLEN)) == [(0, 0, 10), (0, 10, 20)]


def test_a_hole_in_every_packet_does_not_cost_memory_for_every_packet() -> None:
    many = [gap(100 * n + 30, 100 * n + 100, SNAPLEN) for n in range(1000)]
    found = gathered(*many, most=10)
    assert len(found) == 10
    assert found[-1] == (0, 930, 100_000)  # the rest as one: what lies between cannot be judged


def test_bytes_that_were_lost_are_counted_exactly_however_many_holes_there_are() -> None:
    many = [gap(100 * n + 30, 100 * n + 100) for n in range(50)]
    assert len(gathered(*many, most=10)) == 50


def test_a_hole_continues_another_only_where_that_ends() -> None:
    assert continues(gap(0, 10), gap(10, 12))
    assert not continues(gap(0, 10), gap(11, 12))
    assert not continues(gap(0, 10), gap(10, 12, SNAPLEN))
    assert not continues(gap(0, 10), gap(10, 12, direction=BACK))
