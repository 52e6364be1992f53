"""The traffic and its findings in, what was seen to go well out: objects that arrived whole, operations that completed."""

from collections import Counter
from collections.abc import Sequence

from dicomsniff.association.values import Exchange, ExchangeOutcome, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.report.exchange_rows import is_object
from dicomsniff.report.wording import count, joined
from dicomsniff.rules.finding import Finding, Severity

_SUCCESS = 0x0000
_SERVICES = 4
_ABOUT_OBJECTS = ("DS-DATA", "DS-STORE", "DS-DIMSE", "DS-CAP", "DS-SC")
_LONGEST = 32  # characters of a title; 16 are allowed


@dataclass(frozen=True, slots=True)
class Health:
    """`intact` says that all objects arrived intact, `completed` which operations were completed; empty where that is not
    proved, or not all there is to say."""

    intact: str = ""
    completed: str = ""

    @property
    def words(self) -> str:
        return self.intact or self.completed


def health_of(traffic: Traffic, findings: Sequence[Finding]) -> Health:
    """`traffic` without views. An object is intact where every byte of it was captured and the receiver answered 0x0000;
    no finding of weight may speak of contents."""
    objects = [exchange for exchange in traffic.exchanges if is_object(exchange)]
    doubted = any(
        f.severity in (Severity.ERROR, Severity.WARNING) and f.rule.startswith(_ABOUT_OBJECTS) for f in findings
    )
    intact = bool(objects) and not doubted and all(map(_arrived, objects))
    well = all(e.outcome is ExchangeOutcome.COMPLETED for e in traffic.exchanges)
    return Health(_objects(traffic, objects) if intact else "", _operations(traffic) if well else "")


def _arrived(exchange: Exchange) -> bool:
    payload = exchange.payload
    return payload is not None and payload.complete and exchange.request_complete and exchange.status == _SUCCESS


def _objects(traffic: Traffic, objects: Sequence[Exchange]) -> str:
    number = len(objects)
    who = "the only object" if number == 1 else "both objects" if number == 2 else f"all {number:,} objects"
    return f"{who}{_between(traffic, objects)} arrived intact"


def _operations(traffic: Traffic) -> str:
    """ "1 C-ECHO and 2 C-FINDs from CT01 to PACS completed"."""
    services = Counter(exchange.service for exchange in traffic.exchanges)
    if not services or len(services) > _SERVICES:
        return ""
    return f"{joined([count(number, name) for name, number in services.items()])}{_between(traffic, traffic.exchanges)} completed"


def _between(traffic: Traffic, exchanges: Sequence[Exchange]) -> str:
    """Between whom, where that is always the same two and in the same direction."""
    pairs = {(a.calling_ae, a.called_ae) for a in map(traffic.association, {e.association for e in exchanges})}
    if len(pairs) != 1 or any(exchange.requested_by != "requestor" for exchange in exchanges):
        return ""
    calling, called = pairs.pop()
    return f" from {calling[:_LONGEST]} to {called[:_LONGEST]}" if calling and called else ""
