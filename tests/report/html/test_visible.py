"""Text on the page: nothing unseen, nothing endless, and what can be read is left alone."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.html.visible import LONGEST, visible


def test_ordinary_text_of_any_script_is_left_alone() -> None:
    for text in ("PACS_1", "Müller^Jörg", "山田^太郎", "Ελληνικά"):
        assert visible(text) == text


def test_what_would_not_be_seen_is_shown_by_its_number() -> None:
    assert visible("A\x1b[31m\u202eB\x00\n\u200b\U000e0001") == "A\\x1B[31m\\u202EB\\x00\\n\\u200B\\U000E0001"


def test_a_right_to_left_word_cannot_turn_the_number_behind_it() -> None:
    assert visible("שלום 10.0.0.1") == "שלום\u200e 10.0.0.1"


def test_a_long_text_is_cut_and_says_how_much_is_left_out() -> None:
    assert visible("x" * 1_000_000) == "x" * LONGEST + "… (998,000 more characters)"
    assert visible("abcdef", 4) == "abcd… (2 more characters)"


def test_marks_piled_on_a_letter_do_not_cover_the_lines_around_it() -> None:
    assert visible("a" + "\u0301" * 50).count("\u0301") == 4


@given(st.text())
def test_nothing_unseen_remains(text: str) -> None:
    shown = visible(text).replace("\u200e", "")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in shown)
    assert len(visible(text)) <= 10 * LONGEST + 40
