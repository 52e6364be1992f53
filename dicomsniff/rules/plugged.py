"""Rules of other packages: the entry points of group `dicomsniff.rules` in, rules out; what cannot be loaded is a rule that fails.

An entry point names one `Rule` or a sequence of them. Each runs behind the same fence as the built-in ones.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dicomsniff.association.values import Traffic
from dicomsniff.rules.choice import C
from dicomsniff.rules.finding import Severity
from dicomsniff.rules.page import page_of
from dicomsniff.rules.rule import Answer, Rule, Thresholds

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "dicomsniff.rules"
BROKEN_PAGE = """A rule of another package could not be loaded.

What it sees
Nothing: the entry point {name} ({value}) could not be loaded.

Why it matters
What that package's rules would have said is missing.

Likely causes
1. The package is broken, or made for another version of dicomsniff.

Fix
Update or remove the package.

Could be wrong when
Never.

Reference
The package's own documentation.
"""


@lru_cache(maxsize=1)
def plugged_rules() -> tuple[Rule[Any], ...]:
    """Every rule that an installed package offers, in the order of the entry points' names."""
    return tuple(rule for point in sorted(_points(), key=lambda p: (p.name, p.value)) for rule in load(point))


def with_plugged(own: Sequence[C], others: Sequence[Rule[Any]]) -> tuple[C | Rule[Any], ...]:
    """The own rules, then those of others; an id or a name belongs to who had it first."""
    if not others:
        return tuple(own)
    rules: list[C | Rule[Any]] = list(own)
    taken = {word.casefold() for one in own for word in (one.id, one.name)}
    for rule in others:
        words = {rule.id.casefold(), rule.name.casefold()}
        if words & taken:
            rule = _broken(f"{rule.id} again", rule.name, ValueError(f"{rule.id} {rule.name} is taken"))
            words = {rule.id.casefold(), rule.name.casefold()}
        taken |= words
        rules.append(rule)
    return tuple(rules)


def load(point: EntryPoint) -> Iterator[Rule[Any]]:
    """The rules of one entry point; what is wrong with it is told by a rule that cannot run."""
    try:
        found = point.load()
        offered = [found] if isinstance(found, Rule) else list(found)
        for rule in offered:
            if not isinstance(rule, Rule):
                raise TypeError(f"{rule!r} is not a Rule")
            page_of(rule)
    except Exception as error:
        yield _broken(point.name, point.value, error)
        return
    yield from offered


def _broken(name: str, value: str, error: Exception) -> Rule[Any]:
    """A rule that stands for one that could not be loaded: its verdict is error, with the reason."""

    def subjects(traffic: Traffic) -> Iterable[object]:
        raise error

    def check(subject: object, traffic: Traffic, thresholds: Thresholds) -> Answer:
        return None

    page = BROKEN_PAGE.format(name=name, value=value)
    return Rule(name, f"{name}-not-loaded", Severity.NOTE, "Rule could not be loaded", subjects, check, page)


def _points() -> Iterable[EntryPoint]:
    """The entry points of the group. The package that reads them takes longer to import than most captures to analyse,
    so it is asked only where a distribution's file names the group."""
    if not any(_mentioned(folder or ".") for folder in sys.path):
        return ()
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _mentioned(folder: str) -> bool:
    """Whether a distribution in this folder names the group. There may be hundreds, and most have no such file."""
    try:
        with os.scandir(folder) as entries:
            return any(
                _names_group(f"{entry.path}/entry_points.txt") for entry in entries if entry.name.endswith("-info")
            )
    except OSError:
        return False


def _names_group(path: str) -> bool:
    try:
        with open(path, "rb", buffering=0) as file:
            return f"[{GROUP}]".encode() in file.read()
    except OSError:
        return False
