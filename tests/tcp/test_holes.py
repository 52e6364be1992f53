"""What waits behind a hole, and what another segment adds to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.tcp.holes import PROVED_LOST, Confirmed, Held, last_from, unwaited
from dicomsniff.tcp.marks import UNMARKED


def waiting(*ranges: tuple[int, int]) -> list[Held]:
    return [Held(start, end, b"", 0, 1, 1, 1, 0, -1, UNMARKED) for start, end in ranges]


@pytest.mark.parametrize(
    ("start", "end", "parts"),
    [
        (0, 10, [(0, 0, 10)]), (12, 18, []), (5, 25, [(0, 5, 10), (1, 20, 25)]), (40, 50, [(2, 40, 50)]),
        (15, 35, [(1, 20, 30)]), (10, 20, []), (0, 45, [(0, 0, 10), (1, 20, 30), (2, 40, 45)]),
    ],
)  # fmt: skip
def test_a_segment_adds_what_does_not_wait_yet(start: int, end: int, parts: list[tuple[int, int, int]]) -> None:
    assert unwaited(waiting((10, 20), (30, 40)), start, end) == parts


def test_the_last_that_begins_no_later_is_found() -> None:
    held = waiting((10, 20), (30, 40))
    assert [last_from(held, start).start for start in (10, 29, 30, 99)] == [10, 10, 30, 30]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=6), st.integers(0, 60), st.integers(1, 30))
def test_what_is_added_and_what_waits_never_overlap(ranges: list[tuple[int, int]], start: int, length: int) -> None:
    held: list[Held] = []
    for at, size in ranges:
        for place, first, stop in reversed(unwaited(held, at, at + size)):
            held[place:place] = waiting((first, stop))
    taken = {byte for each in held for byte in range(each.start, each.end)}
    added = [byte for _, first, stop in unwaited(held, start, start + length) for byte in range(first, stop)]
    assert sorted(added) == sorted(set(range(start, start + length)) - taken)


def test_a_hole_is_lost_once_it_was_known_and_confirmed_for_64_packets() -> None:
    confirmed, [first] = Confirmed(), waiting((10, 20))
    for _ in range(PROVED_LOST):
        confirmed.see(30)
    assert confirmed.lost(first)
    first.passed = 1
    assert not confirmed.lost(first)
    confirmed.see(5)  # it takes back what it confirmed
    assert not confirmed.lost(first)
