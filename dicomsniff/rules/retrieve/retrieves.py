"""Traffic in, its C-MOVEs and C-GETs out, each with its deliveries and the words in which findings speak of them."""

from __future__ import annotations

from functools import partial

from dicomsniff.association.content import failed_instances
from dicomsniff.association.index import once
from dicomsniff.association.values import (
    Association,
    Conversation,
    Delivery,
    Exchange,
    ExchangeOutcome,
    Retrieval,
    Strength,
    Traffic,
)
from dicomsniff.core import Endpoint
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.message import SubOperations
from dicomsniff.rules.finding import About, Hit, Side, packets_of
from dicomsniff.rules.naming import counted, peer, status_words

_NONE = SubOperations(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Retrieve:
    """One C-MOVE or C-GET of a traffic, for rules."""

    retrieval: Retrieval
    exchange: Exchange
    association: Association
    traffic: Traffic

    @property
    def archive(self) -> str:
        return peer(self.association, "acceptor")

    @property
    def requestor(self) -> str:
        return peer(self.association, "requestor")

    @property
    def destination(self) -> str:
        """The title that a C-MOVE names; the requestor's own for a C-GET."""
        return self.exchange.move_destination or self.association.calling_ae or ""

    @property
    def to_itself(self) -> bool:
        """Whether the requestor asked for delivery to its own title."""
        return self.destination == self.association.calling_ae

    @property
    def counts(self) -> SubOperations:
        """The last counters that were seen."""
        return self.exchange.suboperations or _NONE

    @property
    def stores(self) -> list[Exchange]:
        return [self.traffic.exchange(id) for id in self.retrieval.stores]

    @property
    def failed(self) -> tuple[str, ...]:
        """The instances that the archive lists as failed."""
        return failed_instances(self.exchange)

    @property
    def lacking(self) -> bool:
        """Whether something asked for did not come, or the answer is still due."""
        if self.exchange.outcome is ExchangeOutcome.CANCELLED:
            return False
        if self.counts.failed:
            return True
        if self.exchange.outcome is ExchangeOutcome.COMPLETED:  # some say so though nothing could be sent
            tried = any(d.strength is not Strength.WEAK for d in self.retrieval.deliveries)
            return tried and not self.counts.completed and not self.retrieval.stores
        return not self._only_warned

    @property
    def seen(self) -> bool:
        """Whether a final response would have been captured."""
        return not self.exchange.unseen

    @property
    def ended_badly(self) -> bool:
        """Whether it lacks something by its own final response."""
        return self.lacking and self.exchange.final is not None

    @property
    def _only_warned(self) -> bool:
        counts = self.counts
        warned = self.exchange.outcome is ExchangeOutcome.WARNING
        return warned and counts.failed == 0 and bool(counts.warning) and not self.failed

    @property
    def result(self) -> str:
        """ "the C-MOVE ended with 0xA702 (…): 0 completed, 3 failed", as a clause."""
        service, counts = self.exchange.service, self.counts
        if self.exchange.final is None:
            return f"the {service} was not answered" if self.seen else f"the end of the {service} was not captured"
        known = (("completed", counts.completed), ("failed", counts.failed), ("with warning", counts.warning or None))
        told = ", ".join(f"{number} {name}" for name, number in known if number is not None)
        return f"the {service} ended with {status_words(self.exchange)}" + (f": {told}" if told else "")

    def target(self, delivery: Delivery) -> Endpoint:
        """Where a delivery went."""
        return self.conversation(delivery).tcp.responder

    def conversation(self, delivery: Delivery) -> Conversation:
        return self.traffic.conversation(delivery.connection)

    def at_requestor(self, delivery: Delivery) -> bool:
        return self.target(delivery).ip == self.association.requestor.ip

    def receiver(self, delivery: Delivery) -> tuple[Side, str]:
        """The side that a delivery went to, as it stands to the C-MOVE, and its name."""
        where = self.target(delivery)
        name = f"{self.destination} ({where})" if self.destination else str(where)
        return (Side.REQUESTOR if self.at_requestor(delivery) else Side.UNKNOWN), name


@once
def retrieves(traffic: Traffic) -> tuple[Retrieve, ...]:
    """Every C-MOVE and C-GET whose request was seen."""
    make = partial(Retrieve, traffic=traffic)
    return tuple(make(r, traffic.exchange(r.exchange), traffic.association(r.association)) for r in traffic.retrievals)


@once
def moves(traffic: Traffic) -> tuple[Retrieve, ...]:
    return tuple(one for one in retrieves(traffic) if one.exchange.service == "C-MOVE")


def doubt(*deliveries: Delivery) -> str:
    """A sentence on how surely the first delivery belongs to its retrieve; "" where that is certain."""
    first = deliveries[0]
    if first.strength is Strength.STRONG:
        return ""
    if first.strength is Strength.WEAK:
        return f" That this belongs to the C-MOVE is concluded from address and time alone: {first.why[0]}."
    return f" That this belongs to the C-MOVE is probable: {' and '.join(first.why[:2])}."


def hit(
    retrieve: Retrieve,
    message: str,
    deliveries: tuple[Delivery, ...],
    *packets: int,
    act: Side,
    actor: str | None,
    **more: object,
) -> Hit:
    """A Hit on a retrieve that explains what was found on these deliveries. `packets` prove it, with the retrieve's own;
    `more` are its facts and further fields of Hit (fix, causes, severity, key)."""
    exchange, association = retrieve.exchange, retrieve.association
    fields = {name: more.pop(name) for name in ("fix", "causes", "severity", "key") if name in more}
    own = packets_of(exchange.request, exchange.final, limit=4)
    about = About(
        (),
        tuple(d.association for d in deliveries if d.association not in (None, association.id)),
        tuple(d.connection for d in deliveries if d.association is None),
    )
    return Hit(
        message,
        tuple(sorted({*own, *packets[:8]})),
        exchange.request.last_ns if exchange.request else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=act,
        actor=actor,
        facts=_facts(retrieve, deliveries) | more,
        about=about,
        **fields,  # type: ignore[arg-type]
    )


def _facts(retrieve: Retrieve, deliveries: tuple[Delivery, ...]) -> dict[str, object]:
    exchange, counts = retrieve.exchange, retrieve.counts
    made: dict[str, object] = {
        "destination": exchange.move_destination,
        "calling_ae": retrieve.association.calling_ae,
        "called_ae": retrieve.association.called_ae,
        "requestor": retrieve.association.requestor.ip,
        "status": None if exchange.status is None else f"0x{exchange.status:04X}",
        "completed": counts.completed,
        "failed": counts.failed,
        "warning": counts.warning,
    }
    if deliveries:
        where = retrieve.target(deliveries[0])
        made |= {"host": where.ip, "port": where.port, "strength": str(deliveries[0].strength)}
        made["connections"] = sorted({delivery.connection for delivery in deliveries})[:100]
    return made


def objects(number: int | None) -> str:
    """ "3 objects", or "Objects" where their number is not known."""
    return "Objects" if number is None else counted(number, "object")
