"""Every rule there is, family by family in the order of their reading; and the choice of some of them by id, prefix or name."""

from collections.abc import Iterable, Sequence
from typing import Any

from dicomsniff.rules import (
    capture_quality,
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
from dicomsniff.rules.plugged import plugged_rules, with_plugged
from dicomsniff.rules.rule import Rule

RULES: tuple[Rule[Any], ...] = (
    *transport.RULES,
    *negotiation.RULES,
    *contexts.RULES,
    *dimse.RULES,
    *storage.RULES,
    *data_sets.RULES,
    *query.RULES,
    *retrieve.RULES,
    *worklist.RULES,
    *commitment.RULES,
    *printing.RULES,
    *performance.RULES,
    *security.RULES,
    *capture_quality.RULES,
)


def every_rule() -> tuple[Rule[Any], ...]:
    """The rules of this package and those that installed packages add (see `plugged`)."""
    return with_plugged(RULES, plugged_rules())


def rule(term: str, rules: Sequence[Rule[Any]] | None = None) -> Rule[Any]:
    """The one rule with this id or name. Raises ValueError naming the nearest where there is none."""
    wanted = term.strip().casefold()
    rules = every_rule() if rules is None else rules
    for one in rules:
        if wanted in (one.id.casefold(), one.name.casefold()):
            return one
    raise ValueError(_unknown(term, rules))


def choose(
    select: Iterable[str] = (), ignore: Iterable[str] = (), rules: Sequence[Rule[Any]] | None = None
) -> tuple[Rule[Any], ...]:
    """The rules that `select` names (all where it is empty) without those that `ignore` names, in catalogue order.

    A term is an id (DS-TCP-001), a prefix of whole parts of it (DS-TCP) or a name (connection-refused), in any case.
    Raises ValueError for a term that names nothing, with the nearest that does.
    """
    rules = every_rule() if rules is None else rules
    chosen = {id for term in select for id in _matching(term, rules)} or {one.id for one in rules}
    dropped = {id for term in ignore for id in _matching(term, rules)}
    return tuple(one for one in rules if one.id in chosen - dropped)


def _matching(term: str, rules: Sequence[Rule[Any]]) -> set[str]:
    wanted = term.strip().casefold().rstrip("-")
    found = {one.id for one in rules if wanted == one.name or f"{one.id.casefold()}-".startswith(f"{wanted}-")}
    if not wanted or not found:
        raise ValueError(_unknown(term, rules))
    return found


def _unknown(term: str, rules: Sequence[Rule[Any]]) -> str:
    known = {word.casefold(): word for one in rules for word in (one.id, one.id.rpartition("-")[0], one.name)}
    from difflib import get_close_matches  # only where a term is unknown

    near = get_close_matches(term.strip().casefold(), known, n=1, cutoff=0.4)
    return f"no rule is called '{term}'" + (f"; did you mean {known[near[0]]}?" if near else "")
