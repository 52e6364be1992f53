"""DS-DATA-004: data sets that are not built as they should be."""

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.data_sets.invalid_structure import RULE
from tests.captures import real
from tests.forge.messages import element
from tests.rules.applying import hits, is_quiet, only
from tests.rules.data_sets.stored import ct, found, stored


@pytest.mark.parametrize(
    ("data", "words", "severity"),
    [
        (bytes(128) + b"DICM" + ct(), "a whole file", "warning"),
        (element(0x00020010, b"1.2.840.10008.1.2.1\0") + ct(), "belongs to a command or a file", "warning"),
        (ct() + element(0x00080060, b"CT"), "(0008,0060) comes after (0020,000E)", "warning"),
        (ct() + element(0x00200011, b"1 ") + element(0x00200011, b"1 "), "(0020,0011) stands twice", "warning"),
        (ct() + element(0x00204000, b"odd"), "has an odd length of 3", "note"),
        (element(0x00080000, b"\x07\0\0\0") + ct(), "says that its group has 7 bytes", "note"),
        (ct() + element(0x00291010, b"12"), "is private, but (0029,0010) names no creator", "note"),
    ],
)
def test_fires_for_each_kind(data: bytes, words: str, severity: str) -> None:
    hit = only(RULE, stored(data))
    assert words in hit.message and hit.severity == severity, hit.message


def test_fires_as_an_error_where_the_object_was_refused() -> None:
    assert only(RULE, stored(bytes(128) + b"DICM" + ct(), status=0xC000)).severity == "error"


def _sound() -> Traffic:
    group = ct(StudyDate=None, PatientName=None, PatientID=None, StudyInstanceUID=None, SeriesInstanceUID=None)
    rest = ct(SOPClassUID=None, SOPInstanceUID=None, StudyDate=None, AccessionNumber=None)
    private = element(0x00290010, b"ACME") + element(0x00291010, b"12") + element(0xFFFCFFFC, bytes(4))
    return stored(element(0x00080000, len(group).to_bytes(4, "little")) + group + rest + private)


def test_is_quiet_about_group_lengths_that_count_and_private_blocks_with_a_creator() -> None:
    assert is_quiet(RULE, _sound())


def test_identifiers_out_of_order_are_a_note() -> None:
    keys = element(0x00080052, b"STUDY ") + element(0x00080050, b"")
    assert only(RULE, found(keys)).severity == "note"


@real.here
def test_real_captures_give_no_more_than_notes() -> None:
    assert {
        hit.severity
        for name in ("edge/e08_find_frag", "store_series")
        for hit in hits(RULE, real.analysis(name).traffic)
    } <= {"note"}
