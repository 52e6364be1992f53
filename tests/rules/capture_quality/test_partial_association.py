"""Associations at the edges of a capture."""

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.rules.capture_quality.partial_association import RULE
from dicomsniff.rules.finding import Severity
from tests.forge.traffic import TrafficForge
from tests.rules.cases import Cases, found, only


def still_open() -> Traffic:
    forge = TrafficForge()
    forge.association(outcome=Outcome.OPEN)
    return forge.traffic()


def already_running() -> Traffic:
    forge = TrafficForge()
    line = forge.connection(opened="midstream")
    forge.association(line, request_fields={}, blind=[Blind.REQUEST], first_packet=2)
    traffic = forge.traffic()
    late = [type(a)(**{n: getattr(a, n) for n in a.__slots__} | {"request": None}) for a in traffic.associations]
    return type(traffic)(traffic.captures, traffic.conversations, tuple(late), traffic.exchanges)


def healthy() -> Traffic:
    forge = TrafficForge()
    forge.association()
    return forge.traffic()


CASES = Cases(RULE, still_open, healthy)


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
