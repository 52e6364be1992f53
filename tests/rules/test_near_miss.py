"""Titles that nearly agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.rules.near_miss import Titles, fold, near_miss


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("PACS", "pacs", "case"),
        ("CT_01", "CT-01", "blank, underscore or hyphen"),
        ("CT 01", "ct01", "blank, underscore or hyphen"),
        ("STORE", "ST0RE", "1 character"),
        ("STORE", "STORES", "1 character"),
        ("STORE", "STRE", "1 character"),
        ("ROOM1", "ROOM2", "1 digit"),
        ("PACS", "PACS2", "1 digit"),
        ("CT1", "CT2", None),
        ("STORE", "STXYE", None),
        ("PACS ", "PACS", None),
        ("PACS\0", "PACS", None),
        ("", "PACS", None),
    ],
)
def test_what_differs_is_named(one: str, other: str, how: str | None) -> None:
    assert near_miss(one, other) == how


TITLES = st.text("AB01_- ", max_size=8)


@given(TITLES, TITLES)
def test_the_order_of_the_two_does_not_matter(one: str, other: str) -> None:
    assert near_miss(one, other) == near_miss(other, one)


@given(TITLES)
def test_a_title_is_no_near_miss_of_itself_and_folding_settles(title: str) -> None:
    assert near_miss(title, title) is None
    assert fold(fold(title)) == fold(title)


@given(st.lists(TITLES, max_size=12), TITLES)
def test_the_near_ones_among_many_are_those_that_each_comparison_finds(titles: list[str], other: str) -> None:
    expected = {title: how for title in titles if (how := near_miss(other, title))}
    assert dict(Titles(titles).near(other)) == expected
