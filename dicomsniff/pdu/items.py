"""The bytes of nested A-ASSOCIATE items in; the items one level deep and what does not fit, out (PS3.8 §9.3.1)."""

from struct import Struct

from dicomsniff.core import AnomalyCode
from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.tables import item_name

_HEADER = Struct(">BBH")
_UID = pattern(rb"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")
_LONGEST_UID = 64


class Flaw(NamedTuple):
    """An oddity met while decoding: its code, the bytes that show it as offsets from the start of what was decoded,
    and one clause of detail."""

    code: AnomalyCode
    start: int
    end: int
    detail: str

    def shifted(self, by: int) -> "Flaw":
        return self._replace(start=self.start + by, end=self.end + by)


class Item(NamedTuple):
    """One item: its type, its second byte (reserved in most), and where it starts in the bytes it was split from."""

    type: int
    second: int
    start: int
    value: bytes

    @property
    def value_start(self) -> int:
        return self.start + _HEADER.size

    @property
    def end(self) -> int:
        return self.value_start + len(self.value)


def split_items(data: bytes, start: int = 0) -> tuple[list[Item], list[Flaw]]:
    """The items that stand one behind the other in `data` from `start`. What follows one that does not fit is left."""
    items: list[Item] = []
    end = len(data)
    while end - start >= _HEADER.size:
        kind, second, length = _HEADER.unpack_from(data, start)
        stop = start + _HEADER.size + length
        if stop > end:
            left = end - start - _HEADER.size
            return items, [
                _does_not_fit(start, end, f"{item_name(kind)} announces {length} bytes where {left} are left")
            ]
        items.append(Item(kind, second, start, data[start + _HEADER.size : stop]))
        start = stop
    if start < end:
        return items, [_does_not_fit(start, end, f"{end - start} bytes behind the last item are no item")]
    return items, []


def too_short(item: Item, needed: int) -> Flaw:
    """`item` has fewer value bytes than its fixed part needs."""
    detail = f"{item_name(item.type)} has {len(item.value)} bytes where {needed} are needed"
    return _does_not_fit(item.start, item.end, detail)


def inner_does_not_fit(item: Item, what: str) -> Flaw:
    """A length inside `item` points beyond it; `what` names the field."""
    return _does_not_fit(item.start, item.end, f"{what} goes beyond the {item_name(item.type)}")


def missing(start: int, end: int, what: str) -> Flaw:
    return Flaw(AnomalyCode.PDU_ITEM_MISSING, start, end, f"{what} is missing")


def twice(item: Item) -> Flaw:
    return Flaw(AnomalyCode.PDU_ITEM_TWICE, item.start, item.end, f"{item_name(item.type)} stands more than once")


def uid_text(value: bytes) -> str:
    """A UID as text without the NUL or space padding that some senders add (PS3.8 §F.1 allows none)."""
    return value.strip(b"\0 ").decode("latin-1")


def uid_flaw(value: bytes, start: int, what: str, code: AnomalyCode = AnomalyCode.PDU_UID_INVALID) -> list[Flaw]:
    """Why the UID field at `start` is none (PS3.8 §F.1: as PS3.5 §9.1, without padding); [] where it is one."""
    if _UID.fullmatch(value) and len(value) <= _LONGEST_UID:
        return []
    text = uid_text(value)
    if not value.strip(b"\0 "):
        why = "is empty"
    elif len(text) > _LONGEST_UID:
        why = f"has {len(text)} characters where a UID has at most {_LONGEST_UID}"
    elif _UID.fullmatch(value.strip(b"\0 ")):
        why = "is padded with a NUL" if b"\0" in value else "is padded with a blank"
    else:
        why = f"is no UID: {text[:_LONGEST_UID]!r}"
    return [Flaw(code, start, start + len(value), f"{what} {why}")]


def _does_not_fit(start: int, end: int, detail: str) -> Flaw:
    return Flaw(AnomalyCode.PDU_ITEMS_DO_NOT_FIT, start, end, detail)
