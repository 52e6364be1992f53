"""The head of a data set in, whether it is beyond suspicion out: one quick pass over its headers and short values.

Nearly all data sets of a capture are sound. This pass says so for the price of a few lookups an element: what an element
of this tag, VR and length asks for is worked out once and found again by the eight bytes of its header. It stops at
the first thing that it does not like or does not know; what is wrong there, `inspection` says.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from struct import Struct

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.element import UNDEFINED_LENGTH
from dicomsniff.dimse.element_walker import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
    LONG_VRS,
    SHORT_VRS,
    Syntax,
    dictionary_entry,
)
from dicomsniff.dimse.value_faults import is_plain_uid, text_fault, uid_fault, undefined_terms, value_fault
from dicomsniff.dimse.value_text import NUMBER_SIZES

PIXEL_DATA, SOP_INSTANCE = 0x7FE00010, 0x00080018
_CHARACTER_SET, _CHARSET_VRS = 0x00080005, frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_FORMATTED = frozenset({"DA", "TM", "DT", "DS", "IS"})
_LONGEST = {"AE": 16, "CS": 16, "SH": 16, "LO": 64, "PN": 64}
_WANTED = frozenset(
    (
        *(0x00280002, 0x00280004, 0x00280008, 0x00280010, 0x00280011, 0x00280100),  # what pixel data must fit
        *(0x00080016, 0x00080018, 0x00080020, 0x00080050, 0x00100010, 0x00100020, 0x0020000D, 0x0020000E),
    )
)
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_KNOWN_HEADERS = 50_000
_DEPTH = 8  # deeper nesting is left to the reader that counts it
_ENDLESS = 1 << 62
_HEAD = {True: Struct("<HHI").unpack_from, False: Struct(">HHI").unpack_from}
_U32 = {True: Struct("<I").unpack_from, False: Struct(">I").unpack_from}


class Ask(IntEnum):
    """What an element asks for."""

    NOTHING = 0
    TEXT = 1
    UID = 2
    FORMAT = 3
    SEQUENCE = 4
    CHARACTERS = 5
    PIXELS = 6
    PRIVATE = 7
    CREATOR = 8
    GROUP_LENGTH = 9
    DOUBT = 10
    MATTERS = 11


_JUDGED = frozenset({Ask.TEXT, Ask.UID, Ask.FORMAT})


class _Known(NamedTuple):
    """What a header means: tag, what to do, VR, bytes of the header and of the value (-1: told in four more bytes)."""

    tag: int
    ask: Ask
    vr: str
    head: int
    length: int
    wanted: bool


class Span(NamedTuple):
    """One element that was passed: where header and value lie, and what was asked of it."""

    at: int
    start: int
    end: int
    ask: Ask
    tag: int
    vr: str
    character_set: str
    depth: int


class Sound(NamedTuple):
    """A data set without suspicion, as far as it was there. `values`: the raw values that identify the object and describe
    its pixels, of the top level. `last`: the tag of the last element; `whole`: the data set ended there. `pixels`: offset
    of the value and length of the pixel data, None where there are none within the head. `end`: how far it was read."""

    values: dict[int, bytes]
    last: int
    whole: bool
    pixels: tuple[int, int] | None
    end: int = 0


_tables: dict[Syntax, dict[bytes, _Known]] = {syntax: {} for syntax in (IMPLICIT, EXPLICIT, BIG_ENDIAN)}


class _DoubtError(Exception):
    """Something is not beyond suspicion."""


def sound(data: bytes, syntax: Syntax, total: int | None, object_: bool = True) -> Sound | None:
    """What is known of a data set that is beyond suspicion, None where it is not; never raises. `total` is the length of
    the whole where known, `object_` False for identifiers, whose values may be patterns."""
    found = walked(data, syntax, total, object_)
    return found[0] if found else None


def walked(data: bytes, syntax: Syntax, total: int | None, object_: bool = True) -> tuple[Sound, list[Span]] | None:
    """The same with every element that was passed."""
    scan = _Scan(data, syntax, total, object_)
    try:
        return scan.run(), scan.spans
    except _DoubtError:
        return None


class _Level:
    """The data set, or an item, that is being passed. `promised`: where its group ends by a group length, -1 without one."""

    __slots__ = ("character_set", "creators", "depth", "end", "open_ended", "previous", "promised")

    def __init__(self, end: int, character_set: str, depth: int, open_ended: bool) -> None:
        self.end, self.character_set, self.depth, self.open_ended = end, character_set, depth, open_ended
        self.previous = self.promised = -1
        self.creators: set[int] = set()

    def keep_promise(self, position: int) -> None:
        """Another group begins here."""
        if self.promised != position:
            raise _DoubtError
        self.promised = -1


class _Scan:
    __slots__ = ("_data", "_known", "_object", "_syntax", "_total", "pixels", "spans", "values")

    def __init__(self, data: bytes, syntax: Syntax, total: int | None, object_: bool) -> None:
        self._data, self._syntax, self._total, self._object = data, syntax, total, object_
        self._known = _tables[syntax]
        if len(self._known) > _KNOWN_HEADERS:
            self._known.clear()
        self.values: dict[int, bytes] = {}
        self.spans: list[Span] = []
        self.pixels: tuple[int, int] | None = None

    def run(self) -> Sound:
        end = _ENDLESS if self._total is None else self._total
        top = _Level(end, "", 0, False)
        position = self._level(top, 0)
        if position > len(self._data) >= end:  # it ends before its last element does
            raise _DoubtError
        whole = self.pixels is not None or (self._total is not None and position >= self._total)
        if position > len(self._data):
            position = self.spans[-1].end if self.spans else 0
        return Sound(self.values, top.previous, whole, self.pixels, position)

    def _level(self, level: _Level, position: int) -> int:
        """The elements from `position` to the end of the level, or to the delimiter of an item of undefined length. Gives
        the place it came to, which lies behind all data where these stop before."""
        size = len(self._data)
        while position < level.end and self.pixels is None:
            if position + 8 > size:
                if level.end - position < 8 and not level.open_ended:
                    raise _DoubtError
                return size + 1
            header = self._data[position : position + 8]
            one = self._known.get(header)
            if one is None:
                one = self._known[header] = _learn(header, self._syntax)
            if level.open_ended and one.tag == _ITEM_END:
                return position + 8
            if one.tag <= level.previous or one.ask is Ask.DOUBT:
                raise _DoubtError
            if level.promised >= 0 and one.tag >> 16 != level.previous >> 16:
                level.keep_promise(position)
            level.previous = one.tag
            position = self._element(level, one, position)
            if position > size:
                return position
        return position

    def _element(self, level: _Level, one: _Known, at: int) -> int:
        """One element, whose header is known; gives the place behind it."""
        data, start, length, ask = self._data, at + one.head, one.length, one.ask
        if length < 0:
            if start > len(data):
                return len(data) + 1
            length = _U32[self._syntax.little](data, start - 4)[0]
            if length & 1 and length != UNDEFINED_LENGTH:
                raise _DoubtError
        end = start + length
        if ask is Ask.PIXELS and not level.depth:
            if length != UNDEFINED_LENGTH and end > level.end:
                raise _DoubtError
            self.pixels = start, length
            return start
        if ask is Ask.SEQUENCE or length == UNDEFINED_LENGTH:
            self.spans.append(Span(at, start, start, Ask.NOTHING, one.tag, one.vr, "", level.depth))
            return self._sequence(start, length, level.end, one.vr, level.character_set, level.depth)
        if end > level.end:
            raise _DoubtError
        if end > len(data):
            return len(data) + 1
        matters = Ask.MATTERS if one.wanted and not ask else ask
        span = Span(at, start, end, matters, one.tag, one.vr, level.character_set, level.depth)
        self.spans.append(span)
        if matters:
            self._value(level, one, span)
        return end

    def _value(self, level: _Level, one: _Known, span: Span) -> None:
        raw, ask = self._data[span.start : span.end], one.ask
        if one.wanted and not level.depth:
            self.values[one.tag] = raw
        if ask in _JUDGED:
            if not value_is_sound(raw, span, self._object):
                raise _DoubtError
        elif ask is Ask.CHARACTERS:
            level.character_set = _checked(raw)
        elif ask is Ask.CREATOR:
            level.creators.add(one.tag)
        elif ask is Ask.GROUP_LENGTH:
            level.promised = span.end + _U32[self._syntax.little](raw, 0)[0]
        elif ask is Ask.PRIVATE and (one.tag & 0xFFFF0000) | (one.tag >> 8 & 0xFF) not in level.creators:
            raise _DoubtError

    def _sequence(self, position: int, length: int, end: int, vr: str, character_set: str, depth: int) -> int:
        """The items of a sequence; the place behind it, or behind all data where these end before."""
        if vr == "UN" and length == UNDEFINED_LENGTH:  # a sequence whose writer did not know the VR (PS3.5 §6.2.2)
            within = self if self._syntax is IMPLICIT else _Scan(self._data, IMPLICIT, self._total, self._object)
            within.spans = self.spans
            return within._sequence(position, length, end, "SQ", character_set, depth)
        if depth >= _DEPTH or vr != "SQ":
            raise _DoubtError
        data, size, little = self._data, len(self._data), self._syntax.little
        stop = end if length == UNDEFINED_LENGTH else position + length
        if stop > end:
            raise _DoubtError
        while position < stop:
            if position + 8 > size:
                return size + 1
            group, number, item = _HEAD[little](data, position)
            tag = group << 16 | number
            position += 8
            if tag == _SEQUENCE_END and length == UNDEFINED_LENGTH:
                return position
            if tag != _ITEM:
                raise _DoubtError
            if item == UNDEFINED_LENGTH:
                position = self._level(_Level(stop, character_set, depth + 1, True), position)
            elif position + item > stop:
                raise _DoubtError
            else:
                position = self._level(_Level(position + item, character_set, depth + 1, False), position)
            if position > size:
                return position
        if length == UNDEFINED_LENGTH:
            raise _DoubtError
        return position


def value_is_sound(raw: bytes, span: Span, is_object: bool) -> bool:
    """Whether a value is what its element asks for: a text, a UID, a date or a number in text."""
    if span.ask is Ask.UID:
        return not is_object or is_plain_uid(raw) or not uid_fault(raw)
    if span.ask is Ask.TEXT:
        if (not raw.isascii() or b"\x1b" in raw) and text_fault(raw, span.character_set):
            return False
        return not is_object or not ((span.vr == "PN" and b"??" in raw) or len(raw) > _LONGEST.get(span.vr, _ENDLESS))
    return not is_object or _well_formed(raw, span.vr)


def _learn(header: bytes, syntax: Syntax) -> _Known:
    """What these eight bytes ask for wherever they stand."""
    group, number, length = _HEAD[syntax.little](header, 0)
    tag, head = group << 16 | number, 8
    if syntax.explicit and group != 0xFFFE:
        raw = header[4:6]
        if raw in SHORT_VRS:
            vr, length = raw.decode(), int.from_bytes(header[6:8], "little" if syntax.little else "big")
        elif raw in LONG_VRS:
            vr, length, head = raw.decode(), -1, 12
        else:
            return _Known(tag, Ask.DOUBT, "", 8, 0, False)
    else:
        entry = dictionary_entry(tag)
        vr = entry[0] if entry else "UN"
    return _Known(tag, _ask(tag, vr, length), vr, head, length, tag in _WANTED)


def _ask(tag: int, vr: str, length: int) -> Ask:
    group, number = tag >> 16, tag & 0xFFFF
    odd = length & 1 and length not in (-1, UNDEFINED_LENGTH)
    if group in (0x0000, 0x0002, 0xFFFE) or odd:
        return Ask.DOUBT
    if number == 0:
        return Ask.GROUP_LENGTH if length == 4 else Ask.DOUBT
    if 0x7FE00008 <= tag <= PIXEL_DATA:
        return Ask.PIXELS
    if vr in NUMBER_SIZES and length > 0 and length % NUMBER_SIZES[vr]:
        return Ask.DOUBT
    if vr == "SQ":
        return Ask.SEQUENCE
    if group & 1:
        return Ask.CREATOR if 0x10 <= number <= 0xFF else Ask.PRIVATE if number >= 0x1000 else Ask.NOTHING
    if tag == _CHARACTER_SET:
        return Ask.CHARACTERS
    if vr == "UI":
        return Ask.UID
    if vr in _CHARSET_VRS:
        return Ask.TEXT
    too_long = length > _LONGEST.get(vr, _ENDLESS)  # of AE and CS, which may hold several values
    return Ask.FORMAT if vr in _FORMATTED or too_long else Ask.NOTHING


@lru_cache(maxsize=256)
def _checked(raw: bytes) -> str:
    told = raw.decode("latin-1").strip("\0 ")
    if undefined_terms(told):
        raise _DoubtError
    return told


@lru_cache(maxsize=8192)
def _well_formed(raw: bytes, vr: str) -> bool:
    return value_fault(raw.decode("latin-1").rstrip("\0 "), vr) is None
