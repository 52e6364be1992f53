"""Pseudonyms: equal for equal values, different for different ones, and useless without the key."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.pseudonyms import MASK, key_of, pseudonym

KEY = key_of(["a capture"])


@given(st.text(min_size=3).filter(lambda text: len(text.strip(" \0^*?")) > 2))
def test_a_name_tells_nothing_but_that_it_is_the_same(value: str) -> None:
    name = pseudonym(value, KEY)
    assert re.fullmatch(r"[*?]*•••[a-hjkmnp-tv-z0-9]{7}[*?]*", name)
    assert name == pseudonym(value, KEY)


def test_ten_thousand_patients_have_ten_thousand_names() -> None:
    assert len({pseudonym(f"PAT{number}", KEY) for number in range(10_000)}) == 10_000


def test_another_key_gives_other_names() -> None:
    assert pseudonym("4711", KEY) != pseudonym("4711", key_of(["another capture"]))


def test_padding_and_empty_name_parts_make_no_difference() -> None:
    assert len({pseudonym(value, KEY) for value in ("DOE^JOHN", "DOE^JOHN ", "DOE^JOHN^^^", " DOE^JOHN\0")}) == 1


@pytest.mark.parametrize("value", ["", "*", "??", " "])
def test_no_value_stays_none(value: str) -> None:
    assert pseudonym(value, KEY) == value


def test_the_wildcards_of_a_query_stay_at_their_end() -> None:
    assert pseudonym("DOE*", KEY) == pseudonym("DOE", KEY) + "*"
    assert pseudonym("*DOE", KEY) == "*" + pseudonym("DOE", KEY)


def test_of_a_letter_it_is_not_even_said_which_are_the_same() -> None:
    assert pseudonym("M", KEY) == pseudonym("F", KEY) == MASK
