"""Traffic in, worklist queries out: what each station asked for and the scheduled steps it was given (PS3.4 Annex K)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.association.content import dataset_of
from dicomsniff.association.index import once
from dicomsniff.association.parties import Party, asking
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import DataSet, read_dataset
from dicomsniff.dimse.payload import Payload

WORKLIST = "1.2.840.10008.5.1.4.31"
_QUERIES, _ITEMS = (
    20_000,
    10_000,
)  # queries, and different items, that are read: stations ask for the same again and again


class WorklistItem(NamedTuple):
    """One answer: its place among those of its query (from 0), and its data set."""

    place: int
    data: DataSet

    @property
    def step(self) -> DataSet:
        """The scheduled procedure step; empty where there is none."""
        return next(iter(self.data.items("ScheduledProcedureStepSequence")), DataSet(()))

    @property
    def study(self) -> str | None:
        return self.data.get("StudyInstanceUID") or None

    @property
    def accession_number(self) -> str | None:
        return self.data.get("AccessionNumber") or None


class WorklistQuery(NamedTuple):
    """One C-FIND of the worklist. `keys` is None where its identifier was not seen; `items` are the answers that were
    kept, `matches` counts all."""

    exchange: Exchange
    station: Party
    keys: DataSet | None
    items: tuple[WorklistItem, ...]

    @property
    def matches(self) -> int:
        return self.exchange.pending


@once
def worklist_queries(traffic: Traffic) -> tuple[WorklistQuery, ...]:
    """Every worklist query of the capture, in order."""
    return tuple(_queries(traffic))


def _queries(traffic: Traffic) -> Iterator[WorklistQuery]:
    known: dict[tuple[bytes, str | None], DataSet] = {}
    found = [e for e in traffic.index.of("C-FIND") if e.sop_class == WORKLIST and e.request is not None]
    for exchange in found[:_QUERIES]:
        items = []
        for place, payload in enumerate(exchange.answers):
            data = _read(payload, exchange.transfer_syntax, known)
            if data is not None:
                items.append(WorklistItem(place, data))
        association = traffic.association(exchange.association)
        yield WorklistQuery(exchange, asking(exchange, association), dataset_of(exchange), tuple(items))


def _read(payload: Payload, syntax: str | None, known: dict[tuple[bytes, str | None], DataSet]) -> DataSet | None:
    """An item; the same bytes are read once. None past a limit."""
    key = payload.head(), syntax
    if key not in known:
        if len(known) >= _ITEMS:
            return None
        known[key] = read_dataset(*key)
    return known[key]
