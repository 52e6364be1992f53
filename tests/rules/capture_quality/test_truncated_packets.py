"""Captures that cut their packets."""

from dicomsniff.association.values import Kind, Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.capture_quality.truncated_packets import RULE
from dicomsniff.rules.finding import Severity, Verdict
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.traffic import TrafficForge
from tests.rules.judging import found, only, verdict


def cut(kind: Kind = Kind.DICOM) -> Traffic:
    forge = TrafficForge().capture(snap_length=96, truncated_packets=5)
    gap = Gap(1, Direction.TO_RESPONDER, 50, 900, GapCause.SNAPLEN, 7, 0)
    forge.connection(kind=kind, gaps=[gap], to_responder={"bytes": 100, "truncated_bytes": 900})
    return forge.traffic()


def healthy() -> Traffic:
    forge = TrafficForge()
    forge.association()
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, cut()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_the_snap_length_and_the_share_are_told() -> None:
    finding = only(RULE, cut())
    assert finding.severity is Severity.WARNING
    assert "cut at 96 bytes: 900 bytes (90 %) of 1 connection" in finding.message
    assert finding.packets == (7,)


def test_a_capture_of_headers_only_is_told_too() -> None:
    assert len(found(RULE, cut(Kind.EMPTY))) == 1


def test_cut_packets_of_another_protocol_do_not_matter() -> None:
    assert found(RULE, cut(Kind.OTHER)) == ()
