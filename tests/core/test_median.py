"""The middle of some numbers is what the standard library says it is."""

import statistics

import pytest

from dicomsniff.core.median import median


@pytest.mark.parametrize("values", [[3], [5, 1], [9, 1, 4], [2, 2, 8, 1], [10**18, 10**18 + 1]])
def test_the_middle_is_that_of_the_standard_library(values: list[int]) -> None:
    assert median(values) == statistics.median(values)


def test_nothing_has_no_middle() -> None:
    with pytest.raises(IndexError):
        median([])
