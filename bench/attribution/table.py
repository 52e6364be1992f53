"""Captures of the scenarios in; what was injected beside what was found at each point, and all other components beside their
baseline, as a Markdown table out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bench.attribution.hosts import POINTS
from bench.attribution.scenarios import SCENARIOS, Scenario
from dicomsniff.api import Analysis, analyze
from dicomsniff.association.retrieve_times import retrieve_times
from dicomsniff.association.time_sums import COMPONENTS, sums
from dicomsniff.association.timing import timing

NETWORK = ("wire", "queue", "congestion")
"""What a narrow line causes appears in these three, differently at each point of capture; together they are the line."""
WIDE = "‡"
"""Marks what went over a way that is known to be wide."""
SHARE, LEAST_MS = 0.1, 20.0
Measured = dict[str, float]


def table(out: Path, names: Sequence[str]) -> str:
    """One row for each scenario; a figure that is off its mark is bold."""
    found = {s.name: [measure(out, s, point) for point in POINTS] for s in SCENARIOS if _played(out, s)}
    lines = [
        "| scenario | injected, ms | as | found at client / middle / server | others off their baseline | rules (client / middle / server) |",
        "|---|---|---|---|---|---|",
    ]
    for scenario in SCENARIOS:
        if scenario.name in found and (not names or scenario.name in names):
            lines.append(_line(out, scenario, found))
    return "\n".join(lines) + "\n"


def _played(out: Path, scenario: Scenario) -> bool:
    return (out / f"{scenario.name}.json").exists()


def measure(out: Path, scenario: Scenario, point: str) -> tuple[Measured, list[str]]:
    """The components in ms over all associations, and the rules on speed that spoke."""
    analysis = analyze(out / f"{scenario.name}_{point}.pcap")
    spoken = [one for found in analysis.findings for one in (found, *found.children)]
    rules = [f"{f.rule[8:]}{'' if f.severity != 'note' else 'n'}" for f in spoken if f.rule.startswith("DS-PERF")]
    return components(analysis), sorted(set(rules))


def components(analysis: Analysis) -> Measured:
    """Over all associations, with `network` for what a line takes together."""
    traffic = analysis.traffic
    made = dict.fromkeys((*COMPONENTS, "total", "retrieve"), 0.0)
    for association in traffic.associations:
        own = sums(association, timing(traffic))
        for name in (*COMPONENTS, "total") if own else ():
            made[name] += getattr(own, name) / 1e6
    for retrieval in traffic.retrievals:
        start = retrieve_times(retrieval, traffic, timing(traffic)).start or 0
        made["retrieve"] += start / 1e6
        made["think"] -= start / 1e6  # of the association for the delivery, which was made before
    made["network"] = sum(made[name] for name in NETWORK)
    return made


def _line(out: Path, scenario: Scenario, found: dict[str, list[tuple[Measured, list[str]]]]) -> str:
    own, base = found[scenario.name], found.get(scenario.baseline or "")
    title = f"{scenario.name}{WIDE if scenario.way.known else ''}: {scenario.what}"
    told = " / ".join(", ".join(rules) or "–" for _, rules in own)
    if base is None:
        whole = " / ".join(f"{one['total']:.0f}" for one, _ in own)
        parts = "; ".join(
            f"{name} {'/'.join(f'{one[name]:.0f}' for one, _ in own)}"
            for name in _shown()
            if max(one[name] for one, _ in own) >= 10
        )
        return f"| {title} | – | – | total {whole} | {parts} | {told} |"
    injected = json.loads((out / f"{scenario.name}.json").read_text())["injected_ms"]
    results, others = [], []
    wanted = []
    for (one, _), (before, _), point in zip(own, base, POINTS, strict=True):
        truth = injected if injected is not None else one["total"] - before["total"]
        got = sum(one[name] - before[name] for name in scenario.expected) if scenario.expected else 0.0
        truth = truth if scenario.expected else 0.0
        good = abs(got - truth) <= max(LEAST_MS, SHARE * abs(truth))
        results.append(f"{got:.0f}" if good else f"**{got:.0f}**")
        wanted.append(f"{truth:.0f}")
        for name in _shown():
            if name in scenario.expected or (name == "network" and "congestion" in scenario.expected):
                continue
            off = one[name] - before[name]
            if abs(off) > max(LEAST_MS, SHARE * before[name]):
                others.append(f"{point[0]}: {name} {off:+.0f}")
    said = wanted[0] if len(set(wanted)) == 1 else " / ".join(wanted)
    rules = ", ".join(scenario.expected) or "nothing"
    return f"| {title} | {said} | {rules} | {' / '.join(results)} | {'; '.join(others) or '–'} | {told} |"


def _shown() -> list[str]:
    """All but the asking side of a retrieve, in which the same time passes once more."""
    return ["network", *(name for name in COMPONENTS if name not in NETWORK and name != "other")]
