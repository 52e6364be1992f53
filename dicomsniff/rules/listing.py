"""What every rule is called in which family, known without loading it; whether its family has anything to judge in a traffic.

Loading all rules takes a seventh of the time of a small capture, in which there is often no query, no retrieval or no object.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.plugged import plugged_rules, with_plugged
from dicomsniff.rules.rule import Rule

INDEX = Path(__file__).with_name("index.csv")
"""Made of the rules by `python -m docs.rule_pages`."""
SERVICES: Mapping[str, tuple[str, ...]] = {
    "storage": ("C-STORE",),
    "data_sets": ("C-STORE", "C-FIND", "C-MOVE", "C-GET", "N-CREATE", "N-SET"),
    "query": ("C-FIND",),
    "retrieve": ("C-MOVE", "C-GET"),
    "worklist": ("C-FIND", "N-CREATE", "N-SET"),
    "printing": ("N-CREATE", "N-SET", "N-GET", "N-ACTION", "N-DELETE", "N-EVENT-REPORT"),
}
"""Families that judge exchanges of these services and nothing else."""


class Listed(NamedTuple):
    """A rule that may have to be loaded."""

    id: str
    name: str
    family: str

    def idle(self, traffic: Traffic) -> bool:
        """Whether the traffic certainly has nothing to which it applies."""
        services = SERVICES.get(self.family)
        return services is not None and not any(map(traffic.index.of, services))

    def load(self) -> Rule[Any]:
        return _family(self.family)[self.id]


def listed() -> tuple[Listed | Rule[Any], ...]:
    """Every rule in the order of the catalogue, then those of installed packages."""
    return with_plugged(_own(), plugged_rules())


@cache
def _own() -> tuple[Listed, ...]:
    return tuple(Listed(*row.split(",")) for row in INDEX.read_text("ascii").splitlines())


@cache
def _family(name: str) -> Mapping[str, Rule[Any]]:
    return {rule.id: rule for rule in import_module(f"dicomsniff.rules.{name}").RULES}
