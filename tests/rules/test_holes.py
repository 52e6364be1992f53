"""Evidence with a hole in it weighs less."""

from typing import Any

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.finding import Finding, Severity
from dicomsniff.rules.runner import judge
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.traffic import TrafficForge
from tests.rules.made_up import on, rule

REQUEST_END = 266  # bytes of the forged A-ASSOCIATE-RQ with one context


def holed(start: int, direction: Direction = Direction.TO_RESPONDER, cause: GapCause = GapCause.LOST) -> Traffic:
    forge = TrafficForge()
    line = forge.connection(gaps=[Gap(1, direction, start, 50, cause, 3, 0)])
    forge.exchange(forge.association(line), "C-STORE", status=0)
    return forge.traffic()


def judged(traffic: Traffic, severity: Severity = Severity.ERROR, **fields: Any) -> Finding:
    (finding,) = judge(traffic, rules=(rule("DS-X-001", lambda a: on(a, **fields), severity=severity),)).findings
    return finding


@pytest.mark.parametrize(
    ("before", "after"),
    [("error", "warning"), ("warning", "note"), ("note", "info"), ("info", "info")],
)
def test_a_hole_in_the_evidence_costs_one_level_and_is_marked(before: str, after: str) -> None:
    finding = judged(holed(100), Severity(before))
    assert finding.severity == after
    assert finding.facts["incomplete_evidence"] is True


def test_the_hits_own_severity_is_what_is_lowered() -> None:
    own = rule("DS-X-001", lambda a: on(a, severity=Severity.NOTE), severity=Severity.ERROR)
    assert judge(holed(100), rules=(own,)).findings[0].severity is Severity.INFO


@pytest.mark.parametrize("start", [REQUEST_END, 5000])
def test_a_hole_elsewhere_costs_nothing(start: int) -> None:
    finding = judged(holed(start))
    assert finding.severity is Severity.ERROR
    assert "incomplete_evidence" not in finding.facts


def test_a_hole_in_the_other_direction_costs_nothing() -> None:
    assert judged(holed(100, Direction.TO_INITIATOR)).severity is Severity.ERROR


def test_bytes_cut_by_the_snap_length_cost_nothing() -> None:
    assert judged(holed(100, cause=GapCause.SNAPLEN)).severity is Severity.ERROR


def test_the_messages_of_the_exchange_are_evidence_too() -> None:
    traffic = holed(5000)
    request = traffic.exchange(1).request
    assert request is not None
    assert judged(traffic, packets=request.packets).severity is Severity.ERROR
    assert judged(traffic, packets=request.packets, exchange=1).severity is Severity.WARNING


def test_a_hit_without_association_is_left_alone() -> None:
    assert judged(holed(100), association=None).severity is Severity.ERROR
