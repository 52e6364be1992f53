"""Traffic in, the same traffic out with every C-MOVE and C-GET joined to its deliveries: sub-operations get their parent
across associations, and attempts that carried nothing are kept as such.

A sub-operation may name its origin, and often does not; message ID 1 is everybody's; one association may carry the
sub-operations of several C-MOVEs and several associations those of one. So signs are weighed, and what is concluded
carries its strength.
"""

from __future__ import annotations

from dicomsniff.association.attempts import vain_associations, vain_connections
from dicomsniff.association.moves import Move, Moves
from dicomsniff.association.pairing import GET, STORE
from dicomsniff.association.signs import Weighing, score, strength
from dicomsniff.association.values import Association, Delivery, Exchange, Retrieval, Strength, Traffic
from dicomsniff.core.records import replace

SAME_ASSOCIATION = "its C-STOREs came on the association of the C-GET while it was under way"


def join_retrievals(traffic: Traffic) -> Traffic:
    """Fill `retrievals`, and `parent` and `children` of the exchanges they join. Second views are left alone."""
    once = traffic.without_views()
    gets = [get for get in once.index.of(GET) if get.request is not None]
    moves = Moves(once)
    if not gets and not moves.every:
        return traffic
    found = {move.exchange.id: _carried(move, traffic) for move in _deliver(once, moves)} if moves.every else {}
    for move, delivery in (*vain_associations(once, moves), *vain_connections(once, moves)):
        found.setdefault(move.exchange.id, []).append(delivery)
    forwarded = _forwarded(moves)
    retrievals = [_of_move(move, found.get(move.exchange.id, []), forwarded, traffic) for move in moves.every]
    retrievals += [_of_get(get, traffic.association(get.association)) for get in gets]
    return replace(traffic, retrievals=tuple(sorted(retrievals, key=lambda one: one.exchange)))


def _deliver(traffic: Traffic, moves: Moves) -> list[Move]:
    """Give every C-STORE that belongs to a C-MOVE to it; the C-MOVEs that got any."""
    weighing = Weighing(moves)
    got: dict[int, Move] = {}
    for association in traffic.associations:
        known = moves.knows(association.called_ae)
        for store in association.exchanges:
            if store.service != STORE or store.requested_by != "requestor":
                continue
            if known or store.move_originator_ae is not None:
                best = weighing.best(store, association)
                if best is not None:
                    best[0].take(store, association.id, best[1])
                    got[best[0].exchange.id] = best[0]
    return list(got.values())


def _carried(move: Move, traffic: Traffic) -> list[Delivery]:
    """The associations that carried sub-operations of a C-MOVE. As strong as their best C-STORE."""
    made = []
    for id, taken in move.taken.items():
        signs = max((signs for _, signs in taken), key=score)
        words = tuple(sign.words for sign in signs)
        stores = tuple(store.id for store, _ in taken)
        made.append(Delivery(traffic.association(id).connection, id, stores, strength(signs), score(signs), words))
    return made


def _of_move(move: Move, deliveries: list[Delivery], forwarded: dict[int, list[int]], traffic: Traffic) -> Retrieval:
    exchange = move.exchange
    deliveries.sort(key=lambda one: traffic.conversation(one.connection).tcp.first_packet)
    exchange.children = sorted({*exchange.children, *(id for delivery in deliveries for id in delivery.stores)})
    return Retrieval(exchange.id, exchange.association, tuple(deliveries), tuple(forwarded.get(exchange.id, ())))


def _of_get(get: Exchange, association: Association) -> Retrieval:
    words = (SAME_ASSOCIATION,)
    own = Delivery(association.connection, association.id, tuple(get.children), Strength.STRONG, 4, words)
    return Retrieval(get.id, association.id, (own,) if get.children else ())


def _forwarded(moves: Moves) -> dict[int, list[int]]:
    """C-MOVEs by the C-MOVE for whose sake their requestor, an archive itself, sent them: it was carrying that one out,
    for the same objects."""
    found: dict[int, list[int]] = {}
    for move in moves.every:
        for first in moves.run_by(move.client, move.begun):
            if first is not move and _share(first, move):
                found.setdefault(first.exchange.id, []).append(move.exchange.id)
                break
    return found


def _share(one: Move, other: Move) -> bool:
    """Whether two identifiers ask for the same, at any level that both name."""
    return any(a & b for a, b in zip(one.wanted, other.wanted, strict=True))
