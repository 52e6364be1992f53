"""Traffic in, modality performed procedure steps out: each N-CREATE with its N-SETs, and what they say (PS3.4 Annex F)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from dicomsniff.association.commitment import Reference
from dicomsniff.association.content import dataset_of
from dicomsniff.association.index import once
from dicomsniff.association.parties import Party, asking, performing
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import DataSet

MPPS = "1.2.840.10008.3.1.2.3.3"
IN_PROGRESS, COMPLETED, DISCONTINUED = "IN PROGRESS", "COMPLETED", "DISCONTINUED"
FINAL = frozenset({COMPLETED, DISCONTINUED})
_READ = 20_000  # messages that are read


class Update(NamedTuple):
    """One N-CREATE or N-SET. `status` is the Performed Procedure Step Status (0040,0252) it sets, None where it sets none;
    `taken`: the server acknowledged it. `performed` are the instances it lists and `series` their series; `lists`: it
    has a Performed Series Sequence that was read to its end; `data` is None where its data set was not seen."""

    exchange: Exchange
    status: str | None
    taken: bool
    performed: tuple[Reference, ...]
    series: tuple[str, ...]
    lists: bool
    data: DataSet | None


@dataclass(slots=True)
class ProcedureStep:
    """One procedure step at one server: the N-CREATEs of its instance UID (more than one where it was tried again), then
    the N-SETs, in order."""

    instance: str | None
    station: Party
    server: Party
    creates: list[Update] = field(default_factory=list)
    sets: list[Update] = field(default_factory=list)

    @property
    def updates(self) -> list[Update]:
        return [*self.creates, *self.sets]

    @property
    def created(self) -> Update | None:
        """The N-CREATE that was acknowledged; 0111 (duplicate) says that an earlier one was (PS3.7 §10.1.5)."""
        return next((u for u in self.creates if u.taken or u.exchange.status == 0x0111), None)

    @property
    def finished(self) -> Update | None:
        """The first acknowledged update that ended it."""
        return next((u for u in self.updates if u.taken and u.status in FINAL), None)

    @property
    def status(self) -> str | None:
        """The status that the server acknowledged last."""
        return next((u.status for u in reversed(self.updates) if u.taken and u.status), None)

    def values(self, keyword: str) -> tuple[str, ...]:
        """The values of an attribute at the top level or in the Scheduled Step Attributes Sequence, each once."""
        found: dict[str, None] = {}
        for update in self.updates:
            if update.data is not None:
                for data in (update.data, *update.data.items("ScheduledStepAttributesSequence")):
                    if value := (data.get(keyword) or "").strip():
                        found.setdefault(value)
        return tuple(found)


@once
def procedure_steps(traffic: Traffic) -> tuple[ProcedureStep, ...]:
    """Every step of the capture in the order of its first message. One step reported to two servers is two."""
    steps: dict[tuple[str | int, str], ProcedureStep] = {}
    for exchange in _messages(traffic):
        association = traffic.association(exchange.association)
        server = performing(exchange, association)
        key = (exchange.sop_instance or exchange.id, server.ip)
        step = steps.get(key)
        if step is None:
            step = steps[key] = ProcedureStep(exchange.sop_instance, asking(exchange, association), server)
        (step.creates if exchange.service == "N-CREATE" else step.sets).append(_update(exchange))
    return tuple(steps.values())


def _messages(traffic: Traffic) -> list[Exchange]:
    return [e for e in traffic.index.of("N-CREATE", "N-SET") if e.sop_class == MPPS and e.request is not None][:_READ]


def _update(exchange: Exchange) -> Update:
    data = dataset_of(exchange)
    series = data.items("PerformedSeriesSequence") if data else ()
    performed = tuple(reference for one in series for reference in _listed(one))
    return Update(
        exchange,
        (data.get("PerformedProcedureStepStatus") or "").strip().upper() or None if data else None,
        exchange.status_class in ("success", "warning"),
        performed,
        tuple(uid for one in series if (uid := one.get("SeriesInstanceUID"))),
        bool(series) and data is not None and not data.truncated and data.error is None,
        data,
    )


def _listed(series: DataSet) -> Iterator[Reference]:
    """The images and other objects of a performed series (PS3.3 §C.4.14)."""
    for sequence in ("ReferencedImageSequence", "ReferencedNonImageCompositeSOPInstanceSequence"):
        for item in series.items(sequence):
            if uid := item.get("ReferencedSOPInstanceUID"):
                yield Reference(item.get("ReferencedSOPClassUID"), uid)
