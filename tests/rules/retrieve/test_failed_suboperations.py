"""DS-RET-006: retrieves that did not bring everything, and why."""

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.retrieve.failed_suboperations import RULE
from dicomsniff.rules.runner import judge
from tests.forge.retrieve import Move, delivered
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.rules.applying import is_quiet, only
from tests.rules.retrieve.real_retrieves import root, rules

STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.3"


def test_counts_the_statuses_of_the_destination() -> None:
    forge = TrafficForge()
    move = Move(forge)
    callback = move.callback()
    for number, status in enumerate((0, 0xA700, 0xA700, 0xC000), 1):
        move.store(callback, number, status=status)
    move.done(0xB000, (None, 1, 3, 0))
    hit = only(RULE, forge.traffic())
    assert hit.message.startswith("1 of 4 objects retrieved from PACS (10.0.0.2:104) for 'WS1', 3 failed: 2 × 0xA700")
    assert "1 × 0xC000" in hit.message
    assert (hit.act, hit.actor) == (Side.REQUESTOR, "WS1 (10.0.0.1:11112)")


def test_objects_that_were_never_sent_are_the_archives_matter() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(), 1)
    move.done(0xB000, (None, 1, 1, 0), failed=["1.2.3.1.2"])
    hit = only(RULE, forge.traffic())
    assert "1 never sent" in hit.message and (hit.act, hit.facts["not_sent"]) == (Side.ACCEPTOR, 1)


def test_says_nothing_of_what_the_capture_does_not_show() -> None:
    for blind in (False, True):
        forge = TrafficForge()
        move = Move(forge)
        if blind:
            move.store(move.callback(blind=[Blind.HOLE_TO_ACCEPTOR]), 1)
        move.done(0xB000, (None, 1, 1, 0), failed=["1.2.3.1.2"])
        hit = only(RULE, forge.traffic())
        assert "does not show in this capture" in hit.message and hit.act is Side.UNKNOWN


def test_an_association_that_broke_in_the_middle_goes_below() -> None:
    forge = TrafficForge()
    move = Move(forge)
    callback = move.callback(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)])
    move.store(callback, 1)
    move.store(callback, 2, status=None)
    move.done(0xB000, (None, 1, 1, 0))
    [finding] = [f for f in judge(forge.traffic()).findings if f.severity is Severity.ERROR]
    assert finding.rule == "DS-RET-006" and "never answered" in finding.message
    assert "DS-ASSOC-008" in [c.rule for c in finding.children]


def test_the_archive_that_left_its_own_delivery_is_the_one_to_look_at() -> None:
    for who, act, actor in (("requestor", Side.ACCEPTOR, "PACS"), ("acceptor", Side.REQUESTOR, "WS1")):
        forge = TrafficForge()
        move = Move(forge)
        callback = move.callback(outcome=Outcome.ABORTED, aborts=[(who, 0, 0)])
        move.store(callback, 1, status=None)
        move.done(0xA702, (None, 0, 1, 0))
        hit = only(RULE, forge.traffic())
        assert hit.act is act and (hit.actor or "").startswith(actor)
        assert f"never answered ({actor} (10.0.0." in hit.message and "aborted)" in hit.message


def test_a_refused_object_of_a_c_get_is_the_requestors_refusal() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_GET, [IMPLICIT], 0), (CT, [IMPLICIT], 0)])
    get = forge.exchange(association, "C-GET")
    forge.exchange(association, "C-STORE", requested_by="acceptor", context_id=3, status=0xA700, parent=get)
    forge.answer(get, 0xA702, suboperations=(None, 0, 1, 0))
    hit = only(RULE, forge.traffic())
    assert "the C-GET ended with 0xA702" in hit.message and hit.act is Side.REQUESTOR


def test_warnings_alone_are_a_warning() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(), 1, status=0xB000)
    move.done(0xB000, (None, 0, 0, 1))
    hit = only(RULE, forge.traffic())
    assert "All objects were retrieved" in hit.message and hit.severity is Severity.WARNING


def test_is_quiet_when_all_came_or_another_kind_of_failure_was_answered() -> None:
    forge = TrafficForge()
    delivered(forge)
    for status in (0xA801, 0xA900, 0xFE00):
        Move(forge, study=f"1.2.{status}").done(status)
    assert is_quiet(RULE, forge.traffic())


def test_fires_on_real_captures() -> None:
    for name in ("partly", "get_partly"):
        assert rules(name) == ["DS-RET-006"]
        found = root(name, "DS-RET-006")
        assert "2 of 3 objects retrieved" in found.message and "1 × 0xA700" in found.message
        assert [c.rule for c in found.children] == ["DS-STORE-001"]


def test_answers_that_were_not_captured_are_no_failures() -> None:
    for unseen in (True, False):
        forge = TrafficForge()
        move = Move(forge)
        callback = move.callback()
        move.store(callback, 1)
        move.store(callback, 2, status=None, unseen=unseen)
        move.done(0)
        assert is_quiet(RULE, forge.traffic()) is unseen


def test_that_the_archive_left_a_delivery_early_is_told_under_what_came_of_it() -> None:
    forge = TrafficForge()
    move = Move(forge)
    callback = move.callback()
    move.store(callback, 1)
    move.store(callback, 2, status=None)
    move.done(0)
    [finding] = [f for f in judge(forge.traffic(), fence=False).findings if f.severity is Severity.ERROR]
    assert finding.rule == RULE.id and [child.rule for child in finding.children] == ["DS-ASSOC-014"]


def test_an_archive_that_counts_every_answer_had_them() -> None:
    forge = TrafficForge()
    move = Move(forge)
    callback = move.callback()
    move.store(callback, 1)
    move.store(callback, 2, status=None)
    move.done(0, (None, 2, 0, 0))
    assert is_quiet(RULE, forge.traffic())
