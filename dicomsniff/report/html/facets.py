"""What a reader can filter by (AE title, host, service, status), as lists, and the numbers in them of every association."""

from collections.abc import Iterable
from dataclasses import field

from dicomsniff.association.values import Association, Exchange
from dicomsniff.core.records import dataclass
from dicomsniff.report.html.visible import visible
from dicomsniff.report.values import Report

_MOST = 400  # choices in one list; what comes later is found by search
_LONGEST = 64
NONE = -1


@dataclass(slots=True)
class Facet:
    """One list of choices. Numbers are given in the order of appearance; NONE where the list is full."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, text: str | None) -> int:
        if not text:
            return NONE
        known = self.numbers.get(text)
        if known is None:
            if len(self.numbers) >= _MOST:
                return NONE
            known = self.numbers[text] = len(self.numbers)
        return known

    def choices(self) -> list[tuple[int, str]]:
        """Number and text, in the order of the alphabet."""
        return sorted(((n, visible(text, _LONGEST)) for text, n in self.numbers.items()), key=lambda choice: choice[1])


@dataclass(frozen=True, slots=True)
class Marks:
    """The numbers of one item, by facet."""

    aes: tuple[int, ...] = ()
    hosts: tuple[int, ...] = ()
    services: tuple[int, ...] = ()
    statuses: tuple[int, ...] = ()


@dataclass(slots=True)
class Facets:
    """All four lists. They grow as items are marked, and are whole once every association was."""

    aes: Facet = field(default_factory=Facet)
    hosts: Facet = field(default_factory=Facet)
    services: Facet = field(default_factory=Facet)
    statuses: Facet = field(default_factory=Facet)

    def association(self, one: Association) -> Marks:
        exchanges = one.exchanges
        return Marks(
            _few(map(self.aes.of, (one.calling_ae, one.called_ae))),
            _few(map(self.hosts.of, (one.requestor.ip, one.acceptor.ip))),
            _few(map(self.services.of, dict.fromkeys(e.service for e in exchanges))),
            _few(map(self.statuses.of, dict.fromkeys((str(one.outcome), *map(outcome_of, exchanges))))),
        )

    def hosts_only(self, *ips: str) -> Marks:
        return Marks(hosts=_few(map(self.hosts.of, ips)))


def facets_of(report: Report) -> tuple[Facets, list[Marks]]:
    """The lists, and the marks of each association by its place."""
    facets = Facets()
    return facets, [facets.association(one) for one in report.associations.items]


def outcome_of(exchange: Exchange) -> str:
    """What the status filter offers for an operation: its status code, or how it ended without one."""
    return f"0x{exchange.status:04X}" if exchange.status is not None else str(exchange.outcome)


def _few(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers) - {NONE}))
