"""A data set and how it was to be encoded in, everything that is wrong with it out, as values; headers and short values only."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import DataSet, encoding_of, is_deflated, plain_bytes, read_dataset
from dicomsniff.dimse.element import UNDEFINED_LENGTH, Element
from dicomsniff.dimse.likeness import Likeness, Likenesses
from dicomsniff.dimse.payload import Payload
from dicomsniff.dimse.pixel_faults import pixel_fault
from dicomsniff.dimse.soundness import PIXEL_DATA, Sound, walked
from dicomsniff.dimse.value_faults import text_fault, uid_fault, undefined_terms, value_fault

_CHARACTER_SET = 0x00080005
_TEXT = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_FAULTS = 20  # told of one data set
_UNSURE = ("is not in the dictionary and does not fit", "nested deeper")  # the reader's own limits
_MISPLACED = ("belongs to a command or a file", "out of place", "has no known VR", "left over", "PS3.10")
_STUDY, _SERIES = 0x0020000D, 0x0020000E
_EQUAL_UIDS = (0x00080018, _STUDY, _SERIES)


class Fault(StrEnum):
    """Kinds of faults, as the rules on data sets want them."""

    ENCODING = "encoding"  # not in the negotiated transfer syntax, or unreadable
    UID = "uid"
    PIXELS = "pixels"
    STRUCTURE = "structure"
    CHARACTERS = "characters"
    FORMAT = "format"


class DataFault(NamedTuple):
    """One fault: where, one clause for a reader without any value in it, the value (a patient's, perhaps), the offset."""

    kind: Fault
    tag: int | None
    keyword: str
    detail: str
    value: str | None = None
    offset: int | None = None


class Inspected(NamedTuple):
    """`values`: raw top-level values of what identifies an object, as far as they were reached; `past` the last tag that was
    read, beyond which absence proves nothing unless `whole`. None of both where the data set could not be read."""

    faults: tuple[DataFault, ...]
    values: dict[int, bytes] | None
    past: int = -1
    whole: bool = False


class Inspector:
    """Inspects data sets, and remembers what they look like: most are built like one before."""

    def __init__(self) -> None:
        self._known = Likenesses()

    def like(self, head: bytes, total: int | None, syntax: str, is_object: bool = True) -> Likeness | None:
        """The likeness of earlier data sets that this one has, with `total` the length of the whole where known."""
        encoding = encoding_of(syntax)
        found = self._known.find((encoding, total, is_object), head)
        return found or (self._known.find((encoding, None, is_object), head) if total is not None else None)

    def inspect(
        self, head: bytes, total: int | None, syntax: str, is_object: bool = True, deeply: bool = True
    ) -> Inspected:
        """What is wrong with a data set of which `head` was kept.

        `is_object` False: an identifier, whose values may be patterns and are not judged by their format. `deeply` False:
        what is not beyond suspicion is left alone, which costs next to nothing.
        """
        clean = None if is_deflated(syntax) else self._sound(head, total, syntax, is_object)
        if clean is not None:
            faults = _of_sound(clean, head, total, syntax) if is_object else ()
            return Inspected(faults, clean.values, clean.last, clean.whole)
        return Inspected((), None) if not deeply else _doubted(head, total, syntax, is_object)

    def _sound(self, head: bytes, total: int | None, syntax: str, is_object: bool) -> Sound | None:
        """Read by its likeness to another, or walked through."""
        like = self.like(head, total, syntax, is_object)
        if like is not None and (read := like.read(head, is_object)) is not None:
            return read
        found = walked(head, encoding_of(syntax), total, is_object)
        if found is None:
            return None
        if like is None:
            clean, spans = found
            in_fragments = clean.pixels is not None and clean.pixels[1] == UNDEFINED_LENGTH
            self._known.add((encoding_of(syntax), None if in_fragments else total, is_object), head, clean, spans)
        return found[0]


def inspect(payload: Payload, syntax: str, is_object: bool = True) -> Inspected:
    """What is wrong with one data set, as far as its head was kept. Raises ValueError once the payload store is closed."""
    head, total = payload.head(), payload.length if payload.complete else None
    return Inspector().inspect(head, total, syntax, is_object) if head else Inspected((), None)


def _of_sound(clean: Sound, head: bytes, total: int | None, syntax: str) -> tuple[DataFault, ...]:
    """What only the elements together show."""
    wrong = _pixels(clean, head, total, syntax, encoding_of(syntax).little)
    study = clean.values.get(_STUDY)
    if study and study == clean.values.get(_SERIES):
        return (*_equal_uids(clean.values), *((wrong,) if wrong else ()))
    return (wrong,) if wrong else ()


def _pixels(clean: Sound, head: bytes, total: int | None, syntax: str, little: bool) -> DataFault | None:
    if clean.pixels is None or clean.last != PIXEL_DATA:
        return None
    start, length = clean.pixels
    whole = total is not None and len(head) >= total
    wrong = pixel_fault(
        clean.values, length, head[start:] if length == UNDEFINED_LENGTH else b"", syntax, little, whole
    )
    return DataFault(Fault.PIXELS, PIXEL_DATA, "PixelData", wrong, offset=start) if wrong else None


def _doubted(head: bytes, total: int | None, syntax: str, is_object: bool) -> Inspected:
    """With the reader that names what it meets."""
    found = read_dataset(head, syntax, total_length=total)
    data = plain_bytes(head, syntax)
    little = encoding_of(syntax).little
    faults = list(_reading(found, data))
    if found.error is None:
        faults += _ordering(found)
        faults += _group_lengths(found, data, little)
    faults += _values(found, data, "", is_object)
    values = {
        e.tag: data[e.start : e.start + e.length] for e in found.elements if e.value is not None and e.tag >> 16 < 0x30
    }
    last = found.elements[-1] if found.elements else None
    if is_object and found.error is None:
        faults += _equal_uids(values)
        if last is not None and last.tag == PIXEL_DATA:
            whole = total is not None and len(head) >= total
            after = data[last.start :] if last.length == UNDEFINED_LENGTH else b""
            wrong = pixel_fault(values, last.length, after, syntax, little, whole)
            faults += [DataFault(Fault.PIXELS, PIXEL_DATA, "PixelData", wrong, offset=last.start)] if wrong else []
    whole = not found.truncated and found.error is None
    return Inspected(tuple(faults[:_FAULTS]), None if found.error else values, last.tag if last else -1, whole)


def _reading(found: DataSet, data: bytes) -> Iterator[DataFault]:
    error = found.error
    if error is None or any(words in error for words in _UNSURE):
        return
    misplaced = len(found.elements) >= 3 or "PS3.10" in error or "belongs to" in error
    kind = Fault.STRUCTURE if misplaced and any(words in error for words in _MISPLACED) else Fault.ENCODING
    last = found.elements[-1] if found.elements else None
    yield DataFault(kind, last.tag if last else None, last.keyword if last else "", error, data[:64].hex(" "), 0)


def _ordering(found: DataSet) -> Iterator[DataFault]:
    """Order, odd lengths and private creators, level by level (PS3.5 §7.1, §7.8)."""
    previous = -1
    creators = set()
    for element in found.elements:
        tag, number = element.tag, element.tag & 0xFFFF
        if tag <= previous:
            how = "stands twice" if tag == previous else f"comes after ({previous >> 16:04X},{previous & 0xFFFF:04X})"
            yield _structural(element, how)
        if element.length & 1 and element.length != UNDEFINED_LENGTH:
            yield _structural(element, f"has an odd length of {element.length}")
        if tag >> 16 & 1:
            block = tag & 0xFFFF0000 | number >> 8
            if 0x10 <= number <= 0xFF:
                creators.add(tag)
            elif number >= 0x1000 and block not in creators and not element.items:
                yield _structural(element, f"is private, but ({block >> 16:04X},{block & 0xFFFF:04X}) names no creator")
        previous = tag
        for item in element.items:
            yield from _ordering(item)


def _structural(element: Element, detail: str) -> DataFault:
    return DataFault(Fault.STRUCTURE, element.tag, element.keyword, detail, offset=element.at)


def _group_lengths(found: DataSet, data: bytes, little: bool) -> Iterator[DataFault]:
    """(gggg,0000) against the bytes that follow it in its group, at the top level (PS3.5 §7.2)."""
    for place, element in enumerate(found.elements):
        if element.tag & 0xFFFF or element.length != 4:
            continue
        following = next((e for e in found.elements[place + 1 :] if e.tag >> 16 != element.tag >> 16), None)
        if following is None:
            continue
        told = int.from_bytes(data[element.start : element.start + 4], "little" if little else "big")
        real = following.at - element.start - 4
        if told != real:
            yield _structural(element, f"says that its group has {told} bytes, it has {real}")


def _values(found: DataSet, data: bytes, character_set: str, is_object: bool) -> Iterator[DataFault]:
    for element in found.elements:
        if element.items:
            for item in element.items:
                yield from _values(item, data, character_set, is_object)
        elif element.value is not None:
            raw = data[element.start : element.start + element.length]
            if element.tag == _CHARACTER_SET:
                character_set = element.value
            yield from _value(element, element.value, raw, character_set, is_object)


def _value(element: Element, value: str, raw: bytes, character_set: str, is_object: bool) -> Iterator[DataFault]:
    def fault(kind: Fault, detail: str) -> DataFault:
        return DataFault(kind, element.tag, element.keyword, detail, value[:128], element.start)

    if element.tag == _CHARACTER_SET:
        for term in undefined_terms(value)[:1]:
            yield fault(Fault.CHARACTERS, f"declares '{term[:32]}', which is not a defined term")
    elif element.vr == "UI":
        if (is_object or "*" not in value) and (wrong := uid_fault(raw)):
            yield fault(Fault.UID, wrong)
    elif element.vr in _TEXT and (wrong_text := text_fault(raw, character_set) if _unusual(raw) else None):
        declared = f"'{character_set}'" if character_set else "no character set"
        yield fault(
            Fault.CHARACTERS, f"holds {wrong_text.fault}, declared is {declared}; it looks like {wrong_text.guess}"
        )
    elif is_object and not element.tag >> 16 & 1:
        if element.vr == "PN" and "??" in value:
            yield fault(Fault.CHARACTERS, "holds '??': letters were lost in a conversion before it was sent")
        elif wrong := value_fault(value, element.vr):
            yield fault(Fault.FORMAT, wrong)


def _unusual(raw: bytes) -> bool:
    return not raw.isascii() or b"\x1b" in raw


def _equal_uids(values: dict[int, bytes]) -> Iterator[DataFault]:
    found = {values.get(tag, b"").strip(b"\0 ") for tag in _EQUAL_UIDS}
    if len(found) == 1 and (same := found.pop()):
        detail = "study, series and instance have the same UID"
        yield DataFault(Fault.UID, _EQUAL_UIDS[0], "SOPInstanceUID", detail, same.decode("latin-1"))
