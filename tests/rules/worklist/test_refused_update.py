"""DS-MWL-005: updates that were refused or came too late, with the history of their step."""

from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.worklist.refused_update import RULE
from tests.captures import real
from tests.forge.workflow import Day
from tests.rules.applying import is_quiet, only


def test_fires_for_a_second_final_update() -> None:
    day = Day()
    day.create()
    day.set()
    day.set(status=0x0110, to="DISCONTINUED", fields={"error_id": 0xA710})
    hit = only(RULE, day.traffic())
    assert "refused by PACS (10.0.0.2:104): 0x0110" in hit.message and "error ID 42768" in hit.message
    assert "it was already COMPLETED at" in hit.message and hit.act is Side.REQUESTOR


def test_fires_for_a_step_whose_creation_was_refused_or_is_not_here() -> None:
    day = Day()
    day.create(status=0x0110)
    day.set(status=0x0112)
    hit = only(RULE, day.traffic())
    assert "its creation had been refused with 0x0110" in hit.message and hit.severity is Severity.NOTE
    day = Day()
    day.set(status=0x0112)
    hit = only(RULE, day.traffic())
    assert "its creation is not in this capture" in hit.message and hit.act is Side.UNKNOWN


def test_fires_at_the_server_that_forgot() -> None:
    day = Day()
    day.create()
    day.set(status=0x0112)
    hit = only(RULE, day.traffic())
    assert "it had been created here" in hit.message and hit.act is Side.ACCEPTOR


def test_fires_as_a_warning_where_an_update_after_the_end_was_accepted() -> None:
    day = Day()
    day.create()
    day.set()
    day.set(to="IN PROGRESS")
    assert only(RULE, day.traffic()).severity is Severity.WARNING


def test_is_quiet_for_progress_and_one_end() -> None:
    day = Day()
    day.create(status=0x0110)
    day.create("5.2")
    day.set("5.2", to="IN PROGRESS")
    day.set("5.2")
    assert is_quiet(RULE, day.traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)
