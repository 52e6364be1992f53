"""The first bytes of a PDU in, the ranges of them that are secrets or may hold a patient's data out.

For whoever shows bytes. What cannot be read as it should is taken for the worse: rather too much is hidden than a passcode shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import PduType

_pdu = Struct(">BxI").unpack_from
_item = Struct(">BxH").unpack_from
_pdv = Struct(">IBB").unpack_from
_HEADER, _FIXED, _ITEM, _PDV = 6, 74, 4, 6
_USER_INFORMATION, _IDENTITY, _IDENTITY_ANSWER = 0x50, 0x58, 0x59
_KNOWN = range(PduType.ASSOCIATE_RQ, PduType.ABORT + 1)


class Part(NamedTuple):
    """Bytes `start` to `end` of the PDU. `secret`: never to be shown; else they may tell of a person."""

    start: int
    end: int
    secret: bool


def private_parts(data: bytes, commands: bool = False) -> list[Part]:
    """What of a PDU that begins with `data` is private, in order: user identity (PS3.7 §D.3.3.7) and data sets; with
    `commands`, whose UIDs are of objects, command sets too."""
    if len(data) < _HEADER:
        return [Part(0, len(data), True)] if data else []
    kind, _ = _pdu(data)
    if kind not in _KNOWN:
        return [Part(0, len(data), True)]
    if kind == PduType.P_DATA_TF:
        return list(_values(data, commands))
    if kind in (PduType.ASSOCIATE_RQ, PduType.ASSOCIATE_AC):
        return list(_identities(data))
    return []


def _values(data: bytes, commands: bool) -> Iterator[Part]:
    """The values of PDVs that are no command (or are one too), and what is no PDV (PS3.8 §9.3.5)."""
    at = _HEADER
    while at < len(data):
        if len(data) - at < _PDV:
            yield Part(at, len(data), False)
            return
        length, _, control = _pdv(data, at)
        end = at + 4 + length
        if length < 2:
            yield Part(at, len(data), False)
            return
        if commands or not control & 1:
            yield Part(at + _PDV, min(end, len(data)), False)
        at = end


def _identities(data: bytes) -> Iterator[Part]:
    """The values of user identity items; and all that follows an item that does not fit."""
    at = _FIXED
    while at < len(data):
        kind, length = _item(data, at) if len(data) - at >= _ITEM else (_IDENTITY, 0)
        end = at + _ITEM + length
        if kind == _USER_INFORMATION:
            yield from _within(data, at + _ITEM, end)
        elif kind in (_IDENTITY, _IDENTITY_ANSWER):  # out of place, but no less secret
            yield Part(at, len(data), True)
            return
        at = end


def _within(data: bytes, at: int, end: int) -> Iterator[Part]:
    """`end` is where the items end, which may be beyond the data."""
    while at < min(end, len(data)):
        kind, length = _item(data, at) if min(end, len(data)) - at >= _ITEM else (_IDENTITY, end)
        stop = at + _ITEM + length
        if stop > end:
            yield Part(at, len(data), True)
        elif kind in (_IDENTITY, _IDENTITY_ANSWER):
            yield Part(min(at + _ITEM, len(data)), min(stop, len(data)), True)
        at = stop
