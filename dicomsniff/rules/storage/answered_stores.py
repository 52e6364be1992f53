"""Traffic in, answered C-STOREs out: gathered per association and status, so that equal answers are told once."""

from collections.abc import Iterator, Sequence

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.rules.naming import counted, details, listed, peer, performer
from dicomsniff.rules.rule import Among


@dataclass(frozen=True, slots=True)
class AnsweredStores:
    """The C-STOREs of one association that one side answered with one status, and all that it answered there."""

    association: Association
    receiver: str  # "requestor" | "acceptor"
    status: int
    stores: tuple[Exchange, ...]
    every: Sequence[Exchange]

    @property
    def server(self) -> str:
        return peer(self.association, self.receiver)

    @property
    def key(self) -> str:
        """Joins equal answers of one server over many associations."""
        return f"{self.association.end(self.receiver).ip}|{self.association.called_ae}|{self.status:04X}"

    @property
    def comments(self) -> str:
        """What the server added, quoted; "" where it added nothing."""
        said = list(dict.fromkeys(words for e in self.stores if (words := details(e))))
        return f": {listed(said, 3)}" if said else ""

    @property
    def instances(self) -> str:
        """The first and the last instance."""
        first, last = self.stores[0].sop_instance, self.stores[-1].sop_instance
        return str(first) if first == last else f"{first} … {last}"

    @property
    def spread(self) -> str:
        """How these answers lie among the others of the association."""
        total, own = len(self.every), len(self.stores)
        where = "seen of the association" if self.association.blind else "of the association"
        if own == total:
            return f"every object {where}" if total > 1 else f"the only object {where}"
        if self.to_the_end and own > 1:
            return f"every object after the first {total - own}"
        return f"{own} of {counted(total, 'object')} in the association"

    @property
    def to_the_end(self) -> bool:
        """Whether no other answer came after the first of these."""
        return [e.id for e in self.every[-len(self.stores) :]] == [e.id for e in self.stores]

    @property
    def context_accepted(self) -> bool:
        """Whether the acceptance of the context was seen."""
        context = self.association.context(self.stores[0].context_id)
        return context is not None and context.accepted and not context.inferred

    def facts(self) -> dict[str, object]:
        return {
            "status": f"0x{self.status:04X}",
            "status_text": self.stores[0].status_text,
            "count": len(self.stores),
            "of": len(self.every),
            "comments": list(dict.fromkeys(e.error_comment for e in self.stores if e.error_comment))[:10],
            "offending_elements": sorted({f"{tag:08X}" for e in self.stores for tag in e.offending_elements})[:20],
            "instances": [e.sop_instance for e in self.stores[:20]],
            "sop_classes": sorted({e.sop_class for e in self.stores if e.sop_class}),
            "bytes": [e.payload.length for e in self.stores[:20] if e.payload],
        }


@once
def answered_stores(traffic: Traffic) -> Among[AnsweredStores]:
    """Every group of equally answered C-STOREs, association by association; those answered with success are clear."""
    answered: dict[int, list[Exchange]] = {}
    for exchange in traffic.index.of("C-STORE"):
        if exchange.final and exchange.status is not None:
            answered.setdefault(exchange.association, []).append(exchange)
    groups = [group for id, stores in answered.items() for group in _groups(traffic.association(id), stores)]
    return Among(len(groups), [group for group in groups if group.status])


def _groups(association: Association, answered: Sequence[Exchange]) -> Iterator[AnsweredStores]:
    for receiver in ("acceptor", "requestor"):
        own = [e for e in answered if performer(e) == receiver]
        groups: dict[int, list[Exchange]] = {}
        for exchange in own:
            groups.setdefault(exchange.status or 0, []).append(exchange)
        for status, stores in groups.items():
            yield AnsweredStores(association, receiver, status, tuple(stores), own)
