"""Retrieves and their deliveries as rows of the report, and which retrieves an association served."""

from collections.abc import Iterable

from dicomsniff.association.retrieve_times import RetrieveTimes, retrieve_times
from dicomsniff.association.timing import Timing
from dicomsniff.association.values import Delivery, Retrieval, Traffic
from dicomsniff.report.convert import endpoint_row, milliseconds
from dicomsniff.report.timing_rows import sums_row
from dicomsniff.report.values import Row


def retrieval_row(retrieval: Retrieval, traffic: Traffic, times: Timing) -> Row:
    exchange = traffic.exchange(retrieval.exchange)
    return {
        "exchange": retrieval.exchange,
        "association": retrieval.association,
        "service": exchange.service,
        "move_destination": exchange.move_destination,
        "stores": len(retrieval.stores),
        "deliveries": [_delivery_row(delivery, traffic) for delivery in retrieval.deliveries],
        "forwarded": list(retrieval.forwarded),
        "time": _time_row(retrieve_times(retrieval, traffic, times)),
    }


def _time_row(made: RetrieveTimes) -> Row:
    """In ms: the asking and the delivering; what the deliveries consist of stands in `delivered`."""
    names = ("whole", "start", "setup", "storing", "between", "tail")
    row: Row = {name: milliseconds(getattr(made, name)) for name in names}
    return {**row, "concurrency": made.concurrency, "delivered": sums_row(made.delivered)}


def _delivery_row(delivery: Delivery, traffic: Traffic) -> Row:
    tcp = traffic.conversation(delivery.connection).tcp
    association = traffic.association(delivery.association) if delivery.association else None
    return {
        "connection": delivery.connection,
        "association": delivery.association,
        "from": endpoint_row(tcp.initiator),
        "to": endpoint_row(tcp.responder),
        "outcome": str(association.outcome) if association else tcp.opened,
        "stores": list(delivery.stores),
        "strength": str(delivery.strength),
        "score": delivery.score,
        "why": list(delivery.why),
    }


def served(retrievals: Iterable[Row]) -> dict[int, list[Row]]:
    """The rows of the C-MOVEs that each association delivered for, or was meant to, by its id."""
    found: dict[int, list[Row]] = {}
    for row in retrievals:
        for delivery in row["deliveries"]:
            if delivery["association"] not in (None, row["association"]):
                found.setdefault(delivery["association"], []).append(row)
    return found
