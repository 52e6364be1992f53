"""What an N-CREATE must carry, and the words for a step."""

from dicomsniff.association.procedure_steps import procedure_steps
from dicomsniff.rules.worklist.steps import facts, missing, named
from tests.forge.workflow import Day


def test_what_is_missing_is_told_by_tag_and_only_where_the_data_set_was_read() -> None:
    day = Day()
    day.create(study=None, Modality=None)
    day.create("5.2", PerformedProcedureStepStatus=None)
    whole, _ = procedure_steps(day.traffic())
    assert missing(whole.creates[0].data) == [0x00080060, 0x0020000D]
    assert missing(None) == []


def test_a_step_is_named_by_its_accession_number_masked() -> None:
    day = Day()
    day.create()
    traffic = day.traffic()
    [step] = procedure_steps(traffic)
    assert named(step) == " for accession number ⟦A1⟧"
    assert facts(step, step.creates[0], traffic)["history"] == ["N-CREATE IN PROGRESS 0x0000"]
