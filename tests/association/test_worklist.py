"""Worklist queries with the items that they were given."""

from dicomsniff.association.worklist import worklist_queries
from tests.captures import real
from tests.forge.workflow import Day, scheduled


@real.here
def test_the_real_query_was_given_three_steps() -> None:
    [query] = worklist_queries(real.analysis("workflow_mwl_mpps_commit").traffic)
    assert [item.accession_number for item in query.items] == ["ACC0", "ACC1", "ACC2"]
    assert [item.step.get("ScheduledProcedureStepID") for item in query.items] == ["SPS0", "SPS1", "SPS2"]
    assert query.matches == 3 and query.station == ("10.77.0.1", "MODALITY")


def test_equal_items_are_read_once() -> None:
    day = Day()
    for _ in range(2):
        day.worklist(scheduled(), scheduled(AccessionNumber="A2"))
    first, second = worklist_queries(day.traffic())
    assert first.items[0].data is second.items[0].data
    assert first.items[1].accession_number == "A2" and first.items[0].study == "1.2.3"


def test_an_item_without_a_step_has_an_empty_one() -> None:
    day = Day()
    day.worklist(scheduled(ScheduledProcedureStepSequence=[]))
    [query] = worklist_queries(day.traffic())
    assert query.items[0].step.elements == ()
