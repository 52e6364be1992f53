"""Objects: by class and encoding, and one by one; the faulty are never left out for the healthy."""

from dicomsniff.report.html.objects import OBJECTS, objects
from tests.captures.real import analysis, here
from tests.forge.traffic import TrafficForge
from tests.report.forged import many_exchanges, report_of


def test_of_very_many_objects_the_failed_are_shown_and_the_rest_counted() -> None:
    made = objects(report_of(many_exchanges(5000)))
    assert len(made.objects) == OBJECTS and made.objects_left == 4800
    assert [one.exchange for one in made.objects if one.tone == "error"] == [1000, 2000, 3000, 4000, 5000]
    assert made.kinds[0].number == 5000 and made.kinds[0].failed == 5


def test_an_answer_that_was_not_captured_is_no_failure() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE")
    traffic = forge.traffic()
    traffic.exchanges[0].unseen = True
    [one] = objects(report_of(traffic)).objects
    assert (one.answer, one.tone) == ("not captured", "")


def test_no_object_no_table() -> None:
    assert objects(report_of(TrafficForge().traffic())).kinds == []


@here
def test_real_objects_stand_under_their_class_and_encoding() -> None:
    made = objects(analysis("store_series").report())
    assert sum(kind.number for kind in made.kinds) == 7 and len({kind.sop_class for kind in made.kinds}) == 6
    assert all(one.whole and one.answer == "0x0000 success" for one in made.objects)
    assert any(kind.rate for kind in made.kinds)


@here
def test_an_object_that_was_never_answered_is_not_stored() -> None:
    made = objects(analysis("scp_dies").report())
    assert [(one.answer, one.tone) for one in made.objects] == [("0x0000 success", ""), ("never answered", "error")]
    assert made.kinds[0].failed == 1
