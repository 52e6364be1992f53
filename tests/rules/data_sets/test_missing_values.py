"""DS-DATA-006: values that are missing, too long, illegal or contradictory."""

import pytest

from dicomsniff.rules.data_sets.missing_values import RULE
from tests.captures import real
from tests.rules.applying import hits, is_quiet, only
from tests.rules.data_sets.stored import ct, cut, found, pixels, stored


@pytest.mark.parametrize("keyword", ["PatientID", "PatientName", "StudyDate", "AccessionNumber"])
def test_fires_for_an_attribute_that_must_be_there(keyword: str) -> None:
    hit = only(RULE, stored(ct(**{keyword: None})))
    assert f"has no {keyword} (" in hit.message and (hit.severity, hit.act) == ("note", "requestor")


def test_fires_as_an_error_where_an_object_without_series_was_refused() -> None:
    hit = only(RULE, stored(*[ct(SeriesInstanceUID="")] * 3, status=0xA900))
    assert "and 2 more objects" in hit.message and "have an empty SeriesInstanceUID" in hit.message
    assert hit.severity == "error" and hit.facts["count"] == 3


def test_what_objects_of_one_kind_lack_is_one_finding() -> None:
    hit = only(RULE, stored(ct(PatientID=None, StudyDate=None), ct(StudyDate=None)))
    assert "and 1 more objects of this association" in hit.message
    assert "have no StudyDate (0008,0020) (in 2 objects) and no PatientID (0010,0020) (in 1 object)." in hit.message
    assert [missing["keyword"] for missing in hit.facts["missing"]] == ["StudyDate", "PatientID"]


def test_a_missing_series_of_a_refused_object_weighs_more_than_the_rest() -> None:
    told = hits(RULE, stored(ct(PatientID=None, SeriesInstanceUID=None), status=0xA900))
    assert sorted(hit.severity or RULE.severity for hit in told) == ["error", "note"]


def test_fires_for_values_that_are_too_long_or_not_of_their_form() -> None:
    hit = only(RULE, stored(ct(AccessionNumber="A" * 17)))
    assert "'⟦AAAAAAAAAAAAAAAAA⟧'" in hit.message and "has 17 characters, SH allows 16" in hit.message
    assert "is not a legal DA" in only(RULE, stored(ct(StudyDate="2024-1-1"))).message


def test_fires_for_a_study_of_two_patients() -> None:
    traffic = stored(ct(), ct(PatientID="P2"), instances=["1.2.3.4", "1.2.3.4"], status=0xB000)
    hit = only(RULE, traffic)
    assert "Study 1.2.3.1 carries 2 Patient IDs: '⟦P1⟧' and '⟦P2⟧'" in hit.message and hit.severity == "warning"
    assert only(RULE, stored(ct(), ct(AccessionNumber="A2"))).severity == "note"


def test_is_quiet_about_empty_values_of_type_2_and_names_in_several_scripts() -> None:
    long = "Yamada^Tarou" * 4
    assert is_quiet(RULE, stored(ct(PatientID="", AccessionNumber=""), ct(PatientName=f"{long}={long}={long}")))


def test_is_quiet_about_identifiers_and_what_was_not_seen() -> None:
    assert is_quiet(RULE, found(ct(PatientID=None, StudyDate="20240101-20240131"), ct(PatientName=None)))
    assert is_quiet(RULE, cut(ct()[:30] + pixels(10)))


@real.here
def test_real_captures_give_no_more_than_notes() -> None:
    names = ("edge/e18_values", "edge/e10_zero_last", "store_series")
    assert {hit.severity for name in names for hit in hits(RULE, real.analysis(name).traffic)} <= {"note"}
