"""What every rule is called in which family, known without loading it; and whether that family has anything to judge in a traffic.

Loading all rules takes a seventh of the time of a small capture, in which there is often no query, no retrieval or no object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from dicomsniff.association.index import once
from dicomsniff.association.values import Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.plugged import plugged_rules, with_plugged
from dicomsniff.rules.rule import SHORT_NS, Rule

INDEX = Path(__file__).with_name("index.csv")
"""Made of the rules by `python -m docs.rule_pages`."""


def _without(*services: str) -> Callable[[Traffic], bool]:
    """No exchange of one of these services."""
    return once(lambda traffic: not any(map(traffic.index.of, services)))


@once
def _without_words(traffic: Traffic) -> bool:
    """Nothing was asked for, and nothing odd was said."""
    return not traffic.exchanges and not traffic.index.anomalies


@once
def _without_time(traffic: Traffic) -> bool:
    """Nothing was asked for, and no association took long enough to be slow."""
    return not traffic.exchanges and all(a.last_ns - a.first_ns < SHORT_NS for a in traffic.associations)


IDLE: Mapping[str, Callable[[Traffic], bool]] = {
    "dimse": _without_words,
    "storage": _without("C-STORE"),
    "data_sets": _without("C-STORE", "C-FIND", "C-MOVE", "C-GET", "N-CREATE", "N-SET"),
    "query": _without("C-FIND"),
    "retrieve": _without("C-MOVE", "C-GET"),
    "worklist": _without("C-FIND", "N-CREATE", "N-SET"),
    "printing": _without("N-CREATE", "N-SET", "N-GET", "N-ACTION", "N-DELETE", "N-EVENT-REPORT"),
    "performance": _without_time,
}
"""When a family certainly has nothing to judge; the others nearly always have."""


class Listed(NamedTuple):
    """A rule that may have to be loaded."""

    id: str
    name: str
    family: str

    def idle(self, traffic: Traffic) -> bool:
        """Whether the traffic certainly has nothing to which it applies."""
        return self.family in IDLE and IDLE[self.family](traffic)

    def load(self) -> Rule[Any]:
        return _family(self.family)[self.id]


def listed() -> tuple[Listed | Rule[Any], ...]:
    """Every rule in the order of the catalogue, then those of installed packages."""
    return with_plugged(_own(), plugged_rules())


@cache
def _own() -> tuple[Listed, ...]:
    return tuple(Listed(*row.split(",")) for row in INDEX.read_text("utf-8").splitlines())


@cache
def _family(name: str) -> Mapping[str, Rule[Any]]:
    return {rule.id: rule for rule in import_module(f"dicomsniff.rules.{name}").RULES}
