"""DS-MWL-002: worklist items without what was asked for and must have a value."""

from dicomsniff.association.values import Outcome
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.worklist.incomplete_item import RULE
from tests.captures import real
from tests.forge.traffic import WORKLIST
from tests.forge.workflow import Day, item, scheduled
from tests.rules.applying import hits, is_quiet, only

EVERYTHING = item(
    PatientName="", PatientID="", StudyInstanceUID="", RequestedProcedureID="", ScheduledProcedureStepSequence=[
        item(Modality="CT", ScheduledStationAETitle="", ScheduledProcedureStepStartDate="", ScheduledProcedureStepStartTime="",
             ScheduledProcedureStepID="")
    ],
)  # fmt: skip


def test_fires_with_the_tags_that_are_missing_or_empty() -> None:
    day = Day()
    day.worklist(scheduled(), scheduled(StudyInstanceUID=None, ScheduledProcedureStepID=""), keys=EVERYTHING)
    hit = only(RULE, day.traffic())
    assert (
        "for accession number ⟦A1⟧ of PACS (10.0.0.2:104): lacks StudyInstanceUID (0020,000D) and ScheduledProcedureStepID (0040,0009)"
        in hit.message
    )
    assert hit.severity is Severity.WARNING and hit.act is Side.ACCEPTOR
    assert hit.facts["lacking"] == ["StudyInstanceUID", "ScheduledProcedureStepID"]


def test_fires_as_an_error_where_the_modality_aborted() -> None:
    day = Day()
    cut = day.associate(WORKLIST, outcome=Outcome.ABORTED)
    day.worklist(scheduled(StudyInstanceUID=None), keys=EVERYTHING, association=cut)
    assert only(RULE, day.traffic()).severity is Severity.ERROR


def test_fires_for_a_step_beside_its_sequence_and_for_two_steps() -> None:
    day = Day()
    flat = scheduled(ScheduledProcedureStepSequence=[])
    flat.Modality, flat.ScheduledStationAETitle = "CT", "CT01"
    two = scheduled(ScheduledProcedureStepSequence=[item(Modality="CT"), item(Modality="CT")])
    day.worklist(flat, two, keys=EVERYTHING)
    first, second = hits(RULE, day.traffic())
    assert "lie beside" in first.message and "has 2 items" in second.message


def test_a_sequence_of_length_zero_asks_for_the_whole_step() -> None:
    day = Day()
    empty = scheduled(ScheduledProcedureStepSequence=[])
    day.worklist(empty, keys=item(ScheduledProcedureStepSequence=[]))
    assert "lacks ScheduledProcedureStepSequence (0040,0100)" in only(RULE, day.traffic()).message


def test_is_quiet_where_it_was_not_asked_for() -> None:
    day = Day()
    bare = item(PatientName="A^B", ScheduledProcedureStepSequence=[item(Modality="CT")])
    day.worklist(bare, keys=item(PatientName="", ScheduledProcedureStepSequence=[item(Modality="CT")]))
    day.worklist(scheduled(), keys=EVERYTHING)
    assert is_quiet(RULE, day.traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)
