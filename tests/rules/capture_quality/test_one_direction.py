"""Captures of one direction."""

from dicomsniff.association.values import Kind, Traffic
from dicomsniff.rules.capture_quality.one_direction import RULE
from dicomsniff.rules.finding import Verdict
from tests.forge.traffic import TrafficForge
from tests.rules.judging import only, verdict


def one_way(times: int = 1) -> Traffic:
    forge = TrafficForge()
    for _ in range(times):
        silent = {"packets": 0, "data_packets": 0, "bytes": 0}
        forge.connection(kind=Kind.DICOM, to_responder={"packets": 30, "data_packets": 26}, to_initiator=silent)
    return forge.traffic()


def healthy() -> Traffic:
    forge = TrafficForge()
    forge.association()
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, one_way()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_the_direction_that_was_captured_is_named() -> None:
    assert only(RULE, one_way()).message.startswith("Only 10.0.0.1 -> 10.0.0.2 was captured (30 packets")


def test_many_connections_of_two_hosts_are_one_finding() -> None:
    finding = only(RULE, one_way(9))
    assert finding.count == 9
    assert finding.display_filter.startswith("frame.number in")
