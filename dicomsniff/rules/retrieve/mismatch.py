"""A delivery's association in, which storage classes it could not carry out: what was offered, refused and needed."""

from __future__ import annotations

from collections.abc import Sequence

from dicomsniff.association.values import Association, ContextResult, Delivery
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.uids import is_storage_class
from dicomsniff.rules.contexts.offers import CATALOGUE, Offer, offers
from dicomsniff.rules.retrieve.retrieves import Retrieve


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Classes that a destination did not take on a delivery, and how many objects that kept back (None: not known).
    `sure`: nothing of the kind was accepted, or failed objects are known to be of these classes."""

    offers: tuple[Offer, ...]
    objects: int | None
    sure: bool

    @property
    def syntaxes_only(self) -> bool:
        """Whether the classes are known there, in other transfer syntaxes."""
        return all(offer.results == {ContextResult.TRANSFER_SYNTAXES} for offer in self.offers)


def _storage(association: Association) -> list[Offer]:
    return [offer for offer in offers(association) if is_storage_class(offer.sop_class)]


def nothing_accepted(association: Association) -> bool:
    """Whether an accepted association cannot carry a single object."""
    offered = _storage(association) if association.accept is not None else []
    return bool(offered) and not any(offer.accepted for offer in offered)


def mismatch(move: Retrieve, delivery: Delivery, association: Association) -> Mismatch | None:
    """What kept objects of this delivery back; None where the contexts did not."""
    if association.accept is None:
        return None
    offered = _storage(association)
    refused = [offer for offer in offered if not offer.accepted]
    failed = move.counts.failed if move.counts.failed is not None else len(move.failed) or None
    if not refused:
        return None
    if len(refused) == len(offered) and not delivery.stores:
        return Mismatch(tuple(refused), failed, True)
    needed = _known(move, refused)
    if needed:
        return needed
    unsent = set(move.failed) - {store.sop_instance for store in move.stores}
    if len(offered) <= CATALOGUE and unsent and not association.blind:
        return Mismatch(tuple(refused), len(unsent), False)
    return None


def _known(move: Retrieve, refused: Sequence[Offer]) -> Mismatch | None:
    """Failed objects that the capture shows, elsewhere, to be of a refused class."""
    stores_of = move.traffic.index.stores_of
    lost: dict[str, int] = {}
    for instance in move.failed:
        for store in stores_of.get(instance, ())[:1]:
            lost[store.sop_class or ""] = lost.get(store.sop_class or "", 0) + 1
    needed = tuple(offer for offer in refused if offer.sop_class in lost)
    return Mismatch(needed, sum(lost[offer.sop_class] for offer in needed), True) if needed else None
