"""The traffic and the finding to begin with in, how much of what failed between the same two out: "3 of 12 transfers from
CT01 to PACS"."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.report.summary import (
    associations_of,
    connections_of,
    exchanges_of,
    failed_associations,
    failed_exchanges,
)
from dicomsniff.report.wording import count
from dicomsniff.rules.finding import Finding, Severity

_NOUNS = {
    "C-STORE": ("transfer", "transfers"),
    "C-FIND": ("query", "queries"),
    "C-MOVE": ("retrieve", "retrieves"),
    "C-GET": ("retrieve", "retrieves"),
}
_RETRIEVES = frozenset({"C-MOVE", "C-GET"})
_BROKEN = frozenset({"DS-SEC-005"})
"""What they tell of is a connection that was opened and still carried nothing: a TLS handshake that failed. A probe did not."""
_LONGEST = 32  # characters of a title; 16 are allowed


@dataclass(frozen=True, slots=True)
class Scope:
    """`failed` of `total` things of one kind between two. `told`: those of the failed that the finding, or what follows
    from it, tells of."""

    failed: int
    total: int
    noun: str
    nouns: str
    between: str
    told: int

    @property
    def words(self) -> str:
        """ "3 of 12 transfers from CT01 to PACS", "Both associations …", "The only query …"."""
        if self.total == 1:
            return f"The only {self.noun} {self.between}"
        if self.failed == self.total:
            return f"{'Both' if self.total == 2 else f'All {self.total:,}'} {self.nouns} {self.between}"
        return f"{self.failed:,} of {count(self.total, self.noun, self.nouns)} {self.between}"


def scope_of(traffic: Traffic, findings: Sequence[Finding], lead: Finding) -> Scope | None:
    """None where the finding is about nothing that can be counted, or nothing of that failed. `traffic` without views."""
    if lead.association is None:
        return None if lead.connection is None else _of_connection(traffic, findings, lead, lead.connection)
    one = traffic.association(lead.association)
    pair = [a for a in traffic.associations if _pair(a) == _pair(one)]
    if lead.exchange is not None:
        return _of_exchange(traffic, findings, lead, pair, traffic.exchange(lead.exchange))
    failed = failed_associations(traffic, findings)
    return _scope(failed, [a.id for a in pair], associations_of, lead, ("association", "associations"), _between(one))


def _of_exchange(
    traffic: Traffic, findings: Sequence[Finding], lead: Finding, pair: Sequence[Association], one: Exchange
) -> Scope | None:
    same = [e.id for a in pair for e in a.exchanges if (e.service, e.requested_by) == (one.service, one.requested_by)]
    between = _between(traffic.association(one.association), one)
    nouns = _NOUNS.get(one.service, (one.service, f"{one.service}s"))
    return _scope(failed_exchanges(traffic, findings), same, exchanges_of, lead, nouns, between)


def _of_connection(traffic: Traffic, findings: Sequence[Finding], lead: Finding, number: int) -> Scope | None:
    one = traffic.conversation(number).tcp
    same = [
        c for c in traffic.conversations if (c.tcp.initiator.ip, c.tcp.responder) == (one.initiator.ip, one.responder)
    ]
    failed = {c.id for c in same if c.tcp.opened in ("refused", "unanswered")}
    errors = (f for f in findings if f.severity is Severity.ERROR and f.rule in _BROKEN)
    failed |= set(chain.from_iterable(map(connections_of, errors)))
    between = f"from {one.initiator.ip} to {one.responder}"
    return _scope(failed, [c.id for c in same], connections_of, lead, ("connection", "connections"), between)


def _pair(one: Association) -> tuple[str | None, str | None, str, str]:
    return one.calling_ae, one.called_ae, one.requestor.ip, one.acceptor.ip


def _between(one: Association, exchange: Exchange | None = None) -> str:
    """ "from CT01 to PACS", for a retrieve "by WS01 from PACS"; the other way round where the acceptor asked."""
    ends = [one.calling_ae or one.requestor.ip, one.called_ae or str(one.acceptor)]
    asking, asked = (end if len(end) <= _LONGEST else end[:_LONGEST] + "…" for end in ends)
    if exchange is not None and exchange.requested_by == "acceptor":
        asking, asked = asked, asking
    retrieves = exchange is not None and exchange.service in _RETRIEVES
    return f"by {asking} from {asked}" if retrieves else f"from {asking} to {asked}"


def _scope(
    failed: Collection[int],
    every: Sequence[int],
    ids: Callable[[Finding], Sequence[int]],
    lead: Finding,
    nouns: tuple[str, str],
    between: str,
) -> Scope | None:
    here = [id for id in every if id in failed]
    told = set(_told(lead, ids))
    return Scope(len(here), len(every), *nouns, between, sum(id in told for id in here)) if here else None


def _told(finding: Finding, ids: Callable[[Finding], Sequence[int]]) -> Iterator[int]:
    yield from ids(finding)
    for child in finding.children:
        yield from _told(child, ids)
