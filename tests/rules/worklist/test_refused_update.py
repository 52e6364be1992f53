"""DS-MWL-005: updates that were refused or came too late, with the history of their step."""

from typing import Any

import pytest

from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.worklist.refused_update import RULE
from tests.captures import real
from tests.forge.dialogue import N_CREATE, N_SET, RESPONSE, Dialogue, data_set
from tests.forge.wire import BACK
from tests.forge.workflow import Day
from tests.rules.applying import is_quiet, only
from tests.rules.judging import shape
from tests.rules.spoken import traffic_of

MPPS = "1.2.840.10008.3.1.2.3.3"


def test_fires_for_a_second_final_update() -> None:
    day = Day()
    day.create()
    day.set()
    day.set(status=0x0110, to="DISCONTINUED", fields={"error_id": 0xA710})
    hit = only(RULE, day.traffic())
    assert "refused by PACS (10.0.0.2:104): 0x0110" in hit.message and "error ID 0xA710" in hit.message
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


@pytest.mark.parametrize(
    ("waits", "told", "act"),
    [(False, "it was sent before the answer", Side.REQUESTOR), (True, "it had been created here", Side.ACCEPTOR)],
)
def test_an_update_that_did_not_wait_for_its_creation_is_its_senders_fault(waits: bool, told: str, act: Side) -> None:
    """As with asynchronous libraries that send all they have."""
    names: dict[str, Any] = {"AffectedSOPInstanceUID": "1.2.3.4"}

    def talk(d: Dialogue) -> None:
        def created() -> None:
            d.message(BACK, MPPS, CommandField=N_CREATE | RESPONSE, MessageIDBeingRespondedTo=1, Status=0, **names)

        d.ask(N_CREATE, MPPS, data_set(PerformedProcedureStepStatus="IN PROGRESS"), **names)
        if waits:
            created()
        d.ask(N_SET, MPPS, data_set(PerformedProcedureStepStatus="COMPLETED"), RequestedSOPInstanceUID="1.2.3.4")
        if not waits:
            created()
        d.answer(N_SET, MPPS, 0x0112, **names)

    traffic = traffic_of(talk, MPPS)
    hit = only(RULE, traffic)
    assert told in hit.message and hit.act is act
    assert shape(traffic) == [(RULE.id, [] if waits else ["DS-DIMSE-007"])]


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
