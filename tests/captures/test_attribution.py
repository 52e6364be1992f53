"""Transfers of real programs that were slow for a known reason, captured at up to three points (`python -m bench.attribution`
plays them): what was injected is found, at every point alike, and the rule that it is for speaks."""

from functools import cache
from pathlib import Path

import pytest

from bench.attribution.table import NETWORK, components
from dicomsniff.api import Analysis, analyze
from dicomsniff.association.time_sums import COMPONENTS
from dicomsniff.rules.finding import Side
from tests.captures.real import flat

DATA = Path(__file__).parent / "data" / "attribution"

# scenario, component, ms that were found in the lab with the clean baseline taken off (see docs/performance-attribution.md)
INJECTED = {
    "nagle": ("nagle", 1889, "DS-PERF-007"),
    "lockstep": ("congestion", 2270, "DS-PERF-008"),
    "far_away": ("round_trip", 2411, "DS-PERF-006"),
    "slow_client": ("think", 1500, "DS-PERF-002"),
    "slow_find": ("server", 3500, "DS-PERF-001"),
    "slow_matches": ("sender", 1900, "DS-PERF-011"),
    "matches_as_far_apart": ("sender", 2110, "DS-PERF-011"),  # as acknowledgements: one comes whenever it goes on
    "matches_farther_apart": ("sender", 2600, "DS-PERF-011"),  # than acknowledgements, by no more than jitter makes
    "single_objects": ("setup", 750, "DS-PERF-009"),
    "small_window": ("receive_window", 3580, "DS-PERF-003"),
    "stopped_long": ("zero_window", 5900, "DS-PERF-004"),
    "loss_near": ("loss", 4080, "DS-PERF-005"),
    "loss_far": ("loss", 3150, "DS-PERF-005"),
    "rate_near": ("network", 1330, "DS-PERF-010"),
    "rate_far": ("network", 1320, "DS-PERF-010"),
    "stalling_client": ("sender", 1480, "DS-PERF-011"),
    "slow_recall": ("retrieve", 11000, "DS-PERF-012"),
    "slow_fetch": ("think", 2500, "DS-PERF-012"),
    "slow_at_once": ("server", 2990, "DS-PERF-001"),
    "slow_destination": ("server", 3010, "DS-PERF-001"),
}
CAPTURES = sorted(path.name.removesuffix(".pcap.gz") for path in DATA.glob("*.pcap.gz"))


@cache
def analysis(name: str) -> Analysis:
    return analyze(DATA / f"{name}.pcap.gz")


def scenario(name: str) -> str:
    return name.rsplit("_", 1)[0]


@pytest.mark.parametrize("name", CAPTURES)
def test_what_was_injected_is_found_within_a_tenth(name: str) -> None:
    component, injected, _ = INJECTED[scenario(name)]
    found = components(analysis(name))[component]
    assert abs(found - injected) <= 0.1 * injected, (component, found, injected)


SEVERAL = sorted(
    {scenario(name) for name in CAPTURES if sum(scenario(other) == scenario(name) for other in CAPTURES) > 1}
)


@pytest.mark.parametrize("played", SEVERAL)
def test_every_point_of_capture_tells_the_same(played: str) -> None:
    found = [components(analysis(name)) for name in CAPTURES if scenario(name) == played]
    for component in ("network", *(each for each in COMPONENTS if each not in NETWORK)):
        amounts = [one[component] for one in found]
        most = max(amounts)
        limit = max(20.0, 0.1 * most) if component != "network" else 100.0  # a small window is told by the round trip
        assert most - min(amounts) <= limit, (component, amounts)


@pytest.mark.parametrize("name", CAPTURES)
def test_nothing_else_takes_as_much(name: str) -> None:
    component, _, _ = INJECTED[scenario(name)]
    found = components(analysis(name))
    others = {
        n: took
        for n, took in found.items()
        if n not in (component, "total", "other", "network", "wire", "queue", "congestion")
    }
    assert max(others.values()) < 0.5 * found[component], others


@pytest.mark.parametrize("name", CAPTURES)
def test_the_rule_for_it_speaks_and_no_other_above_a_note(name: str) -> None:
    *_, rule = INJECTED[scenario(name)]
    told = {f.rule: f for f in flat(analysis(name).findings) if f.rule.startswith("DS-PERF")}
    assert rule in told
    assert [f.rule for f in told.values() if f.severity in ("error", "warning") and f.rule != rule] == []


@pytest.mark.parametrize(
    "name",
    [name for name in CAPTURES if scenario(name) in ("nagle", "lockstep", "slow_matches", "matches_as_far_apart")],
)
def test_who_must_act_is_the_same_at_every_point(name: str) -> None:
    *_, rule = INJECTED[scenario(name)]
    acts = {f.act for f in flat(analysis(name).findings) if f.rule == rule}
    assert acts == {Side.ACCEPTOR}


def test_a_line_that_is_slow_for_every_piece_is_no_sender_that_stops() -> None:
    """60 matches over 160 kbit/s that lie between their sender and the capture point."""
    seen = analyze(DATA.parent / "narrow_line_for_matches.pcap.gz")
    found = components(seen)
    assert found["sender"] < 10 and found["network"] > 600
    assert not [f for f in flat(seen.findings) if f.rule.startswith("DS-PERF")]
