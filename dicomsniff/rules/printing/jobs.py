"""Traffic in, print jobs out: what was asked of a printer in one association, and what it handed out and reported."""

from collections.abc import Iterator, Sequence

from dicomsniff.association.content import answers_of, dataset_of
from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.dataset import DataSet
from dicomsniff.dimse.uids import service_class_of

FILM_SESSION, FILM_BOX = "1.2.840.10008.5.1.1.1", "1.2.840.10008.5.1.1.2"
IMAGE_BOXES = frozenset({"1.2.840.10008.5.1.1.4", "1.2.840.10008.5.1.1.4.1"})
PRINT_JOB, PRINTER = "1.2.840.10008.5.1.1.14", "1.2.840.10008.5.1.1.16"
_SERVICES = ("N-CREATE", "N-SET", "N-GET", "N-ACTION", "N-DELETE", "N-EVENT-REPORT")
_DONE = ("success", "warning")


@dataclass(frozen=True, slots=True)
class PrintJob:
    """The print services of one association, in their order."""

    association: Association
    exchanges: Sequence[Exchange]

    def of(self, service: str, *classes: str) -> list[Exchange]:
        return [e for e in self.exchanges if e.service == service and e.sop_class in classes]

    @property
    def printed(self) -> bool:
        """Whether a film was sent to print with success."""
        return any(e.status_class in _DONE for e in self.of("N-ACTION", FILM_SESSION, FILM_BOX))

    @property
    def filled(self) -> list[Exchange]:
        """The image boxes that were set with success."""
        return [e for e in self.of("N-SET", *IMAGE_BOXES) if e.status_class in _DONE and e.final]

    @property
    def boxless(self) -> list[Exchange]:
        """Film boxes that were created, but whose response hands out no image box: (2010,0510) of PS3.3 §C.13.3."""
        made = [e for e in self.of("N-CREATE", FILM_BOX) if e.final and e.status_class in _DONE]
        return [e for e in made if (known := _handed_out(e)) is not None and not known]

    def strangers(self) -> list[Exchange]:
        """N-SETs to image boxes that no film box of the association handed out; none where a response was not seen whole."""
        known: set[str] = set()
        for box in self.of("N-CREATE", FILM_BOX):
            handed_out = _handed_out(box)
            if box.status_class in _DONE and not handed_out:
                return []
            known |= handed_out or set()
        sets = self.of("N-SET", *IMAGE_BOXES)
        return [e for e in sets if e.sop_instance and e.sop_instance not in known] if known else []


def _handed_out(film_box: Exchange) -> set[str] | None:
    """The image boxes of the response; None where it could not be read."""
    if not film_box.final_has_data and not film_box.answers:
        return set() if film_box.final is not None else None
    found: set[str] = set()
    for data in answers_of(film_box):
        if data.error or data.truncated:
            return None
        for item in data.items("ReferencedImageBoxSequence"):
            found.add((item.get("ReferencedSOPInstanceUID") or "").strip("\0 "))
    return found if film_box.answers else None


@dataclass(frozen=True, slots=True)
class Report:
    """What a printer says of itself or of a job: "FAILURE" or "WARNING", and why."""

    exchange: Exchange
    what: str
    status: str
    why: str


def reports(job: PrintJob) -> Iterator[Report]:
    """Every answer to an N-GET and every N-EVENT-REPORT that tells a trouble (PS3.4 §H.4.5, §H.4.6)."""
    for exchange in job.exchanges:
        if exchange.service == "N-GET" and exchange.status_class in _DONE:
            for data in answers_of(exchange):
                yield from _said(exchange, data)
        elif exchange.service == "N-EVENT-REPORT":
            yield from _event(exchange)


def _said(exchange: Exchange, data: DataSet) -> Iterator[Report]:
    pairs = (("printer", "PrinterStatus", "PrinterStatusInfo"), ("print job", "ExecutionStatus", "ExecutionStatusInfo"))
    for what, status, info in pairs:
        told = (data.get(status) or "").strip().upper()
        if told in ("WARNING", "FAILURE"):
            yield Report(exchange, what, told, (data.get(info) or "").strip())


def _event(exchange: Exchange) -> Iterator[Report]:
    """Event types: 2 and 3 of a printer are warning and failure, 4 of a print job is failure."""
    kinds = {(PRINTER, 2): "WARNING", (PRINTER, 3): "FAILURE", (PRINT_JOB, 4): "FAILURE"}
    told = kinds.get((exchange.sop_class or "", exchange.event_type_id or 0))
    if told:
        data = dataset_of(exchange)
        info = (data.get("PrinterStatusInfo") or data.get("ExecutionStatusInfo") or "") if data else ""
        yield Report(exchange, "printer" if exchange.sop_class == PRINTER else "print job", told, info.strip())


@once
def print_jobs(traffic: Traffic) -> Sequence[PrintJob]:
    """The print jobs of the capture, association by association."""
    found: dict[int, list[Exchange]] = {}
    for exchange in traffic.index.of(*_SERVICES):
        if exchange.request and exchange.sop_class and service_class_of(exchange.sop_class) == "print":
            found.setdefault(exchange.association, []).append(exchange)
    return [PrintJob(traffic.association(id), exchanges) for id, exchanges in found.items()]
