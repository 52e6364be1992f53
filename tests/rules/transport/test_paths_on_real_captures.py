"""DCMTK over paths that really failed (data/make.py plays them again): each fault is told, by the rule of its kind."""

from functools import cache
from pathlib import Path

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.rules.finding import Severity, Side

DATA = Path(__file__).parent / "data"
TOLD = [
    ("mtu_black_hole", "DS-TCP-007", Severity.ERROR, Side.NETWORK, "Segments of 1448 bytes from 10.77.0.1 to 10.77.0.2 vanish"),
    ("forgotten_connection", "DS-TCP-009", Severity.ERROR, Side.UNKNOWN, "After 40 s of silence the connection 10.77.0.1"),
    ("health_checks", "DS-TCP-003", Severity.NOTE, Side.REQUESTOR, "without asking for an association (7 times)"),
    ("small_segments", "DS-TCP-008", Severity.NOTE, Side.UNKNOWN, "limited to 500 bytes between 10.77.0.1 and 10.77.0.2:104"),
]  # fmt: skip


@cache
def analysis(name: str) -> Analysis:
    return analyze(DATA / f"{name}.pcap")


@pytest.mark.parametrize(("name", "rule", "severity", "act", "words"), TOLD, ids=[told[0] for told in TOLD])
def test_what_happened_is_told(name: str, rule: str, severity: Severity, act: Side, words: str) -> None:
    [finding] = [f for f in analysis(name).findings if f.rule == rule]
    assert words in finding.message
    assert (finding.severity, finding.act) == (severity, act)
    assert finding.packets and all(1 <= packet <= analysis(name).captures[0].packets for packet in finding.packets)


@pytest.mark.parametrize("name", [told[0] for told in TOLD])
def test_no_other_rule_on_the_path_is_met(name: str) -> None:
    own = next(told[1] for told in TOLD if told[0] == name)
    assert {f.rule for f in analysis(name).findings if f.rule.startswith("DS-TCP")} == {own}


@pytest.mark.parametrize("name", ["health_checks", "small_segments"])
def test_nothing_alarms_where_everything_worked(name: str) -> None:
    assert not [f for f in analysis(name).findings if f.severity in (Severity.ERROR, Severity.WARNING)]
