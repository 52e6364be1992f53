"""DS-FIND-003: empty answers that the spelling of a key may explain."""

from typing import Any

import pytest

from dicomsniff.association.values import Blind, Traffic
from dicomsniff.rules.query.empty_answer import RULE
from tests.forge.traffic import IMPLICIT, STUDY_FIND, TrafficForge, data_set
from tests.rules.applying import doubts, hits, is_quiet, only


def _query(
    forge: TrafficForge, blind: list[Blind] | None = None, matches: int = 0, raw: bytes = b"", **keys: Any
) -> Traffic:
    association = forge.association(contexts=[(STUDY_FIND, [IMPLICIT], 0)], blind=blind or [])
    body = raw or data_set(**{"QueryRetrieveLevel": "STUDY", **keys})
    forge.exchange(association, "C-FIND", status=0, data=body, pending=matches)
    return forge.traffic()


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        ({"PatientID": "abc"}, "small letters"),
        ({"PatientID": " ABC"}, "blanks"),
        ({"PatientName": "SMITH"}, "without '^'"),
        ({"StudyDate": "2024-01-02"}, "YYYYMMDD"),
        ({"StudyDate": "02.01.2024"}, "YYYYMMDD"),
        ({"StudyDate": "20240101 - 20240201"}, "YYYYMMDD"),
        ({"Modality": "CT"}, "Modalities in Study"),
    ],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_fires_with_the_hint_that_fits(keys: dict[str, Any], hint: str) -> None:
    assert hint in only(RULE, _query(TrafficForge(), **keys)).message


def test_fires_for_more_trailing_blanks_than_padding() -> None:
    raw = b"\x08\x00\x52\x00\x06\x00\x00\x00STUDY \x10\x00\x20\x00\x06\x00\x00\x00AB    "
    assert "blanks before or behind" in only(RULE, _query(TrafficForge(), raw=raw)).message


def test_fires_for_letters_outside_ascii_without_character_set() -> None:
    raw = b"\x08\x00\x52\x00\x06\x00\x00\x00STUDY \x10\x00\x10\x00\x08\x00\x00\x00M\xdcLLER^ "
    assert "no Specific Character Set" in only(RULE, _query(TrafficForge(), raw=raw)).message


def test_fires_naming_the_spelling_that_had_matches() -> None:
    forge = TrafficForge()
    _query(forge, matches=2, PatientID="AB-12")
    hit = only(RULE, _query(forge, PatientID="AB12"))
    assert "PatientID='⟦AB-12⟧', it had matches" in hit.message


def test_is_quiet_when_nothing_about_the_keys_is_odd() -> None:
    assert is_quiet(
        RULE, _query(TrafficForge(), PatientID="NOBODY", PatientName="DOE^JOHN", StudyDate="20240101-20240201")
    )


def test_is_quiet_about_wildcards_and_empty_keys() -> None:
    assert is_quiet(RULE, _query(TrafficForge(), PatientName="smith*", StudyDescription="*", AccessionNumber=""))


def test_is_quiet_about_a_query_with_matches() -> None:
    assert is_quiet(RULE, _query(TrafficForge(), matches=1, PatientID="abc"))


def test_is_inconclusive_when_matches_may_have_escaped_the_capture() -> None:
    traffic = _query(TrafficForge(), [Blind.HOLE_TO_REQUESTOR], PatientID="abc")
    assert doubts(RULE, traffic) and not hits(RULE, traffic)
