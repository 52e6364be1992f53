"""A client asks for each study or series in a query of its own.

What it sees
Twenty or more C-FINDs of one client within ten minutes, mostly less than five seconds apart, each at SERIES or IMAGE level
below another study or series, whose UIDs one earlier query had brought, or each on an association of its own.

Why it matters
Each of them costs a round trip, often a whole association. A list that could be there in a second takes minutes, and the
archive does the work of a hundred users.

Likely causes
1. The design of the client: it lists studies and then asks for each one's series.
2. It lacks return keys at study level that would save the second query.

Fix
Ask for Modalities in Study and Number of Study Related Series at study level, use one association for all queries, or
negotiate relational queries where the server has them.

Could be wrong when
A user clicks through a list; then the queries are further apart.

Reference
PS3.4 §C.5.1
PS3.4 §C.6
https://github.com/pydicom/pynetdicom/issues/667
https://github.com/fo-dicom/fo-dicom/issues/1948
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.median import median
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.identifier import identifier_values
from dicomsniff.rules.clock import milliseconds
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import SECOND, peer, seconds
from dicomsniff.rules.query.keys import query_of
from dicomsniff.rules.rule import Rule, Thresholds

_LEAST, _WITHIN_NS, _APART_NS = 20, 600 * SECOND, 5 * SECOND
_PARENT = {"SERIES": ("StudyInstanceUID", 0x0020000D), "IMAGE": ("SeriesInstanceUID", 0x0020000E)}
_READ = 5000  # queries of one client that are looked into


class Asked(NamedTuple):
    """One query below a study or a series."""

    exchange: Exchange
    level: str
    uid: str


def subjects(traffic: Traffic) -> list[Sequence[Exchange]]:
    """The queries of each client at each server, where there are many."""
    groups: dict[tuple[object, ...], list[Exchange]] = {}
    every = traffic.index.of("C-FIND")
    if len(every) < _LEAST:
        return []
    for exchange in every:
        if exchange.request is not None:
            a = traffic.association(exchange.association)
            groups.setdefault((a.requestor.ip, a.calling_ae, a.acceptor), []).append(exchange)
    return [own[:_READ] for own in groups.values() if len(own) >= _LEAST]


def check(queries: Sequence[Exchange], traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    asked: dict[str, list[Asked]] = {}
    for one in _below(queries):
        asked.setdefault(one.level, []).append(one)
    hits = []
    for level, children in asked.items():
        children = children[: _close(children)]
        if len({child.uid for child in children}) >= _LEAST and (why := _pattern(queries, level, children)):
            hits.append(_hit(level, children, why, traffic))
    return hits


def _below(queries: Sequence[Exchange]) -> Iterator[Asked]:
    for exchange in queries:
        query = query_of(exchange)
        if query.level in _PARENT:
            uid = query.value(_PARENT[query.level][0])
            if uid and "\\" not in uid and "*" not in uid:
                yield Asked(exchange, query.level, uid)


def _begun(asked: Asked) -> int:
    return asked.exchange.request.first_ns if asked.exchange.request else 0


def _close(children: list[Asked]) -> int:
    """How many of them, from the first, belong together: within ten minutes and mostly close to each other."""
    inside = [c for c in children if _begun(c) - _begun(children[0]) <= _WITHIN_NS]
    gaps = [_begun(b) - _begun(a) for a, b in pairwise(inside)]
    return len(inside) if gaps and median(gaps) < _APART_NS else 0


def _pattern(queries: Sequence[Exchange], level: str, children: list[Asked]) -> str | None:
    """Where the UIDs came from, or that each has an association of its own."""
    wanted, tag = {child.uid for child in children}, _PARENT[level][1]
    first = children[0].exchange.id
    for parent in queries:
        if parent.id >= first:
            break
        if parent.pending >= _LEAST:
            brought = {identifier_values(a.head(), parent.transfer_syntax).get(tag) for a in parent.answers}
            if len(wanted & brought) >= _LEAST:
                return f"one for each match of C-FIND {parent.message_id} before"
    alone = len({child.exchange.association for child in children})
    return "each on an association of its own" if alone == len(children) else None


def _hit(level: str, children: list[Asked], why: str, traffic: Traffic) -> Hit:
    first, last = children[0].exchange, children[-1].exchange
    association = traffic.association(first.association)
    exchanges = [child.exchange for child in children]
    answering = sum(e.final.last_ns - e.request.first_ns for e in exchanges if e.final and e.request)
    end = last.final or last.request
    total = max(0, (end.last_ns if end else 0) - (first.request.first_ns if first.request else 0))
    around = max(0, total - answering)
    share = round(100 * around / total) if total else 0
    client = peer(association, "requestor")
    return Hit(
        f"{client} sends {len(children)} {level} queries one by one to {peer(association, 'acceptor')}, {why}: "
        f"{seconds(total)} in total, {share}% of it between the queries (association set-up, client).",
        packets_of(first.request, last.request, last.final),
        first.request.first_ns if first.request else None,
        connection=association.connection,
        association=association.id,
        exchange=first.id,
        act=Side.REQUESTOR,
        actor=client,
        facts={
            "queries": len(children),
            "level": level,
            "associations": len({e.association for e in exchanges}),
            "total_ms": milliseconds(total),
            "answering_ms": milliseconds(answering),
            "connections": sorted({traffic.association(e.association).connection for e in exchanges[:20]}),
        },
    )


RULE = Rule(
    id="DS-FIND-006",
    name="query-per-item-pattern",
    severity=Severity.WARNING,
    title="One query for each item",
    subjects=subjects,
    check=check,
    page=__doc__,
)
