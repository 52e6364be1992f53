"""The bytes of an A-ASSOCIATE-RQ or -AC in; the request or acceptance with every item, and its flaws, out."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from struct import Struct
from typing import Generic, TypeVar

from dicomsniff.core import AnomalyCode, Evidence
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.items import Flaw, Item, missing, split_items, too_short, twice, uid_flaw, uid_text
from dicomsniff.pdu.tables import pdu_name
from dicomsniff.pdu.user_information import decode_user_information
from dicomsniff.pdu.values import (
    AnsweredContext,
    AssociateAc,
    AssociateRq,
    BrokenPdu,
    PduType,
    ProposedContext,
    UnknownItem,
    UserInformation,
)

_FIXED = Struct(">BxI H2x 16s 16s 32x")
"""PDU type, length, protocol version, called and calling AE title: the part of PS3.8 Tables 9-11 and 9-17 before items."""
_NO_INFORMATION = UserInformation()
_REPEATED_BYTES = 8192
"""Longer requests are not worth the memory."""

C = TypeVar("C", ProposedContext, AnsweredContext)


class _ContextItem(NamedTuple, Generic[C]):
    """One context, the sub-items this version does not know, and flaws with offsets from the value's start."""

    context: C | None
    unknown: tuple[UnknownItem, ...]
    flaws: tuple[Flaw, ...]


class _Variable(NamedTuple, Generic[C]):
    """The variable items of a request or acceptance, flaws with offsets from the PDU's start."""

    application_context: str | None
    contexts: tuple[C, ...]
    user_information: UserInformation
    unknown: tuple[UnknownItem, ...]
    flaws: list[Flaw]


def decode_request(pdu: bytes, evidence: Evidence) -> tuple[AssociateRq | BrokenPdu, list[Flaw]]:
    """A whole A-ASSOCIATE-RQ with its header (PS3.8 §9.3.2). Flaw offsets count from the PDU's start."""
    if len(pdu) < _FIXED.size:
        return _short(pdu, evidence)
    _, length, version, called, calling = _FIXED.unpack_from(pdu)
    items, flaws = _request_items(pdu) if len(pdu) <= _REPEATED_BYTES else _request_items.__wrapped__(pdu)
    request = AssociateRq(
        evidence,
        length,
        version,
        _ae_title(called),
        _ae_title(calling),
        called,
        calling,
        items.application_context,
        items.contexts,
        items.user_information,
        items.unknown,
    )
    return request, list(flaws)


def decode_acceptance(pdu: bytes, evidence: Evidence) -> tuple[AssociateAc | BrokenPdu, list[Flaw]]:
    """A whole A-ASSOCIATE-AC with its header (PS3.8 §9.3.3). Flaw offsets count from the PDU's start."""
    if len(pdu) < _FIXED.size:
        return _short(pdu, evidence)
    _, length, version, called, calling = _FIXED.unpack_from(pdu)
    items, flaws = _answer_items(pdu) if len(pdu) <= _REPEATED_BYTES else _answer_items.__wrapped__(pdu)
    acceptance = AssociateAc(
        evidence,
        length,
        version,
        _ae_title(called),
        _ae_title(calling),
        items.application_context,
        items.contexts,
        items.user_information,
        items.unknown,
    )
    return acceptance, list(flaws)


@lru_cache(maxsize=256)
def _request_items(pdu: bytes) -> tuple[_Variable[ProposedContext], list[Flaw]]:
    """A device asks for the same thing thousands of times, so each such request is read once."""
    items = _variable(pdu, 0x20, _proposed)
    return items, _named(PduType.ASSOCIATE_RQ, items.flaws)


@lru_cache(maxsize=256)
def _answer_items(pdu: bytes) -> tuple[_Variable[AnsweredContext], list[Flaw]]:
    items = _variable(pdu, 0x21, _answered)
    return items, _named(PduType.ASSOCIATE_AC, items.flaws)


def _short(pdu: bytes, evidence: Evidence) -> tuple[BrokenPdu, list[Flaw]]:
    length = len(pdu) - 6
    detail = f"{pdu_name(pdu[0])} of {length} bytes ends before its items, which follow byte {_FIXED.size - 6}"
    flaw = Flaw(AnomalyCode.PDU_BAD_LENGTH, 0, len(pdu), detail)
    return BrokenPdu(evidence, "malformed", pdu[0], length), [flaw]


def _ae_title(field: bytes) -> str:
    return field.strip(b"\0 ").decode("latin-1")


def _named(pdu_type: PduType, flaws: Iterable[Flaw]) -> list[Flaw]:
    name = pdu_name(pdu_type)
    return [flaw._replace(detail=f"{name}: {flaw.detail}") for flaw in flaws]


def _variable(pdu: bytes, context_type: int, decode: Callable[[bytes], _ContextItem[C]]) -> _Variable[C]:
    items, flaws = split_items(pdu, _FIXED.size)
    by_type: dict[int, list[Item]] = {}
    for item in items:
        by_type.setdefault(item.type, []).append(item)
    application = _only(by_type.pop(0x10, []), "Application Context item (10H)", len(pdu), flaws)
    contexts, unknown = _contexts(by_type.pop(context_type, []), decode, len(pdu), flaws)
    user_item = _only(by_type.pop(0x50, []), "User Information item (50H)", len(pdu), flaws)
    information = _NO_INFORMATION
    if user_item:
        information, user_flaws = decode_user_information(user_item.value)
        flaws.extend(flaw.shifted(user_item.value_start) for flaw in user_flaws)
    unknown.extend(UnknownItem(item.type, item.value) for item in items if item.type in by_type)
    if application:
        flaws.extend(uid_flaw(application.value, application.value_start, "the application context name"))
    name = uid_text(application.value) if application else None
    return _Variable(name, contexts, information, tuple(unknown), sorted(flaws, key=lambda flaw: flaw.start))


def _only(found: list[Item], name: str, end: int, flaws: list[Flaw]) -> Item | None:
    """The first of items that must stand exactly once."""
    if not found:
        flaws.append(missing(0, end, name))
        return None
    flaws.extend(twice(item) for item in found[1:])
    return found[0]


def _contexts(
    found: list[Item], decode: Callable[[bytes], _ContextItem[C]], end: int, flaws: list[Flaw]
) -> tuple[tuple[C, ...], list[UnknownItem]]:
    contexts: list[C] = []
    unknown: list[UnknownItem] = []
    if not found:
        flaws.append(missing(0, end, "every Presentation Context item"))
    for item in found:
        context, more_unknown, context_flaws = decode(item.value)
        if context is not None:
            contexts.append(context)
        else:
            flaws.append(too_short(item, 4))
        unknown.extend(more_unknown)
        if context_flaws:
            flaws.extend(flaw.shifted(item.value_start) for flaw in context_flaws)
    return tuple(contexts), unknown


@lru_cache(maxsize=4096)
def _proposed(value: bytes) -> _ContextItem[ProposedContext]:
    """PS3.8 §9.3.2.2. Thousands of associations repeat the same few contexts, so each is decoded once."""
    if len(value) < 4:
        return _ContextItem(None, (), ())
    items, flaws = split_items(value, 4)
    abstract = [item for item in items if item.type == 0x30]
    transfer = tuple(uid_text(item.value) for item in items if item.type == 0x40)
    unknown = tuple(UnknownItem(item.type, item.value) for item in items if item.type not in (0x30, 0x40))
    if not abstract:
        flaws.append(missing(0, len(value), f"Abstract Syntax item (30H) of context {value[0]}"))
    if not transfer:
        flaws.append(missing(0, len(value), f"every Transfer Syntax item (40H) of context {value[0]}"))
    flaws.extend(twice(item) for item in abstract[1:])
    for item in (*abstract[:1], *(i for i in items if i.type == 0x40)):
        what = "the abstract syntax" if item.type == 0x30 else "a transfer syntax"
        flaws.extend(_context_uid(item, f"{what} of context {value[0]}"))
    name = uid_text(abstract[0].value) if abstract else ""
    return _ContextItem(ProposedContext(value[0], name, transfer), unknown, tuple(flaws))


@lru_cache(maxsize=4096)
def _answered(value: bytes) -> _ContextItem[AnsweredContext]:
    """PS3.8 §9.3.3.2. The transfer syntax of a refused context is not significant and often absent."""
    if len(value) < 4:
        return _ContextItem(None, (), ())
    items, flaws = split_items(value, 4)
    transfer = [item for item in items if item.type == 0x40]
    unknown = tuple(UnknownItem(item.type, item.value) for item in items if item.type != 0x40)
    if value[2] == 0:
        flaws.extend(twice(item) for item in transfer[1:])
        flaws.extend(f for i in transfer[:1] for f in _context_uid(i, f"the transfer syntax of context {value[0]}"))
    name = uid_text(transfer[0].value) if transfer else None
    return _ContextItem(AnsweredContext(value[0], value[2], name or None), unknown, tuple(flaws))


def _context_uid(item: Item, what: str) -> list[Flaw]:
    return uid_flaw(item.value, item.value_start, what, AnomalyCode.CONTEXT_UID_INVALID)
