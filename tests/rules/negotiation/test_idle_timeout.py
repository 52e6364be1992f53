"""Idle associations that their acceptor ends."""

from dataclasses import replace
from typing import Any

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation import application_abort, protocol_abort
from dicomsniff.rules.negotiation.idle_timeout import RULE
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport import closed_association
from tests.forge.traffic import TrafficForge
from tests.rules.judging import found, only, verdict


def idle(times: int = 1, silence: float = 60, status: int | None = 0, **fields: Any) -> Traffic:
    forge = TrafficForge()
    for _ in range(times):
        fields = {"outcome": Outcome.ABORTED, "aborts": [("acceptor", 0, 0)]} | fields
        association = forge.association(end_after=silence, **fields)
        forge.exchange(association, "C-STORE", status=status)
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, idle())
    assert "PACS (10.0.0.2:104) aborts idle associations: this one after 60 s of silence" in finding.message
    assert "CT01 (10.0.0.1) had left it open with nothing outstanding" in finding.message
    assert (finding.severity, finding.act) == (Severity.WARNING, Side.UNKNOWN)


def test_fires_for_a_connection_that_the_acceptor_closes() -> None:
    assert "closes idle" in only(RULE, idle(outcome=Outcome.CLOSED, aborts=[], closed_by="acceptor")).message


def test_the_same_silence_each_time_is_a_configured_timer() -> None:
    finding = only(RULE, idle(3))
    assert finding.count == 3 and "3 associations ended so, each after 60 s: a configured timer" in finding.message


def test_is_quiet() -> None:
    assert found(RULE, idle(silence=2)) == ()
    assert found(RULE, idle(aborts=[("requestor", 0, 0)])) == ()
    assert found(RULE, idle(status=None)) == ()
    assert found(RULE, idle(outcome=Outcome.RELEASED, aborts=[])) == ()


def test_what_the_acceptor_said_before_it_closed_was_said_before_however_it_was_captured() -> None:
    for late, quiet in ((0, False), (90, True)):
        traffic = idle(outcome=Outcome.CLOSED, aborts=[], closed_by="acceptor")
        final = traffic.exchanges[0].final
        assert final is not None
        moved = final._replace(last_ns=final.last_ns + late * 10**9)
        traffic.exchanges[0].final = traffic.exchanges[0].last_response = moved
        assert (found(RULE, traffic) == ()) is quiet


def test_is_inconclusive() -> None:
    assert verdict(RULE, idle(blind=[Blind.TO_ACCEPTOR])) is Verdict.INCONCLUSIVE


def test_the_abort_and_the_close_are_its_consequences() -> None:
    rules = (RULE, application_abort.RULE, closed_association.RULE)
    endings: tuple[dict[str, Any], ...] = ({}, {"outcome": Outcome.CLOSED, "aborts": [], "closed_by": "acceptor"})
    for fields in endings:
        (root,) = judge(idle(**fields), fence=False, rules=rules).findings
        assert root.rule == "DS-ASSOC-010" and len(root.children) == 1


def test_a_timer_of_the_protocol_layer_is_told_once() -> None:
    traffic = idle(aborts=[("acceptor", 2, 0)])
    (root,) = judge(traffic, fence=False, rules=(RULE, protocol_abort.RULE)).findings
    assert (root.rule, root.severity) == ("DS-ASSOC-010", Severity.WARNING)
    assert [child.rule for child in root.children] == ["DS-ASSOC-009"]


def test_a_reset_is_no_timer_and_different_silences_are_not_one() -> None:
    reset = idle(outcome=Outcome.CLOSED, aborts=[], closed_by="acceptor")
    [conversation] = reset.conversations
    closings = tuple(c._replace(kind="rst") for c in conversation.tcp.closings)
    whole = replace(conversation, tcp=replace(conversation.tcp, closings=closings, closed="rst"))
    assert found(RULE, replace(reset, conversations=(whole,))) == ()
    forge = TrafficForge()
    for silence in (40, 75):
        forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)], end_after=silence)
    assert "a configured timer" not in only(RULE, forge.traffic()).message.partition("looks like")[0]


def test_a_request_that_may_have_been_answered_unseen_leaves_it_open() -> None:
    assert verdict(RULE, idle(status=None, blind=[Blind.HOLE_TO_REQUESTOR])) is Verdict.INCONCLUSIVE
