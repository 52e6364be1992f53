"""DS-FIND-002: queries without the keys of their level."""

from dataclasses import replace
from typing import Any

import pytest

from dicomsniff.pdu.values import ExtendedNegotiation, UserInformation
from dicomsniff.rules.query.invalid_keys import RULE
from tests.captures import real
from tests.rules.applying import hits, is_quiet, only
from tests.rules.query.asked import PATIENT_ROOT, STUDY_ROOT, WORKLIST, asked

STUDY = {"StudyInstanceUID": "1.2.3"}


@pytest.mark.parametrize(
    ("keys", "model", "words"),
    [
        ({"PatientID": "1"}, STUDY_ROOT, "without Query/Retrieve Level (0008,0052)"),
        (
            {"QueryRetrieveLevel": "PATIENT", "PatientID": "1"},
            STUDY_ROOT,
            "level 'PATIENT', which its model does not have",
        ),
        ({"QueryRetrieveLevel": "SERIES"}, STUDY_ROOT, "at SERIES level without a single value for StudyInstanceUID"),
        (
            {"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": ["1.2", "1.3"]},
            STUDY_ROOT,
            "without a single value for StudyInstanceUID",
        ),
        ({"QueryRetrieveLevel": "IMAGE", **STUDY}, STUDY_ROOT, "single value for SeriesInstanceUID"),
        ({"QueryRetrieveLevel": "STUDY", "PatientID": "A*"}, PATIENT_ROOT, "single value for PatientID"),
        (
            {"QueryRetrieveLevel": "STUDY", "SeriesInstanceUID": "1.2"},
            STUDY_ROOT,
            "with a value for SeriesInstanceUID, which belongs to a level below",
        ),
    ],
)
def test_fires_for_each_kind(keys: dict[str, Any], model: str, words: str) -> None:
    hit = only(RULE, asked(keys, model=model))
    assert words in hit.message and (hit.severity, hit.act) == ("warning", "requestor")


def test_fires_as_a_note_where_matches_came() -> None:
    hit = only(RULE, asked({"QueryRetrieveLevel": "SERIES"}, {"SeriesInstanceUID": "1.2"}))
    assert hit.severity == "note" and "matches nevertheless" in hit.message


@pytest.mark.parametrize(
    ("keys", "model"),
    [
        ({"QueryRetrieveLevel": "STUDY", "PatientID": "", "SeriesInstanceUID": ""}, STUDY_ROOT),
        ({"QueryRetrieveLevel": "SERIES", **STUDY}, STUDY_ROOT),
        ({"QueryRetrieveLevel": "STUDY", "PatientID": "1"}, PATIENT_ROOT),
        ({"PatientID": "1"}, WORKLIST),
    ],
)
def test_is_quiet_about_whole_hierarchies(keys: dict[str, Any], model: str) -> None:
    assert is_quiet(RULE, asked(keys, model=model))


def test_is_quiet_where_relational_queries_were_negotiated() -> None:
    agreed = {"user_information": UserInformation(extended=(ExtendedNegotiation(STUDY_ROOT, b"\x01"),))}
    keys = {"QueryRetrieveLevel": "SERIES"}
    assert is_quiet(RULE, asked(keys, association={"request_fields": agreed, "accept_fields": agreed}))
    assert hits(RULE, asked(keys, association={"request_fields": agreed}))


@real.here
def test_is_quiet_about_real_queries() -> None:
    assert not [
        h
        for name in real.names()
        if "/" in name
        for h in hits(RULE, real.analysis(name).traffic)
        if h.severity != "note"
    ]


def test_is_quiet_where_the_negotiation_was_not_captured() -> None:
    """The two may have agreed on relational queries."""
    keys = {"QueryRetrieveLevel": "SERIES"}
    assert not hits(RULE, asked(keys, association={"request": None}))
    assert not hits(RULE, asked(keys, association={"accept": None}))
    assert hits(RULE, asked({"QueryRetrieveLevel": "PATIENT"}, association={"request": None}))


def test_is_quiet_where_the_identifier_was_not_captured_whole() -> None:
    traffic = asked({"QueryRetrieveLevel": "SERIES"})
    [exchange] = traffic.exchanges
    assert exchange.payload is not None
    exchange.payload = replace(exchange.payload, complete=False, sha256=None)
    assert is_quiet(RULE, traffic)
