"""What was asked for, and what an item lacks of it."""

from dicomsniff.association.worklist import worklist_queries
from dicomsniff.rules.worklist.items import asked, flawed_items, lacks
from tests.forge.workflow import Day, item, scheduled


def test_only_keys_of_type_one_count() -> None:
    day = Day()
    day.worklist(
        scheduled(), keys=item(AccessionNumber="", PatientID="", ScheduledProcedureStepSequence=[item(Modality="")])
    )
    [query] = worklist_queries(day.traffic())
    assert query.keys is not None
    wanted = asked(query.keys)
    assert wanted == {"PatientID", "Modality", "ScheduledProcedureStepSequence"}
    assert lacks(query.items[0].data, wanted) == ((), None)


def test_items_that_lack_the_same_are_one() -> None:
    day = Day()
    day.worklist(*(scheduled(PatientID="", AccessionNumber=str(n)) for n in range(5)), keys=item(PatientID=""))
    [flawed] = flawed_items(day.traffic())
    assert flawed.items == 5 and flawed.lacking == ("PatientID",)
