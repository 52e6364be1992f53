"""Associations of two captures in, those that are the same conversation out; and the exchanges of two that are."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence, Set
from typing import Any

from dicomsniff.association.values import Association, Exchange
from dicomsniff.compare.values import Pair
from dicomsniff.core.tuples import NamedTuple

MOST_PAIRS = 40_000
"""Above this many possible pairs only associations about exactly the same are paired, in their order, which costs no square."""
Step = tuple[str, str, str | None]
_LEAST = 1.0  # below that two associations have nothing in common


class _Features(NamedTuple):
    """What an association is about, whatever came of it."""

    classes: frozenset[str]
    offers: frozenset[tuple[str, str]]
    services: frozenset[tuple[str, str]]
    titles: tuple[str | None, str | None]


def align(
    good: Sequence[Association], bad: Sequence[Association]
) -> tuple[list[Pair], list[Association], list[Association]]:
    """The pairs in the order of the good ones, and what only one of the captures has."""
    pairs = _by_order(good, bad) if len(good) * len(bad) > MOST_PAIRS else _by_likeness(good, bad)
    paired = {id(one) for pair in pairs for one in pair}
    return (
        sorted(pairs, key=lambda pair: pair.good.id),
        [a for a in good if id(a) not in paired],
        [a for a in bad if id(a) not in paired],
    )


def align_exchanges(good: Sequence[Exchange], bad: Sequence[Exchange]) -> list[tuple[Exchange | None, Exchange | None]]:
    """Exchanges that are the same step: the first of a service and class with the first, and so on; None where
    one side lacks it."""
    waiting: dict[Step, deque[Exchange]] = {}
    for exchange in bad:
        waiting.setdefault(step_of(exchange), deque()).append(exchange)
    out: list[tuple[Exchange | None, Exchange | None]] = []
    for exchange in good:
        own = waiting.get(step_of(exchange))
        out.append((exchange, own.popleft() if own else None))
    return out + [(None, exchange) for own in waiting.values() for exchange in own]


def step_of(exchange: Exchange) -> Step:
    """What makes it the same step: service, who asks, and class."""
    return exchange.service, exchange.requested_by, exchange.sop_class


def _by_likeness(good: Sequence[Association], bad: Sequence[Association]) -> list[Pair]:
    """The likest first, each once; of those that are equally like, the nearest in order."""
    of_good, of_bad = [_features(a) for a in good], [_features(a) for a in bad]
    scored = [(-_likeness(g, b), abs(i - j), i, j) for i, g in enumerate(of_good) for j, b in enumerate(of_bad)]
    scored.sort()
    taken_good: set[int] = set()
    taken_bad: set[int] = set()
    pairs = []
    for score, _, i, j in scored:
        if -score < _LEAST:
            break
        if i not in taken_good and j not in taken_bad:
            taken_good.add(i)
            taken_bad.add(j)
            pairs.append(Pair(good[i], bad[j]))
    return pairs


def _by_order(good: Sequence[Association], bad: Sequence[Association]) -> list[Pair]:
    waiting: dict[object, deque[Association]] = {}
    for association in bad:
        waiting.setdefault(_features(association)[:3], deque()).append(association)
    pairs = []
    for association in good:
        own = waiting.get(_features(association)[:3])
        if own:
            pairs.append(Pair(association, own.popleft()))
    return pairs


def _features(association: Association) -> _Features:
    contexts = [c for c in association.contexts if c.abstract_syntax]
    return _Features(
        frozenset(c.abstract_syntax for c in contexts if c.abstract_syntax),
        frozenset((c.abstract_syntax or "", syntax) for c in contexts for syntax in c.proposed),
        frozenset((e.service, e.requested_by) for e in association.exchanges),
        (association.calling_ae, association.called_ae),
    )


def _likeness(good: _Features, bad: _Features) -> float:
    titles = sum(a == b for a, b in zip(good.titles, bad.titles, strict=True)) / 4
    services = _overlap(good.services, bad.services) if good.services and bad.services else 0.0
    return 3 * _overlap(good.classes, bad.classes) + 2 * _overlap(good.offers, bad.offers) + 2 * services + titles


def _overlap(one: Set[Any], other: Set[Any]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0
