"""A data set or a command set in, one row for each of its elements out, for whoever shows them: a tree written flat.

Values are told as they were sent, their padding included, and bounded; nothing here hides a patient's data.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from struct import Struct

from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import plain_bytes, read_dataset
from dicomsniff.dimse.dictionary import registered
from dicomsniff.dimse.element import UNDEFINED_LENGTH, DataSet, Element
from dicomsniff.dimse.payload import Payload
from dicomsniff.dimse.value_text import DEFAULT_SET, NUMBER_SIZES, value_text

ROWS = 2_000
"""Most rows of one data set: who reads text reads no more; enhanced objects have tens of thousands."""
VALUE = 4_096
"""Most characters of one value; longer ones are reports and base64."""
_BYTES = 16  # of a binary value that are shown
_NUMBERS = 16  # of a value of numbers, as `value_text` gives them
_ONE_VALUE = frozenset({"LT", "ST", "UR", "UT"})  # a backslash is a letter in these (PS3.5 §6.2)
_PIXELS = range(0x7FE00008, 0x7FE00011)

_element = Struct("<HHI").unpack_from


class Holds(StrEnum):
    """What a row is."""

    TEXT = "text"
    NUMBERS = "numbers"
    BYTES = "bytes"
    SEQUENCE = "sequence"
    ITEM = "item"
    PIXELS = "pixels"  # pixel data, or what else is encapsulated; never shown
    UNSEEN = "unseen"  # the value was not captured, or not kept


class ElementRow(NamedTuple):
    """One element, or the beginning of an item of a sequence.

    `depth` counts the sequences around it: 0 for the elements of the data set itself, and an item has that of the elements
    in it. `text` is the value as it was sent, values separated by backslashes, spaces that pad it included; bytes are
    hexadecimal; None for what has no value to show. `length` is that of the header (FFFFFFFFH: undefined), `multiplicity`
    counts values, items of a sequence, elements of an item. `shortened`: the text is only the beginning. `within` is the way
    to it: (tag, number of the item from 1) of every sequence around it.
    """

    depth: int
    tag: int
    vr: str
    keyword: str
    holds: Holds
    text: str | None
    length: int
    multiplicity: int
    shortened: bool = False
    within: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ElementRows:
    """The rows of one data set. `cut` says in one clause why and where they end before the data set does, `error` why the
    bytes cannot be read on; None where they do not. `encoding` is how it was read, `length` the bytes of the whole."""

    rows: tuple[ElementRow, ...]
    length: int
    encoding: str
    cut: str | None = None
    error: str | None = None


def payload_rows(payload: Payload, transfer_syntax: str | None, most: int = ROWS) -> ElementRows:
    """The elements of a data set as far as its head was kept. Raises ValueError once the payload store is closed."""
    head = payload.head()
    total = payload.length if payload.complete else None
    found = read_dataset(head, transfer_syntax, total_length=total)
    data = plain_bytes(head, transfer_syntax) if transfer_syntax else head
    rows: list[ElementRow] = []
    for row in _rows(found, data, 0, ()):
        if len(rows) == most:
            cut: str | None = f"only its first {most:,} elements are shown"
            break
        rows.append(row)
    else:
        cut = _cut(payload, len(head), found, rows)
    return ElementRows(tuple(rows), payload.length, found.encoding, cut, found.error)


def command_rows(text: bytes) -> ElementRows:
    """The elements of a command set, Implicit VR Little Endian (PS3.7 §6.3.1), those that nobody defined too."""
    rows: list[ElementRow] = []
    position, cut = 0, None
    while position + 8 <= len(text):
        group, number, length = _element(text, position)
        position += 8
        tag, value = group << 16 | number, text[position : position + length]
        position += length
        vr, keyword = registered(tag) or ("UN", "")
        if not number:
            vr, keyword = "UL", keyword or "CommandGroupLength"
        if position > len(text):
            rows.append(ElementRow(0, tag, vr, keyword, Holds.UNSEEN, None, length, 0))
            cut = f"({group:04X},{number:04X}) claims {length} bytes where {len(value)} are left"
            break
        shown = value_text(value, vr, DEFAULT_SET, True)
        rows.append(_valued(Element(tag, vr, keyword, shown, length, (), 0, 0), value, 0, ()))
    return ElementRows(tuple(rows), len(text), "Implicit VR Little Endian", cut)


def _cut(payload: Payload, kept: int, found: DataSet, rows: list[ElementRow]) -> str | None:
    """Why the rows end before the data set does, None where they do not: what follows pixel data is no loss."""
    if found.error is not None or (rows and rows[-1].holds is Holds.PIXELS and not rows[-1].depth):
        return None
    if payload.missing and payload.missing[0][0] <= kept:
        start, end = payload.missing[0]
        return f"bytes {start:,} to {end:,} of it were not captured"
    if kept < payload.length and found.truncated:
        return f"only the first {kept:,} of its {payload.length:,} bytes were kept"
    return "it was not sent (or seen) to its end" if found.truncated or not payload.complete else None


def _rows(found: DataSet, data: bytes, depth: int, within: tuple[tuple[int, int], ...]) -> Iterator[ElementRow]:
    """Depth is bounded by the reader."""
    for element in found.elements:
        tag, vr, keyword, _, length, items, _, start = element
        if items or vr == "SQ" or (vr == "UN" and length == UNDEFINED_LENGTH):
            yield ElementRow(depth, tag, "SQ", keyword, Holds.SEQUENCE, None, length, len(items), False, within)
            for number, item in enumerate(items, 1):
                inside = (*within, (tag, number))
                count = len(item.elements)
                yield ElementRow(depth + 1, 0xFFFEE000, "na", "Item", Holds.ITEM, None, -1, count, False, inside)
                yield from _rows(item, data, depth + 1, inside)
        elif length == UNDEFINED_LENGTH or (tag in _PIXELS and not depth):
            yield ElementRow(depth, tag, vr, keyword, Holds.PIXELS, None, length, 1, False, within)
        elif start + length > len(data):
            yield ElementRow(depth, tag, vr, keyword, Holds.UNSEEN, None, length, 1, False, within)
        else:
            yield _valued(element, data[start : start + length], depth, within)


def _valued(element: Element, raw: bytes, depth: int, within: tuple[tuple[int, int], ...]) -> ElementRow:
    tag, vr, keyword, value, length = element[:5]
    if value is None:
        text, shortened = raw[:_BYTES].hex("\\"), length > _BYTES
        return ElementRow(depth, tag, vr, keyword, Holds.BYTES, text, length, bool(length), shortened, within)
    if vr in NUMBER_SIZES:
        count = length // NUMBER_SIZES[vr]
        return ElementRow(depth, tag, vr, keyword, Holds.NUMBERS, value, length, count, count > _NUMBERS, within)
    text = _padded(value, raw)
    count = 0 if not length else 1 if vr in _ONE_VALUE else value.count("\\") + 1
    return ElementRow(depth, tag, vr, keyword, Holds.TEXT, text[:VALUE], length, count, len(text) > VALUE, within)


def _padded(value: str, raw: bytes) -> str:
    """The value with the spaces that were sent before and behind it; NULs pad UIDs and are no text."""
    text = raw.rstrip(b"\0")
    behind = len(text) - len(text.rstrip(b" "))
    before = len(text) - len(text.lstrip(b" ")) if not value.startswith(" ") and value else 0
    return " " * before + value + " " * behind
