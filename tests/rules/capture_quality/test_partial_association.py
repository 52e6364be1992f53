"""Associations at the edges of a capture."""

from dataclasses import replace

from dicomsniff.association.values import Blind, Context, ContextResult, Outcome, Traffic
from dicomsniff.rules.capture_quality.partial_association import RULE
from dicomsniff.rules.finding import Severity, Verdict
from tests.forge.traffic import TrafficForge
from tests.rules.judging import found, only, verdict


def still_open() -> Traffic:
    forge = TrafficForge()
    forge.association(outcome=Outcome.OPEN)
    return forge.traffic()


def already_running() -> Traffic:
    forge = TrafficForge()
    forge.association(forge.connection(opened="midstream"), blind=[Blind.REQUEST], request=None)
    return forge.traffic()


def healthy() -> Traffic:
    forge = TrafficForge()
    forge.association()
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, still_open()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_an_association_open_at_the_end_is_information_only() -> None:
    finding = only(RULE, still_open())
    assert finding.severity is Severity.INFO
    assert "1 association was still open when the capture ended" in finding.message


def test_an_association_that_ran_before_is_information_only() -> None:
    finding = only(RULE, already_running())
    assert finding.severity is Severity.INFO
    assert "1 association was already running when the capture began" in finding.message


def test_both_edges_are_two_findings() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.OPEN, blind=[Blind.END])
    forge.association(outcome=Outcome.OPEN)
    (finding,) = found(RULE, forge.traffic())
    assert "2 associations were still open" in finding.message


def test_a_file_that_ends_inside_a_packet_is_a_warning() -> None:
    forge = TrafficForge()
    forge.association()
    traffic = forge.traffic()
    finding = only(RULE, replace(traffic, captures=tuple(replace(c, cut=True) for c in traffic.captures)))
    assert finding.severity is Severity.WARNING
    assert "ends in the middle of a packet" in finding.message


def test_a_request_lost_after_the_handshake_is_not_called_running_before() -> None:
    forge = TrafficForge()
    forge.association(forge.connection(opened="handshake"), blind=[Blind.REQUEST], request=None)
    message = only(RULE, forge.traffic()).message
    assert "not whole in the capture" in message and "already running" not in message


def test_what_was_inferred_is_told_with_its_confidence() -> None:
    forge = TrafficForge()
    contexts = [
        Context(id, None, (), ContextResult.UNANSWERED, None, "1.2.840.10008.1.2" if sure else None, 1, True, sure)
        for id, sure in ((1, "high"), (3, "high"), (5, "low"), (7, None))
    ]
    forge.association(forge.connection(opened="midstream"), blind=[Blind.REQUEST], request=None, contexts=contexts)
    message = only(RULE, forge.traffic()).message
    assert "of 4 contexts" in message
    assert "2 inferred with high confidence, 1 inferred with low confidence, 1 unknown." in message
