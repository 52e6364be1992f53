"""Hits of all rules in, findings out: consequences moved under their cause, hits of one kind joined, the worst first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.display_filter import display_filter
from dicomsniff.rules.finding import Finding, Hit, Severity
from dicomsniff.rules.page import page_of
from dicomsniff.rules.rule import Rule
from dicomsniff.rules.whereabouts import alone_on

PACKETS = 12
"""Packet numbers shown with a finding: enough to check it, few enough to read."""
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Struck(NamedTuple):
    """A hit and the rule that made it."""

    rule: Rule[Any]
    hit: Hit

    @property
    def severity(self) -> Severity:
        return self.hit.severity or self.rule.severity


def findings(struck: Sequence[Struck], traffic: Traffic) -> tuple[Finding, ...]:
    """The findings of these hits, by severity and then time.

    A hit goes under the first hit of a rule that `hides` its own, on the same association (the same connection where
    one of the two has none), on what that hit says it is about, or under one of a rule that `explains` all its exchanges. A cause is then as severe as what follows from it; but a mere remark never hides a fault,
    and what concerns an exchange does not follow from what concerns none. Hits of one rule with the same key become one
    finding, with a count; that is done last, so that joining never moves a hit under a cause of another.
    """
    parents = _parents(struck)
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in parents.items():
        children[parent].append(child)
    roots = [i for i in range(len(struck)) if i not in parents]
    return _joined(roots, struck, children, traffic)


def _parents(struck: Sequence[Struck]) -> dict[int, int]:
    """Position of a hidden hit to the position of the hit that hides it."""
    hiders: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    reasons: dict[tuple[str, int], list[int]] = defaultdict(list)
    for i, one in enumerate(struck):
        hides = one.rule.hides if one.hit.hides is None else one.hit.hides
        scopes = tuple(_scopes(one.hit)) if hides else ()
        for hidden in hides:
            for scope in scopes:
                hiders[hidden, *scope].append(i)
        for explained in one.rule.explains:
            for id in _explained(one.hit):
                reasons[explained, id].append(i)
    parents: dict[int, int] = {}
    for i, one in enumerate(struck):
        for parent in (*_candidates(one, hiders), *_reasons(one, reasons)):
            if _explains(struck[parent], one) and not _above(i, parent, parents):
                parents[i] = parent
                break
    return parents


def _explains(cause: Struck, effect: Struck) -> bool:
    if effect.hit.exchange is not None and cause.hit.exchange is None:
        return False
    return _RANK[cause.severity] <= max(_RANK[effect.severity], _RANK[Severity.WARNING])


def _scopes(hit: Hit) -> Iterator[tuple[str, int]]:
    """Where a hit reaches: exactly what it is about; else its association, its connection, and, if it names no
    association, all on the connection."""
    if hit.about is not None:
        own = () if hit.exchange is None else (hit.exchange,)
        yield from (("exchange", id) for id in (*own, *hit.about.exchanges))
        yield from (("association", id) for id in hit.about.associations)
        yield from (("connection", id) for id in hit.about.connections)
        return
    if hit.association is not None:
        yield "association", hit.association
    elif hit.connection is not None:
        yield "whole connection", hit.connection
    if hit.connection is not None:
        yield "connection", hit.connection


def _candidates(one: Struck, hiders: dict[tuple[str, str, int], list[int]]) -> Iterator[int]:
    """The hits that may hide this one, what is nearest first: of its own association, then of its exchange."""
    hit = one.hit
    if hit.association is not None:
        yield from hiders.get((one.rule.id, "association", hit.association), ())
        if hit.connection is not None:
            yield from hiders.get((one.rule.id, "whole connection", hit.connection), ())
    elif hit.connection is not None:
        yield from hiders.get((one.rule.id, "connection", hit.connection), ())
    if hit.exchange is not None:
        yield from hiders.get((one.rule.id, "exchange", hit.exchange), ())


def _exchanges(hit: Hit) -> tuple[int, ...]:
    return hit.tells_of or (() if hit.exchange is None else (hit.exchange,))


def _explained(hit: Hit) -> tuple[int, ...]:
    return _exchanges(hit) if hit.explained is None else hit.explained


def _reasons(one: Struck, reasons: dict[tuple[str, int], list[int]]) -> Iterator[int]:
    """The hits that explain this one: those of its first exchange, where each of its exchanges has some."""
    own = _exchanges(one.hit)
    if own and all((one.rule.id, id) in reasons for id in own):
        yield from reasons[one.rule.id, own[0]]


def _above(one: int, parent: int, parents: dict[int, int]) -> bool:
    """Whether `one` stands above `parent` already: rules that hide each other must not swallow both."""
    at: int | None = parent
    while at is not None:
        if at == one:
            return True
        at = parents.get(at)
    return False


def _joined(
    positions: Iterable[int], struck: Sequence[Struck], children: dict[int, list[int]], traffic: Traffic
) -> tuple[Finding, ...]:
    groups: dict[tuple[str, str | int], list[int]] = defaultdict(list)
    for i in positions:
        key = struck[i].hit.key
        groups[struck[i].rule.id, i if key is None else key].append(i)
    made = [_finding(group, struck, children, traffic) for group in groups.values()]
    return tuple(sorted(made, key=_order))


def _order(finding: Finding) -> tuple[int, bool, int, str]:
    return _RANK[finding.severity], finding.time_ns is None, finding.time_ns or 0, finding.rule


def _finding(
    group: Sequence[int], struck: Sequence[Struck], children: dict[int, list[int]], traffic: Traffic
) -> Finding:
    """One finding of hits of one rule, told by the first of them in time; as severe as the worst."""
    hits = [struck[i].hit for i in group]
    rule, first = struck[group[0]].rule, min(hits, key=lambda h: (h.time_ns is None, h.time_ns or 0))
    page = page_of(rule)
    packets = tuple(sorted({p for hit in hits for p in hit.packets}))[:PACKETS]
    below = _joined((c for i in group for c in children.get(i, ())), struck, children, traffic)
    severities = [*(struck[i].severity for i in group), *(child.severity for child in below)]
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=min(severities, key=_RANK.__getitem__),
        title=rule.title,
        message=first.message,
        connection=first.connection,
        association=first.association,
        exchange=first.exchange,
        packets=packets,
        time_ns=first.time_ns,
        display_filter=display_filter(_streams(hits, packets, traffic), packets),
        act=first.act,
        actor=first.actor,
        causes=page.causes if first.causes is None else first.causes,
        fix=page.fix if first.fix is None else first.fix,
        references=page.references,
        facts=first.facts,
        count=len(hits),
        children=below,
        associations=_all_of(hit.association for hit in hits),
        exchanges=_all_of(id for hit in hits for id in _exchanges(hit)),
        connections=_all_of(_connections(hits)),
        gist=first.gist,
        key=first.key,
    )


def _all_of(ids: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(sorted({id for id in ids if id is not None}))


def _connections(hits: Iterable[Hit]) -> Iterator[int | None]:
    """facts["connections"] names more than the first."""
    for hit in hits:
        yield hit.connection
        yield from hit.facts.get("connections", ())


def _streams(hits: Iterable[Hit], packets: Sequence[int], traffic: Traffic) -> set[int]:
    """Wireshark's numbers of the connections the hits lie on; none where some of the packets may be of others."""
    own = _all_of(_connections(hits))
    if len(own) == 1 and not alone_on(traffic, own[0], packets):
        return set()
    return {traffic.conversation(id).tcp.tcp_stream for id in own}
