"""DS-FIND-001: queries that failed."""

from typing import Any

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Side
from dicomsniff.rules.query.failed_query import RULE
from tests.forge.traffic import IMPLICIT, STUDY_FIND, WORKLIST, TrafficForge, data_set
from tests.rules.applying import is_quiet, only


def _traffic(status: int, sop_class: str = STUDY_FIND, comment: str | None = None, **keys: Any) -> Traffic:
    forge = TrafficForge()
    association = forge.association(contexts=[(sop_class, [IMPLICIT], 0)])
    forge.exchange(association, "C-FIND", status=status, data=data_set(**keys), error_comment=comment)
    return forge.traffic()


def test_fires_with_level_meaning_and_comment() -> None:
    hit = only(RULE, _traffic(0xC001, comment="database down", QueryRetrieveLevel="STUDY", StudyInstanceUID=""))
    assert "Query at level STUDY (no matching keys) failed at PACS" in hit.message
    assert "0xC001 (Unable to process): ⟪comment 'database down'⟫" in hit.message


def test_fires_quoting_patient_values_only_between_marks() -> None:
    keys = {"QueryRetrieveLevel": "STUDY", "PatientName": "DOE*", "StudyInstanceUID": "1.2"}
    hit = only(RULE, _traffic(0xA700, **keys))
    assert "PatientName='⟦DOE*⟧'" in hit.message and "StudyInstanceUID='1.2'" in hit.message
    assert hit.facts["keys"] == {"PatientName": "DOE*", "StudyInstanceUID": "1.2"}


def test_fires_and_points_at_the_requestor_when_a_unique_key_is_missing() -> None:
    hit = only(RULE, _traffic(0xA900, QueryRetrieveLevel="SERIES", Modality="CT"))
    assert "no value for StudyInstanceUID" in hit.message and hit.act is Side.REQUESTOR


def test_fires_for_a_query_without_level_that_was_answered_with_another_code() -> None:
    assert "no Query/Retrieve Level" in only(RULE, _traffic(0xC000, PatientID="1")).message


def test_fires_for_a_worklist_without_asking_for_a_level() -> None:
    hit = only(RULE, _traffic(0xC000, WORKLIST, PatientID="1"))
    assert hit.message.startswith("Worklist query (PatientID=") and "Note:" not in hit.message


@pytest.mark.parametrize(
    "model", ["1.2.840.10008.5.1.4.37.1", "1.2.840.10008.5.1.4.38.2", "1.2.840.10008.5.1.4.34.6.3"]
)
def test_asks_no_level_of_models_that_have_none(model: str) -> None:
    hit = only(RULE, _traffic(0xC100, model, PatientID="1"))
    assert "Note:" not in hit.message and hit.act is Side.ACCEPTOR


@pytest.mark.parametrize("status", [0x0000, 0xFE00, 0xB001])
def test_is_quiet_about_success_cancel_and_response_limit(status: int) -> None:
    assert is_quiet(RULE, _traffic(status, QueryRetrieveLevel="STUDY"))


def test_is_quiet_about_a_query_that_is_still_running() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=[(STUDY_FIND, [IMPLICIT], 0)]), "C-FIND", pending=5)
    assert is_quiet(RULE, forge.traffic())


@pytest.mark.parametrize(
    ("status", "comment", "level", "words"),
    [
        (0xC001, "database down", "STUDY", "for what its comment says"),
        (0xC001, None, "STUDY", "for the reason, which it did not send"),
        (0xA700, None, "STUDY", "Narrow the query"),
        (0xA900, "bad key", "SERIES", "Give the level and the unique keys"),
    ],
)
def test_what_to_do_is_about_what_was_said(status: int, comment: str | None, level: str, words: str) -> None:
    fix = only(RULE, _traffic(status, comment=comment, QueryRetrieveLevel=level)).fix
    assert fix is not None and words in fix
