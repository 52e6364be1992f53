"""C-MOVEs and what their archives opened in vain meanwhile in: rejected or empty associations, refused connections; by
address and time, attempts at delivery out."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.association.moves import Moment, Move, Moves, Sign
from dicomsniff.association.signs import (
    ADDRESS,
    AFTERWARDS,
    ENCRYPTED,
    MEANWHILE,
    OTHER_TITLE,
    SOURCE,
    TARGET,
    TITLE,
    score,
    strength,
)
from dicomsniff.association.values import Association, Conversation, Delivery, Kind, Strength, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.dimse.uids import is_storage_class

OTHER_SERVICES = frozenset(
    {21, 22, 23, 25, 53, 80, 88, 110, 111, 123, 135, 137, 138, 139, 143, 161, 389, 443, 445, 464, 514, 515, 587, 631}
    | {636, 853, 993, 995, 1433, 1521, 1900, 2049, 2575, 3128, 3268, 3306, 3389, 5000, 5060, 5353, 5355, 5432, 5900}
    | {5985, 6379, 8000, 8080, 8443, 9100, 9200, 27017}
)
"""Ports whose failures are not DICOM's business unless DICOM was seen there."""
_ENCRYPTED = (Kind.TLS, Kind.DICOM_TLS)


def vain_associations(traffic: Traffic, moves: Moves) -> Iterator[tuple[Move, Delivery]]:
    """Associations that an archive opened to a move destination and that carried nothing."""
    for association in traffic.associations if moves.every else ():
        if association.exchanges or association.request is None:
            continue
        near = moves.to(association.called_ae, _begun(association))
        ours = [move for move in near if moves.from_archive(association, move)]
        misnamed = [] if ours else _back_to_its_host(association, moves)
        if (ours or misnamed) and _for_storage(association):
            move = _likeliest(ours or misnamed, _begun(association))
            yield move, _vain(association, move, bool(ours))


def _back_to_its_host(association: Association, moves: Moves) -> list[Move]:
    """C-MOVEs that the archive is carrying out for the host that it calls now, be it by another title."""
    running = moves.run_by(association.requestor.ip, _begun(association))
    return [move for move in running if move.to_itself and move.client == association.acceptor.ip and not move.whole]


def _for_storage(association: Association) -> bool:
    """Whether objects could have been meant to go: commitment results and echoes come from archives as well."""
    proposed = [context.abstract_syntax or "" for context in association.contexts]
    return not proposed or any(is_storage_class(uid) for uid in proposed)


def _begun(association: Association) -> Moment:
    return Moment(association.first_packet, association.first_ns)


def _likeliest(moves: list[Move], at: Moment) -> Move:
    """Of several C-MOVEs the one under way, rather without sub-operations, begun last."""
    return max(moves, key=lambda move: (move.running(at), not move.taken, move.nearness(at)))


def _vain(association: Association, move: Move, by_title: bool) -> Delivery:
    source = (SOURCE,) if association.requestor.ip == move.archive else ()
    target = (TARGET,) if move.to_itself and association.acceptor.ip == move.client else ()
    in_time = move.running(_begun(association))
    signs = (TITLE if by_title else OTHER_TITLE, *source, *target, *(() if in_time else (AFTERWARDS,)))
    worth = Strength.PROBABLE if in_time and by_title else Strength.WEAK  # a title may be called for other reasons
    return _delivery(association.connection, association.id, signs, worth)


def vain_connections(traffic: Traffic, moves: Moves) -> Iterator[tuple[Move, Delivery]]:
    """Connections that archives opened, or tried to, while they carried out a C-MOVE, and on which no DICOM is seen."""
    archives = {move.archive for move in moves.every}
    if not archives:
        return
    homes = _homes(traffic)
    tried = [(c, moves.run_by(c.tcp.initiator.ip, _opened(c))) for c in traffic.conversations if _plain(c, archives)]
    idle = {_way(c) for c, running in tried if not running and not moves.left_to(c.tcp.initiator.ip, _opened(c))}
    for conversation, running in tried:
        titles = homes.get(conversation.tcp.responder, frozenset())
        found = _attempted(conversation, running, titles, _way(conversation) in idle)
        if found is not None:
            yield found


def _plain(conversation: Conversation, archives: set[str]) -> bool:
    """Whether an archive opened it, and no DICOM is seen on it."""
    tcp = conversation.tcp
    return tcp.initiator.ip in archives and not conversation.associations and tcp.opened != "midstream"


def _opened(conversation: Conversation) -> Moment:
    return Moment(conversation.tcp.first_packet, conversation.tcp.first_ns)


def _way(conversation: Conversation) -> tuple[str, Endpoint]:
    """From which host to which port; what is tried there without a C-MOVE has another reason, and so has the rest."""
    return conversation.tcp.initiator.ip, conversation.tcp.responder


def _homes(traffic: Traffic) -> dict[Endpoint, frozenset[str]]:
    """By which titles each listener was called and did not reject them."""
    found: dict[Endpoint, set[str]] = {}
    for association in traffic.associations:
        if association.accept is not None and association.called_ae:
            found.setdefault(association.acceptor, set()).add(association.called_ae)
    return {endpoint: frozenset(titles) for endpoint, titles in found.items()}


def _attempted(
    conversation: Conversation, running: list[Move], titles: frozenset[str], idle: bool
) -> tuple[Move, Delivery] | None:
    """The C-MOVE for which a connection was tried; None where that is unlikely or several come into question alike."""
    tcp = conversation.tcp
    vain = tcp.opened in ("refused", "unanswered")
    if not vain and conversation.kind not in (Kind.EMPTY, *_ENCRYPTED):
        return None
    fitting = []
    for move in running:
        signs = _signs(conversation, move, titles)
        told = ADDRESS in signs or TARGET in signs
        if titles and ADDRESS not in signs:
            continue  # another title lives there
        if not told and (not vain or idle or move.whole or tcp.responder.port in OTHER_SERVICES):
            continue
        if not (move.whole and (vain or move.taken)):
            fitting.append((move, signs))
    if not fitting:
        return None
    top = max(score(signs) for _, signs in fitting)
    best = [one for one in fitting if score(one[1]) == top]
    if len({move.destination for move, _ in best}) > 1:
        return None
    move = _likeliest([move for move, _ in best], _opened(conversation))
    signs = next(signs for one, signs in best if one is move)
    worth = Strength.WEAK if ENCRYPTED in signs else strength(signs)
    return move, _delivery(conversation.id, None, signs, worth)


def _signs(conversation: Conversation, move: Move, titles: frozenset[str]) -> tuple[Sign, ...]:
    there = (ADDRESS,) if move.destination in titles else ()
    back = (TARGET,) if move.to_itself and conversation.tcp.responder.ip == move.client else ()
    hidden = (ENCRYPTED,) if conversation.kind in _ENCRYPTED else ()
    return (*there, *back, SOURCE, MEANWHILE, *hidden)


def _delivery(connection: int, association: int | None, signs: tuple[Sign, ...], worth: Strength) -> Delivery:
    return Delivery(connection, association, (), worth, score(signs), tuple(sign.words for sign in signs))
