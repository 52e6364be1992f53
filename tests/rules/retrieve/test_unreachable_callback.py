"""DS-RET-002: callbacks that were refused or not answered."""

import pytest

from dicomsniff.association.values import Kind, Outcome, Strength
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.negotiation import application_abort, protocol_abort
from dicomsniff.rules.retrieve.unreachable_callback import RULE
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport import closed_association, refused_connection
from tests.captures import real
from tests.forge import pdus
from tests.forge.dialogue import MOVE, Dialogue, data_set
from tests.forge.reading import traffic_of
from tests.forge.retrieve import LISTENER, Move, delivered
from tests.forge.traffic import IMPLICIT, STUDY_MOVE, TrafficForge
from tests.forge.wire import ACK, BACK, OUT, RST, SYN, Wire
from tests.rules.applying import doubts, hits, is_quiet, only
from tests.rules.retrieve.real_retrieves import root, rules

OPEN = {"outcome": Outcome.OPEN}
THIRD = Endpoint("10.0.0.8", 104)


def test_fires_when_the_callback_is_refused_and_says_how_it_is_known() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.refused()
    move.done(0xA702, (None, 0, 3, 0))
    hit = only(RULE, forge.traffic())
    assert "PACS (10.0.0.2:104) tries to deliver 'WS1' to 10.0.0.1:11112 but is refused (once)" in hit.message
    assert "0 completed, 3 failed" in hit.message and "probable" in hit.message
    assert (hit.act, hit.facts["host"], hit.facts["port"]) == (Side.UNKNOWN, "10.0.0.1", 11112)


def test_fires_naming_the_listener_that_answered_at_other_times() -> None:
    forge = TrafficForge()
    delivered(forge, study="1.2.4")
    move = Move(forge)
    move.refused()
    move.done(0xA702)
    hit = only(RULE, forge.traffic())
    assert "answers there at other times" in hit.message and hit.act is Side.REQUESTOR


def test_fires_naming_the_archive_where_the_title_answers_at_another_port() -> None:
    forge = TrafficForge()
    delivered(forge, study="1.2.4")
    move = Move(forge)
    move.refused(Endpoint(LISTENER.ip, 104))
    move.done(0xA702)
    hit = only(RULE, forge.traffic())
    assert "'WS1' answers at 10.0.0.1:11112 in this capture" in hit.message and hit.act is Side.ACCEPTOR


def test_says_when_nothing_but_address_and_time_speaks_for_it_and_accuses_nobody() -> None:
    forge = TrafficForge()
    move = Move(forge, "GATE")
    move.refused(THIRD)
    move.done(0xA702)
    hit = only(RULE, forge.traffic())
    assert "address and time alone" in hit.message and hit.act is Side.UNKNOWN
    assert hit.actor == "10.0.0.8 (should listen on port 104), or PACS (10.0.0.2:104) if that place is wrong"


def test_fires_when_syns_go_unanswered() -> None:
    forge = TrafficForge()
    move = Move(forge, "GATE")
    move.connect(THIRD, opened="unanswered", kind=Kind.EMPTY, syns=4)
    move.done(0xA702)
    assert "gets no answer (4 SYNs)" in only(RULE, forge.traffic()).message


def test_a_move_that_hangs_meanwhile_is_a_warning() -> None:
    forge = TrafficForge()
    Move(forge, association=OPEN).refused()
    hit = only(RULE, forge.traffic())
    assert hit.severity is Severity.WARNING and "was not answered" in hit.message


def test_success_that_counts_nothing_while_the_callback_is_refused_fires_too() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.refused()
    move.done(0, (None, 0, 0, 0))
    assert "0x0000" in only(RULE, forge.traffic()).message


def test_many_tries_are_one_finding() -> None:
    forge = TrafficForge()
    for _ in range(3):
        move = Move(forge)
        move.refused()
        move.refused()
        move.done(0xA702)
    [finding] = [f for f in judge(forge.traffic()).findings if f.rule == "DS-RET-002"]
    assert finding.count == 3 and "(twice)" in finding.message


def test_is_quiet_when_a_second_try_came_through_or_nothing_failed() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.refused()
    move.store(move.callback())
    move.done(0xB000, (None, 1, 2, 0))
    delivered(forge, study="1.2.4")
    assert is_quiet(RULE, forge.traffic())


def test_is_quiet_about_rejections() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.rejected(1, 1, 3)
    move.done(0xA702)
    assert is_quiet(RULE, forge.traffic())


def test_is_inconclusive_when_the_capture_ends_behind_the_syn_or_missed_the_answer() -> None:
    forge = TrafficForge()
    move = Move(forge, association=OPEN)
    move.connect(opened="unanswered", kind=Kind.EMPTY)
    assert hits(RULE, forge.traffic()) == [] and len(doubts(RULE, forge.traffic())) == 1
    forge = TrafficForge()
    move = Move(forge)
    move.connect(opened="unanswered", kind=Kind.EMPTY, syns=4, to_responder={"data_packets": 3})
    move.done(0xA702)
    assert hits(RULE, forge.traffic()) == [] and len(doubts(RULE, forge.traffic())) == 1


def test_a_syn_that_was_not_sent_again_accuses_nobody() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.connect(opened="unanswered", kind=Kind.EMPTY)
    move.done(0xA702)
    forge.wait(60).tick()
    assert hits(RULE, forge.traffic()) == [] and len(doubts(RULE, forge.traffic())) == 1


def test_what_the_move_says_of_itself_and_the_refused_connection_go_below() -> None:
    forge = TrafficForge()
    move = Move(forge, message_id=4)
    move.refused(LISTENER)
    move.done(0xA702, (None, 0, 3, 0))
    other = Move(forge, "GATE", message_id=5, beside=move)
    other.done(0xA900)
    roots = {f.rule: sorted(c.rule for c in f.children) for f in judge(forge.traffic()).findings}
    assert roots["DS-RET-002"] == ["DS-DIMSE-008", "DS-RET-006", "DS-TCP-001"]
    assert roots["DS-DIMSE-008"] == []  # the next C-MOVE of the same association failed for a reason of its own


def test_a_real_archive_that_calls_the_destination_unknown_is_contradicted_by_its_callback() -> None:
    assert rules("refused") == ["DS-RET-002"]
    found = root("refused", "DS-RET-002")
    assert "10.77.0.1:1234" in found.message and [c.rule for c in found.children] == ["DS-TCP-001"]


@real.here
def test_the_two_failed_moves_of_the_capture_have_different_causes() -> None:
    found = [f for f in real.analysis("query_retrieve").findings if f.severity is Severity.ERROR]
    assert [f.rule for f in found] == ["DS-RET-001", "DS-RET-002"]
    assert "10.77.0.1:5678" in found[1].message and "refused" in found[1].message
    assert sorted(c.rule for c in found[1].children) == ["DS-DIMSE-008", "DS-RET-006", "DS-TCP-001"]


def test_is_inconclusive_where_only_time_and_address_join_it_with_a_move_whose_end_was_not_captured() -> None:
    for unseen in (False, True):
        forge = TrafficForge()
        move = Move(forge, unseen=unseen)
        move.refused(THIRD)
        forge.exchange(move.association, "C-ECHO", status=0)
        traffic = forge.traffic()
        assert {d.strength for r in traffic.retrievals for d in r.deliveries} == {Strength.WEAK}
        assert bool(hits(RULE, traffic)) is not unseen


@pytest.mark.parametrize("abort", [None, 0, 2])
def test_an_archive_that_gives_the_move_up_unanswered_tells_the_same(abort: int | None) -> None:
    """It throws when the destination cannot be reached, and its association is cut or aborted with it."""
    asking = Wire(("10.0.0.1", 40000), ("10.0.0.2", 104))
    talk = Dialogue(asking, "WS1", "PACS", (STUDY_MOVE, (IMPLICIT,), 0)).request().accept()
    talk.ask(MOVE, STUDY_MOVE, data_set(QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2.3"), MoveDestination="WS2")
    calling = Wire(("10.0.0.2", 50000), ("10.0.0.9", 11112), start_ns=asking.now + 10_000_000)
    calling.packet(OUT, SYN)
    calling.seq[OUT] += 1
    calling.packet(BACK, RST | ACK, seq=0)
    asking.wait(1)
    if abort is not None:
        asking.send(BACK, pdus.abort(abort))
    traffic = traffic_of(asking.close(BACK).frames, calling.frames)
    others = (closed_association.RULE, refused_connection.RULE, application_abort.RULE, protocol_abort.RULE)
    (first,) = judge(traffic, fence=False, rules=(RULE, *others)).findings
    assert first.rule == "DS-RET-002" and len(first.children) == 2
    assert (
        "tries to deliver 'WS2' to 10.0.0.9:11112 but is refused (once); the C-MOVE was not answered" in first.message
    )
