"""The head of a stored object in, what identifies it out: the few attributes of groups 0008 to 0020, one bounded walk.

Objects that follow each other are mostly built alike. A walk therefore leaves a `_Layout` behind: the headers it passed,
as one struct. Where the same headers lie at the same places in the next object, its values do too, and one comparison
takes the place of the walk.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from struct import Struct

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import read_dataset
from dicomsniff.dimse.element import UNDEFINED_LENGTH
from dicomsniff.dimse.element_walker import LONG_VRS, SHORT_VRS
from dicomsniff.dimse.payload import Payload
from dicomsniff.dimse.value_text import DEFAULT_SET, value_text


class ObjectHead(NamedTuple):
    """What identifies an object, as its data set says; None where absent, or not within the head (`whole` False)."""

    sop_class: str | None = None
    sop_instance: str | None = None
    accession_number: str | None = None
    modality: str | None = None
    patient_id: str | None = None
    study: str | None = None
    series: str | None = None
    instance_number: str | None = None
    whole: bool = False


# The character set, then the fields of ObjectHead in their order; the last one is where a walk ends.
_TAGS = (0x00080005, 0x00080016, 0x00080018, 0x00080050, 0x00080060, 0x00100020, 0x0020000D, 0x0020000E, 0x00200013)
_FIELD = {tag: place for place, tag in enumerate(_TAGS)}
_LAST = _TAGS[-1]
_INSTANCE, _PATIENT_ID, _NUMBER = 2, 5, 8  # in _TAGS
_STEADY = (0, 1, 3, 4, 5, 6, 7)
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD

_EXPLICIT = {True: Struct("<HH2sH").unpack_from, False: Struct(">HH2sH").unpack_from}
_IMPLICIT = Struct("<HHI").unpack_from
_U32 = {True: Struct("<I").unpack_from, False: Struct(">I").unpack_from}
_SYNTAXES = {
    "1.2.840.10008.1.2": (False, True),
    "1.2.840.10008.1.2.1": (True, True),
    "1.2.840.10008.1.2.2": (True, False),
    "1.2.840.113619.5.2": (False, True),
}
_ENCAPSULATED = "1.2.840.10008.1.2.4."  # explicit little-endian, but for the deflated ones
_DEFLATED = frozenset({"1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
_KEPT_LAYOUTS = 4  # per syntax: the classes that one sender mixes
_LONGEST_LAYOUT = 300  # headers; a longer one is no ordinary head


_Places = list[tuple[int, int]]  # (start, end) of the value of each of _TAGS; (0, 0) where absent


class _Values:
    """How the values are taken out of a head. What changes from object to object, its UID and number, is read for each;
    the rest is remembered in the bytes and the texts that it had last."""

    __slots__ = ("instance", "number", "raw", "steady", "take", "texts")

    def __init__(self, places: _Places, steady: list[int], take: Callable[[bytes], tuple[bytes, ...]]) -> None:
        self.steady, self.take = steady, take
        self.instance, self.number = places[_INSTANCE], places[_NUMBER]
        self.raw: tuple[bytes, ...] | None = None
        self.texts: tuple[str | None, ...] = ()

    def learn(self, raw: tuple[bytes, ...]) -> None:
        """Read the values that mostly stay as they are; None where absent."""
        values = dict(zip(self.steady, raw, strict=True))
        texts: dict[int, str | None] = {field: _text(value) for field, value in values.items()}
        if not values.get(_PATIENT_ID, b"").isascii():
            texts[_PATIENT_ID] = value_text(values[_PATIENT_ID], "LO", texts.get(0) or DEFAULT_SET, True)
        self.raw, self.texts = raw, tuple(texts.get(field) for field in _STEADY[1:])


class _Layout(NamedTuple):
    """Where the elements of a head lie: its headers as one struct and what they were, and its values."""

    size: int
    headers: Callable[[bytes], tuple[bytes, ...]]
    expected: tuple[bytes, ...]
    values: _Values


_layouts: dict[tuple[bool, bool], list[_Layout]] = {(e, little): [] for e in (True, False) for little in (True, False)}


def read_object_head(payload: Payload, transfer_syntax: str | None) -> ObjectHead:
    """The identifiers of a stored object. Never raises for what the bytes are; ValueError once the store is closed."""
    data = payload.head()
    kind = _kind(transfer_syntax)
    if kind is None:
        return _slowly(data, transfer_syntax, payload)
    size, known = len(data), _layouts[kind]
    for layout in known:
        if layout.size <= size and layout.headers(data) == layout.expected:
            if layout is not known[0]:
                known.remove(layout)
                known.insert(0, layout)
            return _head(data, layout.values, True)
    return _walked(data, kind, payload) or _slowly(data, transfer_syntax, payload)


def _walked(data: bytes, kind: tuple[bool, bool], payload: Payload) -> ObjectHead | None:
    """As `_walk` reads it; its layout is kept for the next object."""
    walked = _walk(data, *kind)
    if walked is None:
        return None
    places, form, ended = walked
    values = _extracting(places)
    if values is None:
        return None
    if ended and len(form) <= _LONGEST_LAYOUT:
        headers = Struct("=" + "".join(form))
        layout = _Layout(headers.size, headers.unpack_from, headers.unpack_from(data), values)
        _layouts[kind].insert(0, layout)
        del _layouts[kind][_KEPT_LAYOUTS:]
    return _head(data, values, ended or (len(data) == payload.length and payload.complete))


def _extracting(places: _Places) -> _Values | None:
    """What takes these values out of a head; None where they lie out of order."""
    form, position = "=", 0
    steady = [field for field in _STEADY if places[field][0]]
    for start, end in (places[field] for field in steady):
        if start < position:
            return None
        form += f"{start - position}x{end - start}s"
        position = end
    return _Values(places, steady, Struct(form).unpack_from)


@lru_cache(maxsize=256)
def _kind(transfer_syntax: str | None) -> tuple[bool, bool] | None:
    """Explicit VR, little-endian; None where only the whole reader will do."""
    if transfer_syntax is None or transfer_syntax in _DEFLATED:
        return None
    if transfer_syntax.startswith(_ENCAPSULATED):
        return True, True
    return _SYNTAXES.get(transfer_syntax)


def _walk(data: bytes, explicit: bool, little: bool) -> tuple[_Places, list[str], bool] | None:
    """From header to header. Where the wanted values lie, the headers passed in the words of `struct`, and whether
    everything wanted was passed; None where these bytes ask for a reader that doubts."""
    places: _Places = [(0, 0)] * len(_TAGS)
    form: list[str] = []
    position, size, depth = 0, len(data), 0
    while position + 8 <= size:
        if explicit:
            group, number, vr, length = _EXPLICIT[little](data, position)
        else:
            group, number, length = _IMPLICIT(data, position)
            vr = b"UN"
        tag, start = group << 16 | number, position + 8
        if not depth and tag > _LAST and group != 0xFFFE:
            form.append("4s")
            return places, form, True
        if group == 0xFFFE:
            length = _U32[little](data, position + 4)[0]
            depth += _opened(tag, length, depth)
            if depth < 0:
                return None
            length = length if tag == _ITEM and length != UNDEFINED_LENGTH else 0
        elif explicit and vr in LONG_VRS:
            if position + 12 > size:
                break
            length, start = _U32[little](data, position + 8)[0], position + 12
        elif explicit and vr not in SHORT_VRS:
            return None
        if length == UNDEFINED_LENGTH:
            if explicit and vr != b"SQ":
                return None
            length, depth = 0, depth + 1
        elif not depth and tag in _FIELD and start + length <= size:
            places[_FIELD[tag]] = start, start + length
        form.append(f"{start - position}s{length}x")
        position = start + length
    return places, form, False


def _opened(tag: int, length: int, depth: int) -> int:
    """By how much a delimiter deepens the nesting; below zero where it ends it. Out of place, it ends everything."""
    if not depth:
        return -1
    if tag == _ITEM:
        return length == UNDEFINED_LENGTH
    return -1 if tag in (_ITEM_END, _SEQUENCE_END) else -depth - 1


def _head(data: bytes, values: _Values, whole: bool) -> ObjectHead:
    raw = values.take(data)
    if raw != values.raw:
        values.learn(raw)
    sop_class, accession, modality, patient, study, series = values.texts
    (start, end), (first, last) = values.instance, values.number
    instance = str(data[start:end].strip(b"\0 "), "latin-1") if start else None
    number = _text(data[first:last]) if first else None
    made = (sop_class, instance, accession, modality, patient, study, series, number, whole)
    return tuple.__new__(ObjectHead, made)


@lru_cache(maxsize=4096)
def _text(value: bytes) -> str:
    return str(value.strip(b"\0 "), "latin-1")


def _slowly(data: bytes, transfer_syntax: str | None, payload: Payload) -> ObjectHead:
    """With the reader that doubts: deflated, guessed, or odd."""
    found = read_dataset(data, transfer_syntax, total_length=payload.length, until=_LAST)
    values = {element.tag: element.value for element in found.elements if element.tag in _FIELD}
    whole = not found.truncated and found.error is None
    return tuple.__new__(ObjectHead, (*(values.get(tag) for tag in _TAGS[1:]), whole))
