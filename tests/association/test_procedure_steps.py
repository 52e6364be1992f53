"""Procedure steps: an N-CREATE with its N-SETs, at one server each."""

from dicomsniff.association.procedure_steps import procedure_steps
from dicomsniff.core import Endpoint
from tests.captures import real
from tests.forge.traffic import IMPLICIT
from tests.forge.workflow import MPPS, STUDY, Day


@real.here
def test_the_step_of_the_real_workflow_was_completed() -> None:
    [step] = procedure_steps(real.analysis("workflow_mwl_mpps_commit").traffic)
    assert [update.status for update in step.updates] == ["IN PROGRESS", "COMPLETED"]
    assert step.status == "COMPLETED" and step.finished is step.sets[0]


def test_updates_are_joined_by_instance_uid_over_associations() -> None:
    day = Day()
    day.create("5.1")
    day.create("5.2")
    day.set("5.1", images=["1.1", "1.2"])
    first, second = procedure_steps(day.traffic())
    assert [r.sop_instance for r in first.sets[0].performed] == ["1.1", "1.2"] and first.sets[0].lists
    assert not second.sets and second.status == "IN PROGRESS" and second.finished is None
    assert first.values("StudyInstanceUID") == (STUDY,) and first.values("AccessionNumber") == ("A1",)


def test_one_step_reported_to_two_servers_is_two() -> None:
    day = Day()
    day.create("5.1")
    other = day.forge.connection(responder=Endpoint("10.0.0.3", 104))
    day.create("5.1", association=day.forge.association(other, contexts=[(MPPS, [IMPLICIT], 0)]))
    assert [step.server.ip for step in procedure_steps(day.traffic())] == ["10.0.0.2", "10.0.0.3"]


def test_what_was_refused_does_not_count() -> None:
    day = Day()
    day.create("5.1", 0x0110)
    day.set("5.1", 0x0112)
    [step] = procedure_steps(day.traffic())
    assert step.created is None and step.finished is None and step.status is None


def test_a_duplicate_says_that_the_step_is_there() -> None:
    day = Day()
    day.create("5.1", None)
    day.create("5.1", 0x0111)
    [step] = procedure_steps(day.traffic())
    assert step.created is step.creates[1]
