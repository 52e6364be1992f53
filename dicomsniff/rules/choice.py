"""Words that a user gives in, the rules that they mean out: by id, prefix of an id, or name."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class Called(Protocol):
    """Has the id and the name of a rule."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


C = TypeVar("C", bound=Called)


def choose(select: Iterable[str], ignore: Iterable[str], rules: Sequence[C]) -> tuple[C, ...]:
    """Those of `rules` that `select` names (all where it is empty) without those that `ignore` names, in their order.

    A term is an id (DS-TCP-001), a prefix of whole parts of it (DS-TCP) or a name (connection-refused), in any case.
    Raises ValueError for a term that names nothing, with the nearest that does.
    """
    chosen = {id for term in select for id in _matching(term, rules)} or {one.id for one in rules}
    dropped = {id for term in ignore for id in _matching(term, rules)}
    return tuple(one for one in rules if one.id in chosen - dropped)


def one_called(term: str, rules: Sequence[C]) -> C:
    """The one rule with this id or name. Raises ValueError naming the nearest where there is none."""
    wanted = term.strip().casefold()
    for one in rules:
        if wanted in (one.id.casefold(), one.name.casefold()):
            return one
    raise ValueError(_unknown(term, rules))


def _matching(term: str, rules: Sequence[C]) -> set[str]:
    wanted = term.strip().casefold().rstrip("-")
    found = {one.id for one in rules if wanted == one.name or f"{one.id.casefold()}-".startswith(f"{wanted}-")}
    if not wanted or not found:
        raise ValueError(_unknown(term, rules))
    return found


def _unknown(term: str, rules: Sequence[C]) -> str:
    known = {word.casefold(): word for one in rules for word in (one.id, one.id.rpartition("-")[0], one.name)}
    from difflib import get_close_matches  # only where a term is unknown

    near = get_close_matches(term.strip().casefold(), known, n=1, cutoff=0.4)
    return f"no rule is called '{term}'" + (f"; did you mean {known[near[0]]}?" if near else "")
