"""`pattern` of `core.patterns` does what `re.compile` does, later."""

import re

import pytest

from dicomsniff.core.patterns import pattern


def test_a_pattern_has_the_methods_of_a_compiled_one() -> None:
    words, numbers = pattern(r"(\w+) (?P<rest>\w+)", re.IGNORECASE), pattern(rb"\d+")
    assert words.sub(r"\2", "one two") == "two"
    assert [m[0] for m in numbers.finditer(b"1 22 x")] == [b"1", b"22"]
    assert (words.flags & re.IGNORECASE, words.groups, dict(words.groupindex)) == (re.IGNORECASE, 2, {"rest": 2})
    assert words.fullmatch("one") is None and words.fullmatch("one") is None


def test_it_is_compiled_when_it_is_used() -> None:
    wrong = pattern("(")
    with pytest.raises(re.error):
        wrong.search("x")
