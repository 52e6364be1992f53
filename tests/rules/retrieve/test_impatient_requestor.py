"""DS-RET-009: requestors that left while the archive was delivering."""

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.retrieve.impatient_requestor import RULE
from tests.forge.retrieve import Move, delivered
from tests.forge.traffic import TrafficForge
from tests.rules.applying import doubts, hits, is_quiet, only
from tests.rules.retrieve.real_retrieves import root, rules


def _left(waited: float, gap: float, **association: object) -> TrafficForge:
    """A requestor that leaves after `waited` seconds; three objects come `gap` seconds apart, two of them later."""
    forge = TrafficForge()
    move = Move(forge, association={"outcome": Outcome.ABORTED, "end_after": waited, **association})
    callback = move.callback()
    for number in range(1, 4):
        forge.wait(gap)
        move.store(callback, number)
    return forge


def test_fires_and_recognises_a_time_out() -> None:
    hit = only(RULE, _left(30, 1).traffic())
    assert "WS1 (10.0.0.1) gave up after 30 s (aborted; no pending response had come) while PACS" in hit.message
    assert "3 more objects came" in hit.message and "30 s is a time-out" in hit.message
    assert (hit.act, hit.facts["timeout_s"], hit.severity) == (Side.REQUESTOR, 30, None)


def test_fires_on_a_release_but_not_on_one_right_after_the_request() -> None:
    assert "(released;" in only(RULE, _left(8, 1, outcome=Outcome.RELEASED).traffic()).message
    assert is_quiet(RULE, _left(0.1, 1, outcome=Outcome.RELEASED).traffic())


def test_is_quiet_when_what_was_under_way_just_ended() -> None:
    assert is_quiet(RULE, _left(30, 0.1).traffic())


def test_is_quiet_when_the_archive_aborted_or_an_answer_came() -> None:
    assert is_quiet(RULE, _left(30, 1, aborts=[("acceptor", 0, 0)]).traffic())
    forge = TrafficForge()
    delivered(forge)
    assert is_quiet(RULE, forge.traffic())


def test_is_inconclusive_when_the_answer_may_have_gone_unseen() -> None:
    traffic = _left(30, 1, blind=[Blind.HOLE_TO_REQUESTOR]).traffic()
    assert hits(RULE, traffic) == [] and len(doubts(RULE, traffic)) == 1


def test_fires_on_a_real_capture_and_the_abort_follows_from_it() -> None:
    assert [rule for rule in rules("gave_up") if not rule.startswith("DS-PERF")] == ["DS-RET-009"]
    found = root("gave_up", "DS-RET-009")
    assert "4 more objects came" in found.message and found.severity is Severity.ERROR
    assert [c.rule for c in found.children] == ["DS-ASSOC-008"]
