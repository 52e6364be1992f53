"""DS-FIND-001: queries that failed."""

from typing import Any

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.pdu.values import ExtendedNegotiation, UserInformation
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


@pytest.mark.parametrize(("status", "act"), [(0xA900, Side.UNKNOWN), (0xA700, Side.UNKNOWN), (0xC000, Side.ACCEPTOR)])
def test_who_finds_fault_with_a_sound_identifier_may_be_mistaken(status: int, act: Side) -> None:
    assert only(RULE, _traffic(status, QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2")).act is act


def test_what_the_archive_answers_at_other_times_is_not_why_it_failed() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_FIND, [IMPLICIT], 0)])
    for status, matches in ((0, [data_set(SeriesInstanceUID="1.2.3")]), (0xC000, [])):
        keys = data_set(QueryRetrieveLevel="SERIES", Modality="CT")
        forge.exchange(association, "C-FIND", status=status, data=keys, answers=matches)
    hit = only(RULE, forge.traffic())
    assert "Note:" not in hit.message and hit.act is Side.ACCEPTOR


@pytest.mark.parametrize("seen", [True, False])
def test_relational_queries_and_unseen_negotiations_need_not_name_what_lies_above(seen: bool) -> None:
    agreed = UserInformation(extended=(ExtendedNegotiation(STUDY_FIND, b"\x01"),))
    fields: dict[str, Any] = {name: {"user_information": agreed} for name in ("request_fields", "accept_fields")}
    forge = TrafficForge()
    talk = fields if seen else {"request": None}
    association = forge.association(contexts=[(STUDY_FIND, [IMPLICIT], 0)], **talk)
    forge.exchange(association, "C-FIND", status=0xC000, data=data_set(QueryRetrieveLevel="SERIES", Modality="CT"))
    assert only(RULE, forge.traffic()).act is Side.ACCEPTOR


def test_a_query_without_keys_is_not_to_have_fewer() -> None:
    bare = only(RULE, _traffic(0xC001, QueryRetrieveLevel="STUDY", PatientID="")).fix or ""
    keyed = only(RULE, _traffic(0xC001, QueryRetrieveLevel="STUDY", PatientID="1")).fix or ""
    assert bare.endswith("try the query with a key, such as a Study Date.")
    assert keyed.endswith("try the query with fewer keys.")
