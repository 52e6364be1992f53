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
class Receipts:
    """What one receiver is known to have: the instances `stored` there, anywhere in the capture, those of which that is
    not known, and the addresses from which it may have got others in stretches that were not captured."""

    stored: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    unseen_from: set[str] = field(default_factory=set)

    def may_have(self, instance: str | None, sender: str) -> bool:
        """Whether it has this object, or the capture cannot tell that it has not."""
        return instance in self.stored or instance in self.unsure or sender in self.unseen_from


@dataclass(slots=True)
class Job:
    """The C-STOREs of one sender (at the address `source`) to one receiver, in the order of time. `receipts` is shared by
    all jobs of the receiver."""

    sender: str
    receiver: str
    receiving_role: str
    attempts: list[Attempt]
    last_ns: int
    source: str = ""
    receipts: Receipts = field(default_factory=Receipts)

    def lost(self) -> list[Attempt]:
        """What did not arrive, neither in this attempt nor in any other."""
        failed, had = self._failed(), self.receipts.may_have
        return [a for a in failed if not had(a.exchange.sop_instance, self.source)]

    def doubtful(self) -> int:
        """How many objects failed, of which the capture cannot tell whether another attempt brought them."""
        stored = self.receipts.stored
        return sum(a.exchange.sop_instance not in stored for a in self._failed()) - len(self.lost())

    def _failed(self) -> list[Attempt]:
        return [a for a in self.attempts if a.fate in (Fate.CUT_OFF, Fate.REFUSED, Fate.UNANSWERED)]


@once
def jobs(traffic: Traffic) -> Sequence[Job]:
    """Every job of the capture."""
    receivers: dict[tuple[str, str | None], Receipts] = {}
    made: list[Job] = []
    latest: dict[tuple[str, str | None, str, str | None], Job] = {}
    storing = {exchange.association for exchange in traffic.index.of("C-STORE")}
    for association in sorted((traffic.association(id) for id in storing), key=lambda a: (a.first_ns, a.id)):
        for role in ("acceptor", "requestor"):
            stores = [e for e in association.exchanges if e.service == "C-STORE" and performer(e) == role]
            if stores:
                receipts = _note(receivers, association, role, stores)
                if asked := [e for e in stores if e.request]:
                    _add(made, latest, association, role, asked, receipts)
    _note_unseen(receivers, traffic)
    return made


def _note(
    receivers: dict[tuple[str, str | None], Receipts], association: Association, role: str, stores: list[Exchange]
) -> Receipts:
    """A receiver is its address and title; its port is left out, so that a second try on another port counts."""
    title = association.called_ae if role == "acceptor" else association.calling_ae
    receipts = receivers.setdefault((association.end(role).ip, title), Receipts())
    for exchange in stores:
        stored = exchange.final is not None and exchange.status_class in ("success", "warning")
        if not stored and fate(exchange, association) is not Fate.UNKNOWN:
            continue
        if exchange.sop_instance:
            (receipts.stored if stored else receipts.unsure).add(exchange.sop_instance)
        else:
            receipts.unseen_from.add(association.end(association.other(role)).ip)
    return receipts


def _note_unseen(receivers: dict[tuple[str, str | None], Receipts], traffic: Traffic) -> None:
    """What was sent in a hole may have been any object."""
    ways: dict[str, set[str]] = {}
    for a in traffic.associations:
        if a.blind and a.blind_towards(a.to_acceptor):
            ways.setdefault(a.acceptor.ip, set()).add(a.requestor.ip)
        if a.blind and a.blind_towards(a.to_acceptor.opposite):
            ways.setdefault(a.requestor.ip, set()).add(a.acceptor.ip)
    for (ip, _), receipts in receivers.items():
        receipts.unseen_from |= ways.get(ip, set())


def _add(
    made: list[Job],
    latest: dict[tuple[str, str | None, str, str | None], Job],
    association: Association,
    role: str,
    stores: list[Exchange],
    receipts: Receipts,
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
        ends, source = (peer(association, sender), peer(association, role)), association.end(sender).ip
        job = Job(*ends, role, [], association.last_ns, source, receipts)
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
