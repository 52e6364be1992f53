"""A C-STORE and a C-MOVE in, what speaks for the one being a sub-operation of the other out: weighed signs."""

from __future__ import annotations

from dicomsniff.association.content import object_head
from dicomsniff.association.moves import Moment, Move, Moves, Sign
from dicomsniff.association.values import Association, Exchange, Strength

STRONG, PROBABLE = 4, 2


ORIGINATOR = Sign(4, "its C-STOREs name AE title and message ID of this C-MOVE as their origin")
ORIGINATOR_AE = Sign(2, "its C-STOREs name the requestor's AE title as their origin")
MESSAGE_ID = Sign(2, "its C-STOREs name the message ID of this C-MOVE, but not the requestor, as their origin")
OBJECTS = Sign(3, "it carries objects that were asked for")
SOURCE = Sign(1, "it comes from the archive's address")
NEARBY = Sign(-1, "it comes from another address of the archive's subnet")
TARGET = Sign(1, "it goes to the host that asked for delivery to itself")
OTHER_ORIGIN = Sign(-3, "its C-STOREs name another origin")
OTHER_OBJECTS = Sign(-3, "it carries objects that were not asked for")
OTHER_TITLE = Sign(0, "it calls another AE title than that of the move destination")
TITLE = Sign(2, "it was opened by the archive to the AE title of the move destination")
ADDRESS = Sign(1, "the move destination answers at this address elsewhere in the capture")
MEANWHILE = Sign(0, "the archive tried it while it carried out the C-MOVE")
AFTERWARDS = Sign(0, "it began after the final response")
ENCRYPTED = Sign(0, "it is encrypted")


def strength(signs: tuple[Sign, ...]) -> Strength:
    """How much signs are worth; from nothing but a place and a time nothing strong is concluded."""
    points = score(signs)
    return Strength.STRONG if points >= STRONG else Strength.PROBABLE if points >= PROBABLE else Strength.WEAK


def score(signs: tuple[Sign, ...]) -> int:
    return sum(sign.points for sign in signs)


class Weighing:
    """Weighs the C-STOREs of a capture; reads data sets only where nothing else decides."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    def best(self, store: Exchange, association: Association) -> tuple[Move, tuple[Sign, ...]] | None:
        """The C-MOVE that this C-STORE most likely belongs to; None where too little speaks for any."""
        if store.request is None:
            return None
        at = Moment(store.request.first_packet, store.request.first_ns)
        near = self._moves.to(association.called_ae, at)
        title, message_id = store.move_originator_ae, store.move_originator_message_id
        if title is not None and message_id is not None:
            named = self._moves.of_origin(title, message_id, at)
            near = named or near or self._moves.run_by(association.requestor.ip, at)
        alone = len(near) == 1
        weighed = [(move, self.signs(store, association, move, alone)) for move in near]
        fitting = [one for one in weighed if score(one[1]) >= PROBABLE]
        return max(fitting, key=lambda one: (score(one[1]), one[0].nearness(at)), default=None)

    def signs(self, store: Exchange, association: Association, move: Move, alone: bool) -> tuple[Sign, ...]:
        """Everything that speaks for or against it; () where it cannot be. `alone`: no other C-MOVE comes into question."""
        origin = _origin(store, association, move)
        called = association.called_ae == move.destination
        ours = self._moves.from_archive(association, move)
        if origin == (ORIGINATOR,):
            objects = () if alone and (called or ours) else _objects(store, move)
            if not (called or ours or OBJECTS in objects):
                return ()
            objects = () if OTHER_OBJECTS in objects else objects  # an archive may anonymize what it says is the answer
        else:
            objects = _objects(store, move)
            near = called and OBJECTS in objects and self._moves.from_nearby(association, move)
            if not (near or (ours and (called or OBJECTS in objects))):
                return ()
        source = (
            (SOURCE,) if association.requestor.ip == move.archive else () if ours or ORIGINATOR in origin else (NEARBY,)
        )
        target = (TARGET,) if move.to_itself and association.acceptor.ip == move.client else ()
        return (*origin, *objects, *source, *target)


def _objects(store: Exchange, move: Move) -> tuple[Sign, ...]:
    """Whether the object is one that was asked for, by the deepest level that the identifier names (PS3.4 §C.6)."""
    level = next((level for level, wanted in enumerate(move.wanted) if wanted), None)
    if level is None:
        return ()
    head = object_head(store)
    found = (store.sop_instance, head.series, head.study, head.patient_id)[level]
    return () if not found else (OBJECTS,) if found in move.wanted[level] else (OTHER_OBJECTS,)


def _origin(store: Exchange, association: Association, move: Move) -> tuple[Sign, ...]:
    """What the C-STORE says of its origin. Both elements are optional (PS3.7 §9.1.1.1), and some archives name
    themselves."""
    title, message_id = store.move_originator_ae, store.move_originator_message_id
    same_id = message_id == move.exchange.message_id
    if title == move.association.calling_ae and title:
        return (ORIGINATOR,) if same_id else (OTHER_ORIGIN,) if message_id is not None else (ORIGINATOR_AE,)
    if not title or title in (association.calling_ae, move.association.called_ae):
        return () if message_id is None else (MESSAGE_ID,) if same_id else (OTHER_ORIGIN,)
    return (OTHER_ORIGIN,)
