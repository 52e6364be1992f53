"""Traffic in, its associations by the server they were asked of out: what else a server took says why it refused."""

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """One listening address and every association whose request to it was seen, in the order of the capture."""

    endpoint: Endpoint
    associations: tuple[Association, ...]

    @property
    def accepted(self) -> tuple[Association, ...]:
        return tuple(a for a in self.associations if a.accept is not None)

    @property
    def examples(self) -> tuple[Association, ...]:
        """The first accepted association of each pair of titles and address of the requestor."""
        first: dict[tuple[str | None, str | None, str], Association] = {}
        for a in self.accepted:
            first.setdefault((a.calling_ae, a.called_ae, a.requestor.ip), a)
        return tuple(first.values())

    def rejected(self, source: int, reason: int) -> tuple[Association, ...]:
        """Those refused with this source and reason (PS3.8 §9.3.4, Table 9-21), whatever the result."""
        return tuple(
            a for a in self.associations if a.reject and (a.reject.source, a.reject.reason) == (source, reason)
        )


@once
def servers(traffic: Traffic) -> list[Server]:
    """Every server of which an A-ASSOCIATE-RQ was seen, in the order of the first."""
    asked: dict[Endpoint, list[Association]] = {}
    for association in traffic.associations:
        if association.request is not None:
            asked.setdefault(association.acceptor, []).append(association)
    return [Server(endpoint, tuple(associations)) for endpoint, associations in asked.items()]


@once
def homes(traffic: Traffic) -> dict[str, set[Endpoint]]:
    """Where each title accepted an association."""
    found: dict[str, set[Endpoint]] = {}
    for association in traffic.associations:
        if association.accept is not None and association.called_ae:
            found.setdefault(association.called_ae, set()).add(association.acceptor)
    return found
