"""Gaps in Instance Numbers: claimed only where the numbers count the objects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.association.numbering import numbering


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        (["1", "2", "3"], ()),
        (["1", "2", "4"], ((3, 3),)),
        (["7", "9", "10", "14", "15", "16"], ((8, 8), (11, 13))),
        ([" 1", "+2", "0003", "5"], ((4, 4),)),
        (["5"], ()),
    ],
)
def test_numbers_between_the_first_and_the_last_that_no_object_has(
    values: list[str], missing: tuple[tuple[int, int], ...]
) -> None:
    told = numbering(values, len(values))
    assert told.missing == missing and told.unclear is None


@pytest.mark.parametrize(
    ("values", "instances", "why"),
    [
        ([None], 3, "carry no"),
        ([""], 3, "carry no"),
        (["1", None, "5"], 3, "no instance number"),
        (["1", "2", "9"], 4, "same instance number"),
        (["1", "3"], 2, "do not count"),
        (["1", "101", "201", "301"], 4, "do not count"),
        (["1", "2", "1.5"], 3, "no instance number"),
        (["9" * 40, "1"], 2, "no instance number"),
    ],
)
def test_nothing_is_missed_where_the_numbers_do_not_count(values: list[str | None], instances: int, why: str) -> None:
    told = numbering(values, instances)
    assert told.missing == () and told.unclear is not None and why in told.unclear


@given(st.sets(st.integers(-50, 200), min_size=1))
def test_gaps_are_exactly_what_is_not_there(numbers: set[int]) -> None:
    told = numbering([str(number) for number in numbers], len(numbers))
    if told.unclear is None:
        missed = {number for first, last in told.missing for number in range(first, last + 1)}
        assert missed == set(range(min(numbers), max(numbers) + 1)) - numbers
