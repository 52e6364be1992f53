"""Rejections for congestion or a limit."""

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Verdict
from dicomsniff.rules.negotiation.full_server import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.judging import only, verdict


def full(times: int = 1, reject: tuple[int, int, int] = (2, 3, 2)) -> Traffic:
    forge = TrafficForge()
    for port in (1, 2):
        line = forge.connection(initiator=Endpoint("10.0.0.8", port), closed="open")
        forge.association(line, outcome=Outcome.OPEN)
    forge.wait(60)
    busy = forge.association(forge.connection(initiator=Endpoint("10.0.0.9", 3), closed="open"), outcome=Outcome.OPEN)
    forge.exchange(busy, "C-ECHO", status=0)
    forge.association(forge.connection(initiator=Endpoint("10.0.0.9", 4), closed="open"))  # released, never closed
    for _ in range(times):
        forge.association(outcome=Outcome.REJECTED, reject=reject)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, full()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, full(reject=(1, 1, 1))) is Verdict.CLEAR


def test_who_holds_the_places_is_counted() -> None:
    finding = only(RULE, full())
    assert "at least 4 connections open" in finding.message
    assert "(2 idle, 1 ended but not closed; top holder 10.0.0.8 with 2)" in finding.message


def test_many_refusals_of_one_server_are_one_finding() -> None:
    finding = only(RULE, full(7, (2, 3, 1)))
    assert "It refused 7 associations so." in finding.message
    assert finding.facts["refusals"] == 7


def test_a_server_whose_load_is_not_in_the_capture_is_told_so() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.REJECTED, reject=(2, 3, 2))
    assert "no other connection to it is in this capture" in only(RULE, forge.traffic()).message


def test_connections_that_are_over_hold_no_place() -> None:
    forge = TrafficForge()
    forge.association()
    forge.association(outcome=Outcome.REJECTED, reject=(2, 3, 2))
    forge.association()
    assert only(RULE, forge.traffic()).facts["open"] == 0
