"""DS-DATA-002: UIDs that are none."""

import pytest

from dicomsniff.rules.data_sets.invalid_uid import RULE
from tests.captures import real
from tests.forge.messages import element
from tests.rules.applying import hits, is_quiet, only
from tests.rules.data_sets.stored import ct, found, stored


@pytest.mark.parametrize(
    ("uid", "why"),
    [
        ("1.2.03", "a component begins with 0"),
        ("1.2." + "3" * 62, "66 characters"),
        ("1.2..3", "an empty component"),
        ("1.2.x", "characters other than digits and dots"),
        ("3.1.2", "its first component is 3"),
        ("10.1.2", "its first component is 10"),
    ],
)
def test_fires_for_a_study_uid_that_is_none(uid: str, why: str) -> None:
    hit = only(RULE, stored(ct(StudyInstanceUID=uid)))
    assert why in hit.message and f"StudyInstanceUID (0020,000D) '{uid}'" in hit.message
    assert (hit.severity, hit.act, hit.facts["uid"]) == ("warning", "requestor", uid)


def test_fires_for_a_space_as_padding() -> None:
    study = element(0x0020000D, b"1.2.3 ") + element(0x0020000E, b"1.2.3.4.5\0")
    data = ct(StudyInstanceUID=None, SeriesInstanceUID=None) + study
    assert "padded with a space" in only(RULE, stored(data)).message


def test_fires_as_an_error_where_the_object_was_refused_and_counts_repetitions() -> None:
    hit = only(RULE, stored(*[ct(StudyInstanceUID="1.2.03")] * 3, status=0xC000))
    assert hit.severity == "error" and "(3 objects of this association)" in hit.message


def test_fires_for_one_uid_for_all() -> None:
    hit = only(RULE, stored(ct(StudyInstanceUID="1.2.3.4", SeriesInstanceUID="1.2.3.4")))
    assert "study, series and instance have the same UID" in hit.message


def test_fires_for_the_uid_of_the_command() -> None:
    traffic = stored(ct(SOPInstanceUID="1.2.04"), instances=["1.2.04"])
    assert {hit.facts["in"] for hit in hits(RULE, traffic)} == {"command", "object"}


def test_a_reference_is_a_note() -> None:
    hit = only(RULE, stored(ct(FailedSOPInstanceUIDList=None, ReferencedFrameOfReferenceUID="1.2.03")))
    assert hit.severity == "note"


def test_is_quiet_about_padding_lists_and_empty_values() -> None:
    assert is_quiet(RULE, stored(ct(StudyInstanceUID="1.2.840.10008.12345.1"), ct(SeriesInstanceUID="")))
    assert is_quiet(RULE, found(ct(StudyInstanceUID=["1.2", "1.2.3"], SOPClassUID=None, SOPInstanceUID="")))


@real.here
def test_real_references_with_leading_zeros_are_notes() -> None:
    assert {hit.severity for hit in hits(RULE, real.analysis("store_series").traffic)} == {"note"}
