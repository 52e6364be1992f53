"""Amounts in words: as a person would say them."""

import pytest

from dicomsniff.rules.naming import how_often, seconds


@pytest.mark.parametrize(
    ("duration_ns", "words"),
    [
        (None, "an unknown time"),
        (0, "under 1 ms"),
        (999_999, "under 1 ms"),
        (1_400_000, "1 ms"),
        (999_000_000, "999 ms"),
        (999_900_000, "1 s"),
        (1_540_000_000, "1.5 s"),
        (30_000_000_000, "30 s"),
        (99_960_000_000, "100 s"),
        (120_000_000_000, "2 min"),
        (200_000_000_000, "3 min 20 s"),
        (7_500_000_000_000, "2 h 5 min"),
        (18_000_000_000_000, "5 h"),
        (-40_000_000, "−40 ms"),
    ],
)
def test_a_duration_has_the_digits_that_matter(duration_ns: int | None, words: str) -> None:
    assert seconds(duration_ns) == words


def test_once_and_twice_have_words_of_their_own() -> None:
    assert [how_often(number) for number in (1, 2, 3)] == ["once", "twice", "3 times"]
