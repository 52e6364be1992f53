"""The negotiation of one connection in, how much an export will write in front of each of its objects out, while the object is
still being sent."""

from __future__ import annotations

from dicomsniff.core import Direction
from dicomsniff.dimse.command import CommandSet
from dicomsniff.export.file_meta import LOOSE_UID, part10_header
from dicomsniff.pdu.values import AssociateAc, AssociateRq


class HeaderRoom:
    """A forecast: what the data set itself says of its class and instance counts in the end, so an export checks it."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._request: AssociateRq | None = None
        self._accept: AssociateAc | None = None
        self._without_object: dict[tuple[Direction, int], int | None] = {}

    def learn(self, pdu: AssociateRq | AssociateAc) -> None:
        """Who speaks from now on, or what was agreed."""
        if isinstance(pdu, AssociateRq):
            self._request, self._accept = pdu, None
        else:
            self._accept = pdu
        self._without_object.clear()

    def __call__(self, direction: Direction, context_id: int, command: CommandSet) -> int | None:
        """The length of the header of the object that follows this command; None where it cannot be known yet."""
        of_object = command.sop_class_uid or "", command.sop_instance_uid or ""
        if not all(map(LOOSE_UID.fullmatch, of_object)):
            return None
        key = direction, context_id
        if key not in self._without_object:
            self._without_object[key] = self._length(direction, context_id)
        rest = self._without_object[key]
        return None if rest is None else rest + sum(len(uid) + len(uid) % 2 for uid in of_object)

    def _length(self, direction: Direction, context_id: int) -> int | None:
        """The length of the header without the UIDs of an object."""
        request, syntax = self._request, self._syntax(context_id)
        if request is None or not LOOSE_UID.fullmatch(syntax):
            return None
        titles = request.calling_ae, request.called_ae
        sender, receiver = titles if direction is request.evidence.direction else titles[::-1]
        return len(part10_header("", "", syntax, sender, receiver, self._version))

    def _syntax(self, context_id: int) -> str:
        """The one accepted; while the answer has not come up, though it was given, the one proposed where it is the only one."""
        if self._accept is not None:
            agreed = (c.transfer_syntax for c in self._accept.contexts if c.context_id == context_id and not c.result)
            return next(agreed, None) or ""
        proposed = self._request.contexts if self._request is not None else ()
        choice = next((c.transfer_syntaxes for c in proposed if c.context_id == context_id), ())
        return choice[0] if len(choice) == 1 else ""
