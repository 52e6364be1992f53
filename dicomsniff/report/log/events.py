"""An association with its transcript in, what is told of it out, in the order in which it was said."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.association.transcript import PduFacts
from dicomsniff.association.values import Association, Exchange
from dicomsniff.core import Direction, Evidence
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.message import Message
from dicomsniff.pdu.values import Abort, AssociateAc, AssociateRj, AssociateRq, BrokenPdu, ReleaseRp, ReleaseRq
from dicomsniff.report.log.exchange_of import Exchanges
from dicomsniff.report.log.wishes import LogWish
from dicomsniff.tcp.excerpts import Wanted

Control = AssociateRq | AssociateAc | AssociateRj | ReleaseRq | ReleaseRp | Abort | BrokenPdu


class Event(NamedTuple):
    """One thing that was said. `exchange` is that of a message; `pdu` that of what is a PDU, where PDUs are told."""

    evidence: Evidence
    said: Control | Message | None
    exchange: Exchange | None = None
    pdu: PduFacts | None = None


def events(association: Association, wish: LogWish) -> Iterator[Event]:
    """What this association said, as far as it is wanted."""
    waiting = controls(association)
    if wish.level == "association" or association.transcript is None:
        yield from (Event(said.evidence, said) for said in waiting)
        return
    exchanges = Exchanges(association)
    by_place = {(said.evidence.direction, said.evidence.start): said for said in waiting}
    for entry in association.transcript.entries():
        evidence = entry.evidence
        if isinstance(entry, PduFacts):
            said = by_place.pop((evidence.direction, evidence.start), None)
            yield Event(evidence, said, None, entry)
            continue
        while waiting and wish.level != "pdu" and waiting[0].evidence.first_packet <= evidence.first_packet:
            said = waiting.pop(0)
            yield Event(said.evidence, said)
        exchange = exchanges.of(entry)
        if wish.wants_exchange(exchange):
            yield Event(evidence, entry, exchange)
    for said in by_place.values() if wish.level == "pdu" else waiting:
        yield Event(said.evidence, said)


def controls(association: Association) -> list[Control]:
    """Everything that is no P-DATA, in the order of its packets."""
    every: list[Control | None] = [
        association.request,
        association.accept,
        association.reject,
        *association.broken,
        association.release_request,
        association.release_response,
        *association.aborts,
    ]
    return sorted((one for one in every if one is not None), key=lambda one: one.evidence.first_packet)


def wanted_bytes(association: Association, wish: LogWish) -> Iterator[Wanted]:
    """The ranges of the PDUs whose bytes are to be shown."""
    for event in events(association, wish):
        if event.pdu is not None or not isinstance(event.said, Message):
            yield association.connection, event.evidence


def sender(association: Association, direction: Direction) -> str:
    """ "requestor → acceptor", or the reverse."""
    role = association.role(direction)
    return f"{role} → {Association.other(role)}"
