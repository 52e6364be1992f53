"""DS-MWL-004: procedure steps whose creation was refused, or is not as it must be."""

from typing import Any

import pytest

from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.worklist.refused_creation import RULE
from tests.captures import real
from tests.forge.workflow import Day
from tests.rules.applying import hits, is_quiet, only


def test_fires_for_a_refused_creation_with_what_it_lacks() -> None:
    day = Day()
    day.create(status=0x0120, fields={"attribute_identifiers": (0x00400253,)}, PerformedProcedureStepID=None)
    hit = only(RULE, day.traffic())
    assert (
        "MPPS start for accession number ⟦A1⟧ of CT01 (10.0.0.1) refused by PACS (10.0.0.2:104): 0x0120" in hit.message
    )
    assert (
        "it lacks PerformedProcedureStepID (0040,0253)" in hit.message
        and hit.severity is Severity.ERROR
        and hit.act is Side.REQUESTOR
    )


def test_fires_for_a_wrong_status_even_where_it_was_accepted() -> None:
    for status, severity in ((0x0106, Severity.ERROR), (0, Severity.WARNING)):
        day = Day()
        day.create(status=status, PerformedProcedureStepStatus="COMPLETED")
        hit = only(RULE, day.traffic())
        assert "its status is COMPLETED, not IN PROGRESS" in hit.message and hit.severity is severity


def test_trouble_inside_the_server_is_its_own() -> None:
    day = Day()
    day.create(status=0x0110)
    assert only(RULE, day.traffic()).act is Side.ACCEPTOR


def test_a_duplicate_after_a_lost_answer_is_harmless_and_another_step_under_its_uid_is_not() -> None:
    for patient, severity in (("P1", Severity.NOTE), ("P2", Severity.ERROR)):
        day = Day()
        day.create()
        day.create(status=0x0111, PatientID=patient)
        assert only(RULE, day.traffic()).severity is severity


@pytest.mark.parametrize("keyword", ["Modality", "PerformedStationAETitle", "ScheduledStepAttributesSequence"])
def test_what_lacks_and_was_accepted_is_a_remark(keyword: str) -> None:
    day = Day()
    lacking: dict[str, Any] = {keyword: None}
    day.create(**lacking)
    assert only(RULE, day.traffic()).severity is Severity.NOTE


def test_is_quiet_where_the_creation_was_whole_and_accepted_or_never_answered() -> None:
    day = Day()
    day.create()
    day.create("5.2", None, Modality=None)
    day.set(status=0x0112)
    assert is_quiet(RULE, day.traffic())


@real.here
def test_the_real_workflow_gets_no_more_than_a_remark() -> None:
    assert {hit.severity for hit in hits(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)} == {Severity.NOTE}
