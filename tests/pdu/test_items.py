"""Splitting nested items, one level at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import AnomalyCode
from dicomsniff.pdu.items import split_items, uid_flaw, uid_text
from tests.forge import pdus as forge


def test_items_stand_one_behind_the_other() -> None:
    items, flaws = split_items(forge.item(0x30, b"abc") + forge.item(0x40, b"", second=7))
    assert [(i.type, i.second, i.start, i.value) for i in items] == [(0x30, 0, 0, b"abc"), (0x40, 7, 7, b"")]
    assert flaws == []


def test_what_follows_an_item_that_does_not_fit_is_left() -> None:
    items, flaws = split_items(forge.item(0x30, b"abc") + forge.item(0x40, b"x", length=2))
    assert [item.type for item in items] == [0x30]
    assert [(flaw.code, flaw.start, flaw.end) for flaw in flaws] == [(AnomalyCode.PDU_ITEMS_DO_NOT_FIT, 7, 12)]


def test_bytes_too_few_for_an_item_are_a_flaw() -> None:
    items, flaws = split_items(forge.item(0x30, b"abc") + b"\0\0\0")
    assert len(items) == 1
    assert "3 bytes behind the last item" in flaws[0].detail


@given(st.binary(max_size=100), st.integers(0, 100))
def test_items_and_flaw_cover_all_bytes_once(data: bytes, start: int) -> None:
    items, flaws = split_items(data, start)
    edges = [start, *(item.end for item in items)]
    assert [item.start for item in items] == edges[:-1]
    assert (flaws[0].start, flaws[0].end) == (edges[-1], len(data)) if flaws else edges[-1] == max(len(data), start)


def test_uids_lose_their_padding_only() -> None:
    assert uid_text(b"1.2.3\0\0") == uid_text(b" 1.2.3 ") == "1.2.3"
    assert uid_text(b"1.2\0.3") == "1.2\0.3"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"1.2.840.10008.1.2", ""),
        (b"0.1", ""),
        (b"1.2.3\0", "is padded with a NUL"),
        (b"1.2.3 ", "is padded with a blank"),
        (b"", "is empty"),
        (b"\0", "is empty"),
        (b"1.2.03", "is no UID"),
        (b"1..2", "is no UID"),
        (b"../etc", "is no UID"),
        (b"1." + b"2" * 63, "has 65 characters"),
    ],
)
def test_a_uid_is_digits_and_dots_without_padding(value: bytes, words: str) -> None:
    flaws = uid_flaw(value, 7, "the name")
    assert [words in flaw.detail for flaw in flaws] == ([True] if words else [])
    assert all(flaw.start == 7 and flaw.end == 7 + len(value) for flaw in flaws)
