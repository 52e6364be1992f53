"""DS-MWL-006: procedure steps that were never finished, or that do not say what was stored."""

from dicomsniff.association.values import Blind
from dicomsniff.rules.finding import Side
from dicomsniff.rules.worklist.unfinished_step import RULE
from tests.captures import real
from tests.forge.workflow import MPPS, Day, scheduled
from tests.rules.applying import doubts, hits, is_quiet, only

HOUR = 3600.0


def test_fires_after_hours_without_an_end() -> None:
    day = Day()
    day.create()
    day.stores("1.1")
    day.wait(5 * HOUR).stores("1.2")
    hit = only(RULE, day.traffic())
    assert "Procedure step for accession number ⟦A1⟧ on CT01 (10.0.0.1) was started at" in hit.message
    assert "not finished in the 5 h" in hit.message and hit.act is Side.REQUESTOR


def test_fires_where_the_station_went_on_to_its_next_step_long_ago() -> None:
    day = Day()
    day.create("5.1")
    day.create("5.2")
    day.set("5.2")
    day.wait(2.5 * HOUR).stores("1.1")
    assert "the station began its next step at" in only(RULE, day.traffic()).message


def test_fires_where_stored_objects_are_not_listed() -> None:
    day = Day()
    day.create()
    day.stores("1.1", "1.2", "1.3")
    day.set(images=["1.1", "1.2"])
    hit = only(RULE, day.traffic())
    assert "lists 2 objects, but 3 objects of its series were stored before; it does not list 1.3" in hit.message


def test_fires_where_the_study_is_not_that_of_the_worklist_item() -> None:
    day = Day()
    day.worklist(scheduled())
    day.create(study="7.7.7")
    day.set()
    hit = only(RULE, day.traffic())
    assert "names study 7.7.7; the worklist item that the station was given names 1.2.3" in hit.message


def test_is_quiet_where_it_was_finished_and_lists_what_was_stored() -> None:
    day = Day()
    day.worklist(scheduled())
    day.create()
    day.stores("1.1", "1.2")
    day.set(images=["1.1", "1.2", "1.9"])
    day.stores("1.3")
    assert is_quiet(RULE, day.wait(9 * HOUR).traffic())


def test_is_quiet_where_the_creation_or_the_end_was_refused() -> None:
    day = Day()
    day.create(status=0x0110)
    day.create("5.2")
    day.set("5.2", 0x0110)
    day.wait(9 * HOUR).stores("1.1")
    assert not hits(RULE, day.traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)


def test_is_inconclusive_where_the_capture_is_too_short() -> None:
    day = Day()
    day.create()
    assert doubts(RULE, day.wait(HOUR).traffic()) == [
        "the capture ended while the examination may still have been going on"
    ]


def test_is_inconclusive_where_an_update_may_have_escaped() -> None:
    day = Day()
    day.create()
    day.associate(MPPS, blind=[Blind.HOLE_TO_ACCEPTOR])
    day.wait(9 * HOUR).stores("1.1")
    assert "not captured" in doubts(RULE, day.traffic())[0]


def test_is_inconclusive_where_the_last_update_has_no_answer() -> None:
    day = Day()
    day.create()
    day.set(status=None)
    day.wait(9 * HOUR).stores("1.1")
    assert "is not in the capture" in doubts(RULE, day.traffic())[0]


def test_is_inconclusive_where_the_capture_dropped_packets() -> None:
    day = Day()
    day.forge.capture(dropped=3)
    day.create()
    assert doubts(RULE, day.wait(5 * HOUR).traffic()) and not hits(RULE, day.traffic())


def test_an_end_that_lists_no_objects_at_all_leaves_none_out() -> None:
    day = Day()
    day.create()
    day.stores("1.1", "1.2")
    day.set()
    assert is_quiet(RULE, day.traffic())
