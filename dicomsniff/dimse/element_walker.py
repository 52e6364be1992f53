"""Bytes of a data set and how they are encoded in, elements out; lengths, depth and count are checked at each header."""

from functools import lru_cache
from struct import Struct

from dicomsniff.core import Limits
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dictionary import registered
from dicomsniff.dimse.element import UNDEFINED_LENGTH, DataSet, Element
from dicomsniff.dimse.value_text import DEFAULT_SET, NUMBER_SIZES, value_text


class Syntax(NamedTuple):
    """How elements are encoded (PS3.5 §7.1.2, §7.1.3, §7.3)."""

    name: str
    explicit: bool
    little: bool


IMPLICIT = Syntax("Implicit VR Little Endian", False, True)
EXPLICIT = Syntax("Explicit VR Little Endian", True, True)
BIG_ENDIAN = Syntax("Explicit VR Big Endian", True, False)

# VRs with a length of two bytes, and those with two reserved bytes and a length of four (PS3.5 §7.1.2).
SHORT_VRS = {
    b"AE",
    b"AS",
    b"AT",
    b"CS",
    b"DA",
    b"DS",
    b"DT",
    b"FD",
    b"FL",
    b"IS",
    b"LO",
    b"LT",
    b"PN",
    b"SH",
    b"SL",
    b"SS",
    b"ST",
    b"TM",
    b"UI",
    b"UL",
    b"US",
}
LONG_VRS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
# Values of these never reach 64 KiB, whatever the syntax: a longer one is another syntax misread.
_NEVER_LONG = frozenset({"AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UI"})
_AMBIGUOUS = {"US or SS": "US", "US or SS or OW": "US", "US or OW": "OW", "OB or OW": "OW"}

_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_CHARACTER_SET, _PIXEL_REPRESENTATION = 0x00080005, 0x00280103
_PIXELS = range(0x7FE00008, 0x7FE00011)

_HEADS = {True: Struct("<HHI").unpack_from, False: Struct(">HHI").unpack_from}
_U16 = {True: Struct("<H").unpack_from, False: Struct(">H").unpack_from}
_U32 = {True: Struct("<I").unpack_from, False: Struct(">I").unpack_from}


def walk(data: bytes, syntax: Syntax, limits: Limits, total: int | None, until: int | None) -> DataSet:
    """Read `data` as `syntax`. `total`: length of the whole data set where known, of which `data` may be the head.
    `until`: elements of the top level beyond this tag are not read."""
    found = _Walk(data, syntax, limits, total, until)
    found.run()
    return found.result()


@lru_cache(maxsize=8192)
def dictionary_entry(tag: int) -> tuple[str, str] | None:
    """VR and keyword of the dictionary (PS3.6), None for unknown tags."""
    if tag & 0xFFFF == 0:
        return "UL", ""  # group length, retired (PS3.5 §7.2)
    if tag >> 16 & 1:
        return ("LO", "") if 0x10 <= tag & 0xFFFF <= 0xFF else None  # private creator (PS3.5 §7.8.1)
    return registered(tag)


Header = tuple[int, str, str, int, int, int]  # tag, VR, keyword, length, offsets of header and value


class _Level:
    """A data set (the root or an item) or a sequence that is being read. `end` is where it ends, None for undefined
    length; `limit` is the nearest end that is known, its own or one around it."""

    __slots__ = ("character_set", "elements", "end", "header", "items", "limit", "previous", "signed", "syntax")

    def __init__(
        self, syntax: Syntax, end: int | None, around: "_Level | None", header: "Header | None" = None
    ) -> None:
        self.syntax = syntax
        self.end = end
        self.limit: int | None = end if end is not None or around is None else around.limit
        self.header = header  # of the sequence; None for a data set
        self.elements: list[Element] = []
        self.items: list[DataSet] = []
        self.character_set: str = around.character_set if around else DEFAULT_SET
        self.signed: bool = around.signed if around else False
        self.previous = -1


def _remains(length: int, at: int) -> str:
    """What is wrong where no element fits any more."""
    return f"{length} bytes left over at offset {at}" if length else f"ends at offset {at} in the middle of a sequence"


class _Walk:
    """One reading: an explicit stack of levels instead of recursion, so that nesting costs no Python stack."""

    def __init__(self, data: bytes, syntax: Syntax, limits: Limits, total: int | None, until: int | None) -> None:
        self._data = data
        self._syntax = syntax
        self._limits = limits
        self._until = until
        self._position = 0
        self._left = limits.dataset_elements
        self._root = _Level(syntax, total, None)
        self._stack = [self._root]
        self._done = False
        self._truncated = False
        self._error: str | None = None

    def run(self) -> None:
        while not self._done:
            level = self._stack[-1]
            if level.end is not None and self._position >= level.end:
                self._close()
            elif self._room(level):
                if level.header is None:
                    self._element(level)
                else:
                    self._item(level)

    def result(self) -> DataSet:
        while len(self._stack) > 1:
            self._close()
        return DataSet(tuple(self._root.elements), self._truncated, self._error, encoding=self._syntax.name)

    def _fail(self, why: str) -> None:
        self._error = why
        self._done = True

    def _cut(self) -> None:
        self._truncated = self._done = True

    def _room(self, level: _Level) -> bool:
        """Whether eight bytes of header are there; an end that is not the data set's own is a cut or an error."""
        if self._left <= 0:
            self._cut()
            return False
        if level.limit is not None and level.limit - self._position < 8:
            self._fail(_remains(level.limit - self._position, self._position))
            return False
        if len(self._data) - self._position >= 8:
            return True
        if self._position == len(self._data) and level is self._root and level.end is None:
            self._done = True
        else:
            self._cut()
        return False

    def _close(self) -> None:
        level = self._stack.pop()
        if not self._stack:
            self._stack.append(level)
            self._done = True
        elif level.header is None:
            self._stack[-1].items.append(DataSet(tuple(level.elements)))
        else:
            tag, vr, keyword, length, at, start = level.header
            self._add(self._stack[-1], Element(tag, vr, keyword, None, length, tuple(level.items), at, start))

    def _add(self, level: _Level, element: Element) -> None:
        level.elements.append(element)
        self._left -= 1

    def _item(self, level: _Level) -> None:
        """An item or the end of its sequence (PS3.5 §7.5)."""
        group, number, length = _HEADS[level.syntax.little](self._data, self._position)
        tag = group << 16 | number
        self._position += 8
        if tag == _ITEM:
            self._left -= 1
            end = None if length == UNDEFINED_LENGTH else self._position + length
            if end is not None and level.limit is not None and end > level.limit:
                self._fail(f"an item of {length} bytes at offset {self._position - 8} runs past its sequence")
            else:
                self._stack.append(_Level(level.syntax, end, level))
        elif tag == _SEQUENCE_END:
            if level.end is None:
                self._close()
        else:
            self._fail(f"({group:04X},{number:04X}) at offset {self._position - 8} where an item had to begin")

    def _element(self, level: _Level) -> None:
        position, syntax = self._position, level.syntax
        group, number, length = _HEADS[syntax.little](self._data, position)
        tag = group << 16 | number
        if level is self._root and self._until is not None and tag > self._until:
            self._done = True
        elif group == 0xFFFE:
            self._delimiter(level, tag)
        elif syntax.explicit:
            raw = self._data[position + 4 : position + 6]
            if raw in SHORT_VRS:
                self._value(level, tag, raw.decode(), _U16[syntax.little](self._data, position + 6)[0], position + 8)
            elif raw not in LONG_VRS:
                self._fail(f"({group:04X},{number:04X}) at offset {position} has no known VR")
            elif level.limit is not None and position + 12 > level.limit:
                self._fail(_remains(level.limit - position, position))
            elif position + 12 > len(self._data):
                self._cut()
            else:
                vr = self._dictionary_vr(level, tag) if raw == b"UN" else raw.decode()
                syntax = IMPLICIT if raw == b"UN" else syntax  # so a writer that did not know the VR had it
                length = _U32[level.syntax.little](self._data, position + 8)[0]
                self._value(level, tag, vr, length, position + 12, syntax)
        else:
            self._value(level, tag, self._dictionary_vr(level, tag), length, position + 8)

    def _delimiter(self, level: _Level, tag: int) -> None:
        if tag == _ITEM_END and level is not self._root and level.end is None:
            self._position += 8
            self._close()
        else:
            self._fail(f"(FFFE,{tag & 0xFFFF:04X}) out of place at offset {self._position}")

    def _dictionary_vr(self, level: _Level, tag: int) -> str:
        entry = dictionary_entry(tag)
        if entry is None:
            return "UN"
        vr = _AMBIGUOUS.get(entry[0], entry[0])
        return "SS" if vr == "US" and level.signed and " or SS" in entry[0] else vr

    def _value(self, level: _Level, tag: int, vr: str, length: int, start: int, syntax: Syntax | None = None) -> None:
        """One element whose header has been read: a value, a sequence to enter, or the pixel data that end it all."""
        entry = dictionary_entry(tag)
        keyword = entry[1] if entry else ""
        end, at = start + length, self._position
        wrong = self._implausible(level, tag, vr, length, end)
        if wrong:
            self._fail(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) at offset {self._position} {wrong}")
            return
        level.previous = tag
        past = length != UNDEFINED_LENGTH and level.limit is not None and end > level.limit
        if tag in _PIXELS and level is self._root and not past:
            self._add(level, Element(tag, vr, keyword, None, length, (), at, start))
            self._done = True
        elif length == UNDEFINED_LENGTH:
            self._position = start
            self._undefined(level, (tag, vr, keyword, length, at, start), syntax or level.syntax)
        elif past:
            self._fail(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) of {length} bytes runs past what holds it")
        elif vr == "SQ":
            self._position = start
            self._enter(level, (tag, vr, keyword, length, at, start), syntax or level.syntax, end)
        elif end > len(self._data):
            self._add(level, Element(tag, vr, keyword, None, length, (), at, start))
            self._cut()
        else:
            value = value_text(self._data[start:end], vr, level.character_set, (syntax or level.syntax).little)
            self._add(level, Element(tag, vr, keyword, value, length, (), at, start))
            self._position = end
            if tag == _CHARACTER_SET and value is not None:
                level.character_set = value
            elif tag == _PIXEL_REPRESENTATION:
                level.signed = value == "1"

    def _implausible(self, level: _Level, tag: int, vr: str, length: int, end: int) -> str | None:
        """Why this cannot be an element here. Implicit VR has no VR to betray a wrong syntax, so lengths must."""
        known = tag >> 16 & 1 or dictionary_entry(tag) is not None
        if level is self._root and tag >> 16 in (0x0000, 0x0002):
            return "belongs to a command or a file, not to a data set"
        if level is self._root and level.previous < 0 and not known:
            return "is not an element that a data set begins with"
        if level.syntax.explicit or length == UNDEFINED_LENGTH:
            return None
        if not known and (tag <= level.previous or end > len(self._data)):
            return "is not in the dictionary and does not fit"
        if vr in _NEVER_LONG and length > 0xFFFE:
            return f"has an impossible length of {length} bytes for {vr}"
        if vr in NUMBER_SIZES and length % NUMBER_SIZES[vr]:
            return f"has an impossible length of {length} bytes for {vr}"
        return None

    def _undefined(self, level: _Level, header: "Header", syntax: Syntax) -> None:
        """Undefined length: a sequence, in UN always implicit (PS3.5 §6.2.2), or encapsulated fragments (§A.4)."""
        tag, vr = header[:2]
        if vr == "UN":
            self._enter(level, header, IMPLICIT, None)
        elif vr == "SQ":
            self._enter(level, header, syntax, None)
        elif vr in ("OB", "OW"):
            self._skip_fragments(level, header)
        else:
            self._fail(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) is {vr} and has an undefined length")

    def _enter(self, level: _Level, header: "Header", syntax: Syntax, end: int | None) -> None:
        if len(self._stack) // 2 >= self._limits.dataset_depth:
            self._fail(f"sequences nested deeper than {self._limits.dataset_depth}")
        else:
            self._stack.append(_Level(syntax, end, level, header))

    def _skip_fragments(self, level: _Level, header: "Header") -> None:
        end = len(self._data) if level.limit is None else min(level.limit, len(self._data))
        while end - self._position >= 8 and self._left > 0:
            self._left -= 1
            group, number, length = _HEADS[level.syntax.little](self._data, self._position)
            tag = group << 16 | number
            self._position += 8
            if tag == _SEQUENCE_END:
                tag, vr, keyword, length, at, start = header
                self._add(level, Element(tag, vr, keyword, None, length, (), at, start))
                return
            if tag != _ITEM or length == UNDEFINED_LENGTH:
                self._fail(f"no fragment at offset {self._position - 8}")
                return
            self._position += length
        self._cut()
