"""Traffic in, storage jobs out: what one sender tried to bring to one receiver, and what became of each object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.rules.leaving import still_open
from dicomsniff.rules.naming import SECOND, peer, performer

JOB_GAP_NS = 600 * SECOND
"""Two associations of one sender and receiver further apart than ten minutes are two jobs."""


class Fate(StrEnum):
    """What became of an object, as far as the capture shows."""

    ARRIVED = "arrived"
    REFUSED = "refused"
    CUT_OFF = "cut off"
    UNANSWERED = "unanswered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One C-STORE, its association and its fate."""

    exchange: Exchange
    association: Association
    fate: Fate


@dataclass(slots=True)
class Job:
    """The C-STOREs of one sender to one receiver, in the order of time. `delivered` are the instances
    stored at that receiver, anywhere in the capture; it is shared by all jobs of the receiver."""

    sender: str
    receiver: str
    receiving_role: str
    attempts: list[Attempt]
    last_ns: int
    delivered: set[str] = field(default_factory=set)

    def lost(self) -> list[Attempt]:
        """What did not arrive, neither in this attempt nor in any other of the capture."""
        fates = (Fate.CUT_OFF, Fate.REFUSED, Fate.UNANSWERED)
        return [a for a in self.attempts if a.fate in fates and a.exchange.sop_instance not in self.delivered]


@once
def jobs(traffic: Traffic) -> Sequence[Job]:
    """Every job of the capture."""
    deliveries: dict[tuple[str, str | None], set[str]] = {}
    made: list[Job] = []
    latest: dict[tuple[str, str | None, str, str | None], Job] = {}
    storing = {exchange.association for exchange in traffic.index.of("C-STORE")}
    for association in sorted((traffic.association(id) for id in storing), key=lambda a: (a.first_ns, a.id)):
        for role in ("acceptor", "requestor"):
            stores = [e for e in association.exchanges if e.service == "C-STORE" and e.request and performer(e) == role]
            if stores:
                delivered = _note_deliveries(deliveries, association, role, stores)
                _add(made, latest, association, role, stores, delivered)
    return made


def _note_deliveries(
    deliveries: dict[tuple[str, str | None], set[str]],
    association: Association,
    role: str,
    stores: list[Exchange],
) -> set[str]:
    """A receiver is its address and title; its port is left out, so that a second try on another port counts."""
    title = association.called_ae if role == "acceptor" else association.calling_ae
    delivered = deliveries.setdefault((association.end(role).ip, title), set())
    for exchange in stores:
        if exchange.final and exchange.sop_instance and exchange.status_class in ("success", "warning"):
            delivered.add(exchange.sop_instance)
    return delivered


def _add(
    made: list[Job],
    latest: dict[tuple[str, str | None, str, str | None], Job],
    association: Association,
    role: str,
    stores: list[Exchange],
    delivered: set[str],
) -> None:
    sender = "requestor" if role == "acceptor" else "acceptor"
    port = str(association.acceptor.port) if role == "acceptor" else ""
    key = (
        association.end(sender).ip,
        association.calling_ae,
        f"{association.end(role).ip} {port} {role}",
        association.called_ae,
    )
    job = latest.get(key)
    if job is None or association.first_ns - job.last_ns > JOB_GAP_NS:
        job = Job(peer(association, sender), peer(association, role), role, [], association.last_ns, delivered)
        latest[key] = job
        made.append(job)
    job.attempts += [Attempt(e, association, fate(e, association)) for e in stores]
    job.last_ns = max(job.last_ns, association.last_ns)


def fate(exchange: Exchange, association: Association) -> Fate:
    """What became of one object. Loss in the capture, or its end, makes it unknown: absence is not proof."""
    if exchange.final is not None:
        return Fate.REFUSED if exchange.status_class == "failure" else Fate.ARRIVED
    if still_open(association) or association.blind_towards(exchange.direction.opposite):
        return Fate.UNKNOWN
    if exchange.request_finished:
        return Fate.UNANSWERED
    return Fate.UNKNOWN if association.blind_towards(exchange.direction) else Fate.CUT_OFF
