"""Traffic in, who used and accepted what out: the capture-wide knowledge that tells a wanted SOP class from a mere offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from dicomsniff.association.content import failed_instances
from dicomsniff.association.index import once
from dicomsniff.association.values import Association, ContextResult, Exchange, ExchangeOutcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.uids import is_storage_class
from dicomsniff.rules.contexts.offers import VERIFICATION, Offer, ended_idle, ending, offers, unseen
from dicomsniff.rules.rule import Among

Caller = tuple[str, str | None]


@dataclass(slots=True)
class Usage:
    """What the whole capture shows. `used`: per requestor (address, AE title) and SOP class the associations that
    asked for it; `accepted`: per acceptor and SOP class the transfer syntaxes it took; `stored`: per SOP class the
    instances seen; `retrieves`: failed or incomplete C-MOVEs by (address of the archive, destination title);
    `idle`: per requestor and acceptor the associations that it left without asking for anything."""

    used: dict[Caller, dict[str, list[int]]] = field(default_factory=dict)
    accepted: dict[Endpoint, dict[str, set[str]]] = field(default_factory=dict)
    stored: dict[str, set[str]] = field(default_factory=dict)
    retrieves: dict[tuple[str, str], list[Exchange]] = field(default_factory=dict)
    idle: dict[tuple[Caller, Endpoint], list[Association]] = field(default_factory=dict)

    @staticmethod
    @once
    def of(traffic: Traffic) -> Usage:
        """Reads the capture once."""
        usage = Usage()
        for association in traffic.associations:
            usage._note_accepted(association)
            if ended_idle(association) and not unseen(association):
                caller = (association.requestor.ip, association.calling_ae)
                usage.idle.setdefault((caller, association.acceptor), []).append(association)
            for exchange in association.exchanges:
                usage._note_exchange(association, exchange)
        return usage

    def _note_accepted(self, association: Association) -> None:
        taken = self.accepted.setdefault(association.acceptor, {})
        for context in association.contexts:
            if context.accepted and not context.inferred and context.abstract_syntax and context.transfer_syntax:
                taken.setdefault(context.abstract_syntax, set()).add(context.transfer_syntax)

    def _note_exchange(self, association: Association, exchange: Exchange) -> None:
        if exchange.sop_class and exchange.requested_by == "requestor":
            uses = self.used.setdefault((association.requestor.ip, association.calling_ae), {})
            seen = uses.setdefault(exchange.sop_class, [])
            if len(seen) < 2 and association.id not in seen:  # two tell "elsewhere" for every association
                seen.append(association.id)
        if exchange.service == "C-STORE" and exchange.sop_class and exchange.sop_instance:
            self.stored.setdefault(exchange.sop_class, set()).add(exchange.sop_instance)
        if exchange.service == "C-MOVE" and exchange.move_destination and _lacking(exchange):
            self.retrieves.setdefault((association.acceptor.ip, exchange.move_destination), []).append(exchange)

    def elsewhere(self, sop_class: str, association: Association) -> int | None:
        """Another association in which the same requestor asked for something of this class."""
        uses = self.used.get((association.requestor.ip, association.calling_ae), {})
        return next((id for id in uses.get(sop_class, ()) if id != association.id), None)

    def left_before(self, association: Association) -> Association | None:
        """The last earlier association with the same acceptor that the same requestor left without asking for anything."""
        caller = (association.requestor.ip, association.calling_ae)
        earlier = None
        for other in self.idle.get((caller, association.acceptor), ()):
            if other.id == association.id:
                return earlier
            earlier = other
        return None

    def failed_retrieve(self, sop_class: str, association: Association) -> Exchange | None:
        """A retrieve whose final response, after this negotiation, lists failed instances known to be of this class: a
        C-GET of this association, or the C-MOVE to whose destination this association was opened."""
        known = self.stored.get(sop_class)
        if not known:
            return None
        own = [e for e in association.exchanges if e.service == "C-GET" and _lacking(e)]
        moves = self.retrieves.get((association.requestor.ip, association.called_ae or ""), [])
        for exchange in own + moves:
            if (
                exchange.final
                and exchange.final.last_ns > association.first_ns
                and not known.isdisjoint(failed_instances(exchange))
            ):
                return exchange
        return None


@dataclass(frozen=True, slots=True)
class Negotiation:
    """One association with proposal and acceptance, and what the capture knows around it."""

    association: Association
    offers: tuple[Offer, ...]
    usage: Usage

    def need(self, offer: Offer) -> str | None:
        """Why a refused class was wanted and not merely offered; None where the capture does not show it.

        Clients offer whole catalogues, so a refusal counts only when the class was the only one, nothing was done
        without it, a retrieve failed for want of it, or the same requestor uses it elsewhere.
        """
        if not {o.sop_class for o in self.offers} - {offer.sop_class, VERIFICATION}:
            return "nothing else was asked for"
        if self.left_idle and not offer.private:
            return f"the requestor then {ending(self.association)} without asking for anything"
        if (other := self.usage.elsewhere(offer.sop_class, self.association)) is not None:
            return f"the same requestor uses it in association {other}"
        if failed := self.usage.failed_retrieve(offer.sop_class, self.association):
            return f"the {failed.service} of association {failed.association} then listed objects of it as failed"
        return None

    @property
    def purpose(self) -> str | None:
        """What a requestor came for that asked for nothing then: the one class that it offered beside those of Storage and
        Verification, as who wants a C-GET does; None where there is not exactly one, or it asked for something."""
        others = [o for o in self.offers if o.sop_class != VERIFICATION and not is_storage_class(o.sop_class)]
        alone = len(others) == 1 and not others[0].private and self.left_idle
        return others[0].sop_class if alone else None

    def came_for(self, refused: Sequence[Offer]) -> bool:
        """Whether these classes, all refused, are what the requestor surely came for, so that its leaving follows."""
        if self.purpose is not None:
            return refused[0].sop_class == self.purpose
        return self.left_idle and not {o.sop_class for o in self.offers} - {
            VERIFICATION,
            *(o.sop_class for o in refused),
        }

    @property
    def left_idle(self) -> bool:
        """Whether the requestor surely ended the association without asking for anything."""
        return ended_idle(self.association) and not unseen(self.association)


@once
def negotiations(traffic: Traffic) -> Among[Negotiation]:
    """Every association of which both proposal and acceptance were seen, among them those where a context was refused."""
    seen = [a for a in traffic.associations if a.request is not None and a.accept is not None]
    refusing = [a for a in seen if not all(c.result is ContextResult.ACCEPTED for c in a.contexts)]
    return Among(len(seen), [Negotiation(a, offers(a), Usage.of(traffic)) for a in refusing])


def _lacking(exchange: Exchange) -> bool:
    """Whether a retrieve says that something did not arrive."""
    failed = exchange.suboperations.failed if exchange.suboperations else None
    return bool(failed) or exchange.outcome in (ExchangeOutcome.FAILED, ExchangeOutcome.WARNING)
