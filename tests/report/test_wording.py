"""Numbers and rows in words; no control character survives."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report import wording


@given(st.text())
def test_no_control_character_survives(text: str) -> None:
    made = wording.clean(text)
    assert not {unicodedata.category(character) for character in made} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_what_a_person_wrote_stays() -> None:
    assert wording.clean("Größe 5 – “ok” 患者") == "Größe 5 – “ok” 患者"
    assert wording.clean("a\tb\r\nc\x1b[31m\u202ed\x00") == "a b  c[31md"


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (None, "–"),
        (0.0, "0.00 ms"),
        (0.4249, "0.42 ms"),
        (12.34, "12.3 ms"),
        (412.6, "413 ms"),
        (999.9, "1.00 s"),
        (1507.0, "1.51 s"),
        (42_000.0, "42.0 s"),
        (200_000.0, "3 min 20 s"),
        (7_260_000.0, "2 h 1 min"),
        (-5.0, "−5.00 ms"),
    ],
)
def test_durations_have_the_digits_that_matter(milliseconds: float | None, said: str) -> None:
    assert wording.duration(milliseconds) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (524288, "524 kB"),
        (999_999, "1.0 MB"),
        (5 * 10**12, "5000 GB"),
    ],
)
def test_sizes_are_decimal(number: int | None, said: str) -> None:
    assert wording.size(number) == said


def test_counts_have_their_plural() -> None:
    assert [wording.count(n, "packet") for n in (0, 1, 12345)] == ["0 packets", "1 packet", "12,345 packets"]


def test_lists_read_as_sentences() -> None:
    assert [wording.joined(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_endpoints_of_both_families_are_told_apart_from_ports() -> None:
    assert wording.endpoint({"ip": "fe80::1", "port": 104}) == "[fe80::1]:104"
    assert wording.endpoint({"ip": "10.0.0.1", "port": 104}) == "10.0.0.1:104"


def test_an_abort_is_told_with_its_sender_and_reason() -> None:
    row = {"outcome": "aborted", "reject": None, "abort": {"by": "acceptor", "text": "aborted by provider: no reason"}}
    assert wording.ending(row) == "aborted by the acceptor (provider: no reason)"
    assert wording.short_ending(row) == "aborted by acceptor: no reason"


def test_a_rejection_is_told_by_its_reason() -> None:
    row = {"outcome": "rejected", "abort": None, "reject": {"text": "rejected-permanent by user: title unknown"}}
    assert wording.ending(row) == "rejected-permanent by user: title unknown"
    assert wording.short_ending(row) == "rejected: title unknown"


def test_a_status_is_told_in_words_with_its_code() -> None:
    row = {"status": "0xA700", "status_text": "Refused", "status_class": "failure", "outcome": "failed"}
    assert wording.status(row) == "Refused (0xA700)"
    assert wording.status(row | {"status": None, "outcome": "unanswered"}) == "never answered"
