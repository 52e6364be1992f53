"""Every rule there is, loaded, family by family in the order of their reading; `listing` knows of them without that."""

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from dicomsniff.rules import (
    capture_quality,
    choice,
    commitment,
    contexts,
    data_sets,
    dimse,
    negotiation,
    performance,
    printing,
    query,
    retrieve,
    security,
    storage,
    transport,
    worklist,
)
from dicomsniff.rules.choice import one_called
from dicomsniff.rules.plugged import plugged_rules, with_plugged
from dicomsniff.rules.rule import Rule

FAMILIES: tuple[ModuleType, ...] = (
    transport,
    negotiation,
    contexts,
    dimse,
    storage,
    data_sets,
    query,
    retrieve,
    worklist,
    commitment,
    printing,
    performance,
    security,
    capture_quality,
)

RULES: tuple[Rule[Any], ...] = tuple(rule for family in FAMILIES for rule in family.RULES)


def every_rule() -> tuple[Rule[Any], ...]:
    """The rules of this package and those that installed packages add (see `plugged`)."""
    return with_plugged(RULES, plugged_rules())


def rule(term: str, rules: Sequence[Rule[Any]] | None = None) -> Rule[Any]:
    """The one of these (or all) that has this id or name. Raises ValueError naming the nearest where there is none."""
    return one_called(term, every_rule() if rules is None else rules)


def choose(
    select: Iterable[str] = (), ignore: Iterable[str] = (), rules: Sequence[Rule[Any]] | None = None
) -> tuple[Rule[Any], ...]:
    """Some of these (or all); see `choice.choose`."""
    return choice.choose(select, ignore, every_rule() if rules is None else rules)
