"""Traffic in, storage commitments out: each request (N-ACTION) with its results (N-EVENT-REPORT), wherever they came.

A result may come on the same association, on a later one of the requester, or on one that the archive opens itself
(PS3.4 §J.3.3); the Transaction UID (0008,1195) is all that joins them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from dicomsniff.association.content import dataset_of
from dicomsniff.association.index import once
from dicomsniff.association.parties import performing
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import DataSet
from dicomsniff.dimse.uids import service_class_of

PUSH_MODEL, PUSH_INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
_READ = 20_000  # messages of storage commitment that are read: a hospital's week


class Way(StrEnum):
    """On which association a result came, seen from its request."""

    SAME = "same association"
    LATER = "later association of the requester"
    REVERSED = "association opened by the archive"


class Reference(NamedTuple):
    """An object that is named; `reason` is the Failure Reason (0008,1197) where it was not committed."""

    sop_class: str | None
    sop_instance: str
    reason: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One N-EVENT-REPORT. `readable`: its data set could be read; `whole`: to its end. `way` is None where its request
    is not in the capture."""

    exchange: Exchange
    transaction: str | None
    committed: tuple[Reference, ...]
    failed: tuple[Reference, ...]
    readable: bool
    whole: bool
    way: Way | None = None

    @property
    def delivered(self) -> bool:
        """Whether the requester said that it took the result."""
        return self.exchange.status_class in ("success", "warning")


@dataclass(frozen=True, slots=True)
class Commitment:
    """One N-ACTION and the results that came for it, in order. `again`: the requests that used the same Transaction UID
    before. `readable` and `whole` as in Result."""

    request: Exchange
    transaction: str | None
    references: tuple[Reference, ...]
    readable: bool
    whole: bool
    results: tuple[Result, ...] = ()
    again: tuple[Exchange, ...] = ()

    @property
    def committed(self) -> frozenset[str]:
        """Instances for which the archive has taken responsibility."""
        return frozenset(one.sop_instance for result in self.results for one in result.committed)

    @property
    def failed(self) -> frozenset[str]:
        """Instances that it refused and did not commit to in another result."""
        refused = frozenset(one.sop_instance for result in self.results for one in result.failed)
        return refused - self.committed


class Commitments(NamedTuple):
    """All requests, in order, and the results whose request is not in the capture."""

    requests: tuple[Commitment, ...]
    strays: tuple[Result, ...]


@once
def commitments(traffic: Traffic) -> Commitments:
    """Every commitment of the capture, read once."""
    requests = [_request(e) for e in _of_commitment(traffic, "N-ACTION")]
    by_transaction: dict[str, list[int]] = {}
    for place, request in enumerate(requests):
        if request.transaction:
            by_transaction.setdefault(request.transaction, []).append(place)
    results: dict[int, list[Result]] = {}
    strays: list[Result] = []
    for result in map(_result, _of_commitment(traffic, "N-EVENT-REPORT")):
        places = by_transaction.get(result.transaction or "", [])
        asked = _asked(result, [requests[p].request for p in places], places, traffic)
        if asked is None:
            strays.append(result)
        else:
            results.setdefault(asked, []).append(_on_its_way(result, requests[asked].request, traffic))
    return Commitments(tuple(_joined(requests, results, by_transaction)), tuple(strays))


def _joined(
    requests: Sequence[Commitment], results: dict[int, list[Result]], by_transaction: dict[str, list[int]]
) -> Iterable[Commitment]:
    for place, one in enumerate(requests):
        same = by_transaction.get(one.transaction or "", ())
        again = tuple(requests[p].request for p in same[:10] if p < place)
        yield Commitment(
            one.request, one.transaction, one.references, one.readable, one.whole, tuple(results.get(place, ())), again
        )


def _of_commitment(traffic: Traffic, service: str) -> Sequence[Exchange]:
    found = [e for e in traffic.index.of(service) if service_class_of(e.sop_class or "") == "commitment" and e.request]
    return found[:_READ]


def _request(exchange: Exchange) -> Commitment:
    data = dataset_of(exchange)
    return Commitment(
        exchange, _transaction(data), _references(data, "ReferencedSOPSequence"), _readable(data), _whole(data)
    )


def _result(exchange: Exchange) -> Result:
    data = dataset_of(exchange)
    return Result(
        exchange,
        _transaction(data),
        _references(data, "ReferencedSOPSequence"),
        _references(data, "FailedSOPSequence"),
        _readable(data),
        _whole(data),
    )


def _asked(result: Result, requests: list[Exchange], places: list[int], traffic: Traffic) -> int | None:
    """The request that a result answers: the latest before it, of that archive where one fits. None without any."""
    if len(places) < 2:
        return places[0] if places else None
    came, sender = result.exchange, traffic.association(result.exchange.association)
    archive = sender.end(came.requested_by).ip
    before = [i for i, e in enumerate(requests) if _ns(e) <= _ns(came)] or [0]
    own = [i for i in before if performing(requests[i], traffic.association(requests[i].association)).ip == archive]
    return places[(own or before)[-1]]


def _ns(exchange: Exchange) -> int:
    return exchange.request.first_ns if exchange.request else 0


def _on_its_way(result: Result, request: Exchange, traffic: Traffic) -> Result:
    if result.exchange.association == request.association:
        way = Way.SAME
    else:
        association = traffic.association(result.exchange.association)
        requester = traffic.association(request.association).end(request.requested_by).ip
        way = Way.LATER if association.requestor.ip == requester != association.acceptor.ip else Way.REVERSED
    return Result(
        result.exchange, result.transaction, result.committed, result.failed, result.readable, result.whole, way
    )


def _transaction(data: DataSet | None) -> str | None:
    return (data.get("TransactionUID") or "").strip() or None if data else None


def _readable(data: DataSet | None) -> bool:
    return data is not None and data.error is None


def _whole(data: DataSet | None) -> bool:
    return data is not None and data.error is None and not data.truncated


def _references(data: DataSet | None, sequence: str) -> tuple[Reference, ...]:
    if data is None:
        return ()
    return tuple(
        Reference(item.get("ReferencedSOPClassUID"), uid, _number(item.get("FailureReason")))
        for item in data.items(sequence)
        if (uid := item.get("ReferencedSOPInstanceUID"))
    )


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None
