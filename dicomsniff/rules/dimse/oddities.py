"""Oddities of an association in, who sent them, what became of the message and how a finding shows them out."""

from collections.abc import Iterable, Iterator

from dicomsniff.association.values import Association, Exchange, ExchangeOutcome, Traffic
from dicomsniff.core import Anomaly, AnomalyCode
from dicomsniff.core.records import replace
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import peer, side
from dicomsniff.rules.negotiation.offence import cost, left_upon

_SHOWN = 6


def odd_associations(traffic: Traffic) -> Iterator[Association]:
    """Associations with anything odd on them; nearly none."""
    return (a for a in traffic.associations if a.anomalies)


def by_sender(association: Association, codes: Iterable[AnomalyCode]) -> Iterator[tuple[str, list[Anomaly]]]:
    """The oddities of these kinds by the role that sent them."""
    wanted = frozenset(codes)
    for role in ("requestor", "acceptor"):
        own = [a for a in association.anomalies if a.code in wanted and association.role(a.evidence.direction) == role]
        if own:
            yield role, own


def exchange_at(association: Association, anomaly: Anomaly) -> Exchange | None:
    """The exchange whose request or response holds the bytes in question."""
    at = anomaly.evidence
    for exchange in association.exchanges:
        for part in (exchange.request, exchange.first_response, exchange.last_response, exchange.final):
            if part and part.direction is at.direction and part.start <= at.start < max(part.end, part.start + 1):
                return exchange
    return None


def aborted_by_receiver(association: Association, anomaly: Anomaly) -> bool:
    """Whether the side that received these bytes aborted after them."""
    abort = association.abort
    if abort is None or abort.evidence.direction is anomaly.evidence.direction:
        return False
    return abort.evidence.after(anomaly.evidence)


def upon(made: Hit, association: Association, own: list[Anomaly], hides: tuple[str, ...], traffic: Traffic) -> Hit:
    """A hit of a rule that hides these: also that the receiver left, where it did so soon after, with nothing said between."""
    return replace(made, hides=(*hides, *left_upon(association, own[-1].evidence, traffic)))


def went_well(exchange: Exchange | None) -> bool:
    """Whether the operation was done nevertheless."""
    return exchange is not None and exchange.outcome in (ExchangeOutcome.COMPLETED, ExchangeOutcome.WARNING)


def odd_hit(
    association: Association,
    role: str,
    anomalies: list[Anomaly],
    message: str,
    severity: Severity,
    traffic: Traffic,
    exchange: Exchange | None = None,
    **facts: object,
) -> Hit:
    """A finding on what `role` sent, proven by these oddities; the sending software must be corrected."""
    lost = () if exchange is not None else cost(association, anomalies, traffic)
    return Hit(
        message,
        packets_of(*(a.evidence for a in anomalies[:_SHOWN])),
        anomalies[0].evidence.first_ns,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id if exchange else lost[-1] if lost else None,
        tells_of=lost,
        act=side(role),
        actor=peer(association, role),
        key=f"{association.end(role).ip}|{association.called_ae}|{role}|{anomalies[0].code}|{severity}",
        facts={
            "count": len(anomalies),
            "details": [a.detail for a in anomalies[:_SHOWN]],
            "sop_class": exchange.sop_class if exchange else None,
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
            "host": association.end(role).ip,
        }
        | facts,
    )
