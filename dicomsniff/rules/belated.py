"""Traffic in, the requests that came when none may come any more: C-STOREs behind the final response of the C-GET that they
belong to (PS3.7 §9.1.3), and requests behind their sender's own word in a release (PS3.8 §7.2)."""

from collections.abc import Mapping, Sequence

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Exchange, Traffic


@once
def late_suboperations(traffic: Traffic) -> Mapping[int, Sequence[Exchange]]:
    """By each C-GET that was answered for good: what its performer went on to store on the same association."""
    found: dict[int, list[Exchange]] = {}
    for id in dict.fromkeys(get.association for get in traffic.index.of("C-GET")):
        last: Exchange | None = None
        for exchange in sorted(traffic.association(id).exchanges, key=_begun):
            if exchange.service == "C-GET":
                last = exchange
            elif last is not None and _behind(exchange, last):
                found.setdefault(last.id, []).append(exchange)
    return found


def _begun(exchange: Exchange) -> int:
    return exchange.request.first_packet if exchange.request else 0


def _behind(exchange: Exchange, get: Exchange) -> bool:
    request, final = exchange.request, get.final
    stray = exchange.service == "C-STORE" and exchange.parent is None and exchange.requested_by != get.requested_by
    return stray and request is not None and final is not None and request.after(final)


@once
def belated(traffic: Traffic) -> frozenset[int]:
    """The exchanges in `late_suboperations`."""
    return frozenset(store.id for stores in late_suboperations(traffic).values() for store in stores)


def behind_release(exchange: Exchange, association: Association) -> bool:
    """Whether its requestor had asked for, or confirmed, the release before: nobody has to answer it."""
    words = (association.release_request, association.release_response)
    asked = exchange.request
    return asked is not None and any(
        word is not None and word.evidence.direction is asked.direction and asked.start >= word.evidence.end
        for word in words
    )
