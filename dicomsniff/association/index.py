"""Traffic in, the ways of looking things up in it out, each made when first asked for and then shared by all rules.

A capture may hold 200,000 exchanges, and a hundred rules ask about them: a rule that wants the failed C-FINDs takes
them from here and never looks at the others. What several rules gather for themselves (jobs, servers) they share
by `once`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from dicomsniff.association.values import Association, Conversation, Exchange, Kind, Traffic
    from dicomsniff.core import Anomaly, AnomalyCode, Endpoint

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class Index:
    """What lies where in one traffic. Everything is in the order of the capture; nothing here judges.

    Exchanges: `of(service, ...)`, `answered` (a final response with a status), `failed` and `warned` (those of them whose
    status is of that class), `asked` (whole requests that want an answer), `unanswered` (those of them without a
    final response), `stores_of` (C-STOREs by SOP instance). Associations: `ended_badly` (not released), `blind`
    (not seen whole), `by_acceptor`, `anomalies` (by code, with their association). Conversations: `by_kind`.
    """

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def of(self, *services: str) -> Sequence[Exchange]:
        """Exchanges of these services ("C-STORE", "N-ACTION"); a service without any costs nothing."""
        found = [own for service in services if (own := self._services.get(service))]
        if len(found) < 2:
            return found[0] if found else ()
        return sorted((e for own in found for e in own), key=lambda e: e.id)

    @cached_property
    def _services(self) -> Mapping[str, Sequence[Exchange]]:
        return _grouped((e.service, e) for e in self._traffic.exchanges)

    @cached_property
    def answered(self) -> Sequence[Exchange]:
        return [e for e in self._traffic.exchanges if e.final is not None and e.status is not None]

    @cached_property
    def failed(self) -> Sequence[Exchange]:
        return [e for e in self.answered if e.status_class == "failure"]

    @cached_property
    def warned(self) -> Sequence[Exchange]:
        return [e for e in self.answered if e.status_class == "warning"]

    @cached_property
    def asked(self) -> Sequence[Exchange]:
        return [e for e in self._traffic.exchanges if e.request_finished and e.request and e.service != "C-CANCEL"]

    @cached_property
    def unanswered(self) -> Sequence[Exchange]:
        return [e for e in self.asked if e.final is None]

    @cached_property
    def stores_of(self) -> Mapping[str, Sequence[Exchange]]:
        return _grouped((e.sop_instance, e) for e in self.of("C-STORE") if e.sop_instance)

    @cached_property
    def ended_badly(self) -> Sequence[Association]:
        return [a for a in self._traffic.associations if a.outcome != "released"]

    @cached_property
    def blind(self) -> Sequence[Association]:
        return [a for a in self._traffic.associations if a.blind]

    @cached_property
    def by_acceptor(self) -> Mapping[Endpoint, Sequence[Association]]:
        return _grouped((a.acceptor, a) for a in self._traffic.associations)

    @cached_property
    def anomalies(self) -> Mapping[AnomalyCode, Sequence[tuple[Association, Anomaly]]]:
        return _grouped((odd.code, (a, odd)) for a in self._traffic.associations if a.anomalies for odd in a.anomalies)

    @cached_property
    def by_kind(self) -> Mapping[Kind, Sequence[Conversation]]:
        return _grouped((c.kind, c) for c in self._traffic.conversations)


def once(gather: Callable[[Traffic], T]) -> Callable[[Traffic], T]:
    """Decorates a function of the traffic that several rules call: it works once for each traffic.

    What it gives is shared, so it must be a value that nobody changes, not an iterator that the first caller empties.
    """

    @wraps(gather)
    def shared(traffic: Traffic) -> T:
        known = traffic.gathered
        if gather not in known:
            known[gather] = gather(traffic)
        found: T = known[gather]
        return found

    return shared


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The second of each pair by the first."""
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
