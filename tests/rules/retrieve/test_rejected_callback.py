"""DS-RET-004: deliveries that the destination did not let in."""

import pytest

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.retrieve.rejected_callback import RULE
from dicomsniff.rules.runner import judge
from tests.forge.retrieve import Move, delivered
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.rules.applying import doubts, hits, is_quiet, only
from tests.rules.retrieve.real_retrieves import root, rules


@pytest.mark.parametrize(
    ("codes", "act", "fix"),
    [
        ((1, 1, 3), Side.REQUESTOR, "Register 'PACS' with address 10.0.0.2"),
        ((1, 1, 7), Side.ACCEPTOR, "which is not 'WS1'"),
        ((2, 3, 2), Side.REQUESTOR, "Raise the limit"),
        ((1, 1, 1), Side.REQUESTOR, "Look into the log of WS1"),
    ],
)
def test_fires_on_each_rejection_and_names_who_must_act(codes: tuple[int, int, int], act: Side, fix: str) -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.rejected(*codes)
    move.done(0xA702, (None, 0, 3, 0))
    hit = only(RULE, forge.traffic())
    assert "WS1 (10.0.0.1:11112) rejected the delivery" in hit.message and "'PACS' (10.0.0.2)" in hit.message
    assert f"({codes[0]}/{codes[1]}/{codes[2]})" in hit.message and hit.act is act and fix in (hit.fix or "")


def test_fires_on_an_abort_before_the_first_object() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.callback(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)])
    move.done(0xA702)
    assert "aborted before the first object" in only(RULE, forge.traffic()).message


def test_a_third_host_is_named_though_it_is_no_side_of_the_move() -> None:
    forge = TrafficForge()
    move = Move(forge, "GATE", client="10.0.0.3")
    move.rejected(1, 1, 3)
    move.done(0xA702)
    hit = only(RULE, forge.traffic())
    assert hit.act is Side.UNKNOWN and hit.actor == "GATE (10.0.0.1:11112)"


def test_the_rejection_itself_goes_below() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.rejected(1, 1, 3)
    move.done(0xA702, (None, 0, 3, 0))
    [finding] = judge(forge.traffic()).findings
    assert finding.rule == "DS-RET-004"
    assert sorted(c.rule for c in finding.children) == ["DS-ASSOC-002", "DS-DIMSE-008", "DS-RET-006"]


def test_is_quiet_when_a_later_try_was_let_in_and_everything_came() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.rejected(2, 3, 2)
    move.store(move.callback())
    move.done(0, (None, 1, 0, 0))
    delivered(forge, study="1.2.4")
    assert is_quiet(RULE, forge.traffic())


def test_is_quiet_about_contexts_and_refused_connections() -> None:
    forge = TrafficForge()
    for way in range(2):
        move = Move(forge, study=f"1.2.{way}")
        if way:
            move.callback(contexts=[(CT, [IMPLICIT], 3)], outcome=Outcome.ABORTED)
        else:
            move.refused()
        move.done(0xA702)
    assert is_quiet(RULE, forge.traffic())


def test_is_inconclusive_about_what_the_capture_missed() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.callback(outcome=Outcome.CLOSED, blind=[Blind.HOLE_TO_REQUESTOR], contexts=[(CT, [IMPLICIT], None)])
    move.done(0xA702)
    assert hits(RULE, forge.traffic()) == [] and len(doubts(RULE, forge.traffic())) == 1


def test_fires_on_real_captures() -> None:
    assert rules("rejected_called") == rules("rejected_calling") == ["DS-RET-004"]
    calling = root("rejected_calling", "DS-RET-004")
    assert "calling-AE-title-not-recognized" in calling.message and "'ARCHIVE'" in calling.fix
    assert [c.rule for c in calling.children] == ["DS-ASSOC-002"]
    called = root("rejected_called", "DS-RET-004")
    assert "address and time alone" in called.message and called.severity is Severity.ERROR


def test_a_title_that_the_destination_takes_from_others_is_not_what_is_wrong() -> None:
    forge = TrafficForge()
    forge.association(Move(forge).connect(), calling="OTHER", called="WS1")
    move = Move(forge)
    move.rejected(1, 1, 7)
    move.done(0xA702)
    hit = only(RULE, forge.traffic())
    assert hit.act is Side.UNKNOWN and "it takes the title 'WS1' from others" in (hit.fix or "")


@pytest.mark.parametrize(("wait", "act"), [(0.1, Side.ACCEPTOR), (20, Side.REQUESTOR)])
def test_an_archive_that_went_before_it_could_be_answered_must_act(wait: float, act: Side) -> None:
    forge = TrafficForge()
    move = Move(forge)
    contexts = [(CT, [IMPLICIT], None)]
    move.callback(outcome=Outcome.UNANSWERED, closed_by="requestor", contexts=contexts, end_after=wait)
    move.done(0xA702)
    assert only(RULE, forge.traffic()).act is act


def test_an_archive_that_closes_before_the_first_object_must_act() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.callback(outcome=Outcome.CLOSED, closed_by="requestor")
    move.done(0xA702)
    assert only(RULE, forge.traffic()).act is Side.ACCEPTOR
