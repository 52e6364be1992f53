"""Two data sets as rows in, how they differ element by element out; what differs at every run is noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.element_rows import ElementRow, ElementRows, Holds
from dicomsniff.report.log.elements import shown_text
from dicomsniff.report.redaction import Redaction

_CHARACTER_SET = 0x00080005
_LEVEL = 0x00080052
_MADE_EACH_TIME = frozenset({"DA", "TM", "DT"})
_REGISTERED = "1.2.840.10008."
_UID = pattern(r"\d+(\.\d+)+")
_DIGIT = pattern(r"\d")
Place = tuple[tuple[tuple[int, int], ...], int]


class Odds(NamedTuple):
    """One element that differs. `kind`: absent, added, value, padding, vr, empty, filled, items, unreadable or cut."""

    kind: str
    what: str
    sentence: str
    good: str | None
    bad: str | None
    tag: int
    noise: bool = False


def compare_rows(good: ElementRows, bad: ElementRows, redaction: Redaction, values: bool) -> Iterator[Odds]:
    """`values`: compare what the elements hold (identifiers), else only which there are, and which are empty (objects)."""
    if bool(good.error) != bool(bad.error):
        side, why = ("GOOD", good.error) if good.error else ("BAD", bad.error)
        yield Odds("unreadable", "", f"the data set of {side} cannot be read: {why}", good.error, bad.error, 0)
        return
    here, there = _places(good.rows), _places(bad.rows)
    last = _last_seen(good, bad)
    for place, row in here.items():
        other = there.get(place)
        if other is None:
            if last is None or place[0] or row.tag < last:
                yield _lacking(row, "BAD", redaction)
        else:
            yield from _element(row, other, redaction, values)
    for place, row in there.items():
        if place not in here and (last is None or place[0] or row.tag < last):
            yield _lacking(row, "GOOD", redaction)


def _places(rows: Sequence[ElementRow]) -> dict[Place, ElementRow]:
    """Elements by the way to them; of one that stands twice, the first."""
    made: dict[Place, ElementRow] = {}
    for row in rows:
        if row.holds is not Holds.ITEM:
            made.setdefault((row.within, row.tag), row)
    return made


def _last_seen(good: ElementRows, bad: ElementRows) -> int | None:
    """The tag from which on one of them was not kept: absence there proves nothing. None where both are whole."""
    ends = [max((row.tag for row in side.rows if not row.depth), default=0) for side in (good, bad) if side.cut]
    return min(ends) if ends else None


def _lacking(row: ElementRow, side: str, redaction: Redaction) -> Odds:
    other = "GOOD" if side == "BAD" else "BAD"
    value = _shown(row, redaction)
    sentence = f"{side} lacks {named(row)}, which {other} has" + (f" as {value}" if row.text else "")
    good, bad = (value, None) if side == "BAD" else (None, value)
    return Odds("absent" if side == "BAD" else "added", named(row), sentence, good, bad, row.tag)


def _element(good: ElementRow, bad: ElementRow, redaction: Redaction, values: bool) -> Iterator[Odds]:
    name, shown = named(good), (_shown(good, redaction), _shown(bad, redaction))
    if good.vr != bad.vr and "UN" not in (good.vr, bad.vr):
        sentence = f"{name} has the VR {good.vr} in GOOD, {bad.vr} in BAD"
        yield Odds("vr", name, sentence, good.vr, bad.vr, good.tag)
    if good.holds is Holds.SEQUENCE and bad.holds is Holds.SEQUENCE:
        if good.multiplicity != bad.multiplicity:
            counts = f"{good.multiplicity} items", f"{bad.multiplicity} items"
            yield Odds("items", name, f"{name} has {counts[0]} in GOOD, {counts[1]} in BAD", *counts, good.tag)
        return
    empty = [row.length == 0 or (row.text is not None and not row.text.strip()) for row in (good, bad)]
    if empty[0] != empty[1]:
        kind, side, other = ("filled", "GOOD", "BAD") if empty[0] else ("empty", "BAD", "GOOD")
        value = shown[1] if empty[0] else shown[0]
        yield Odds(kind, name, f"{name} is empty in {side}; {other} has {value}", *shown, good.tag)
    elif good.text is not None and bad.text is not None and (good.text, good.length) != (bad.text, bad.length):
        yield from _values(good, bad, shown, values)


def _values(good: ElementRow, bad: ElementRow, shown: tuple[str, str], values: bool) -> Iterator[Odds]:
    assert good.text is not None and bad.text is not None
    name = named(good)
    if good.text.strip() == bad.text.strip():
        pads = _padding(good), _padding(bad)
        if pads[0] != pads[1]:
            sentence = f"{name} is {shown[0]} in both, but {_with(pads[0])} in GOOD and {_with(pads[1])} in BAD"
            yield Odds("padding", name, sentence, pads[0], pads[1], good.tag)
        return
    noise = _is_noise(good, bad)
    if values or noise:
        sentence = f"{name} is {shown[0]} in GOOD, {shown[1]} in BAD"
        yield Odds("value", name, sentence, *shown, good.tag, noise or not values)


def _is_noise(good: ElementRow, bad: ElementRow) -> bool:
    """UIDs that somebody made, and dates and times of the same form."""
    one, other = (good.text or "").strip(), (bad.text or "").strip()
    if good.vr == "UI":
        made = all(_UID.fullmatch(v) and not v.startswith(_REGISTERED) for t in (one, other) for v in t.split("\\"))
        return made and one.count("\\") == other.count("\\")
    return good.vr in _MADE_EACH_TIME and _DIGIT.sub("9", one) == _DIGIT.sub("9", other)


def _padding(row: ElementRow) -> str:
    """ "no padding", "a trailing space", "2 leading spaces and a NUL at its end"."""
    text = row.text or ""
    behind, before = len(text) - len(text.rstrip(" ")), len(text) - len(text.lstrip(" "))
    nuls = row.length - len(text) if text.isascii() and not row.shortened else 0
    parts = []
    if before and text.strip():
        parts.append("a leading space" if before == 1 else f"{before} leading spaces")
    if behind:
        parts.append("a trailing space" if behind == 1 else f"{behind} trailing spaces")
    if nuls > 0:
        parts.append("a trailing NUL" if nuls == 1 else f"{nuls} trailing NULs")
    return " and ".join(parts) or "no padding"


def _with(padding: str) -> str:
    return "without padding" if padding == "no padding" else f"with {padding}"


def named(row: ElementRow) -> str:
    """ "PatientName (0010,0010)", and where it stands."""
    tag = f"({row.tag >> 16:04X},{row.tag & 0xFFFF:04X})"
    name = f"{row.keyword} {tag}" if row.keyword else tag
    way = " of ".join(
        f"item {number} of ({outer >> 16:04X},{outer & 0xFFFF:04X})" for outer, number in reversed(row.within)
    )
    return f"{name} in {way}" if way else name


def _shown(row: ElementRow, redaction: Redaction) -> str:
    match row.holds:
        case Holds.SEQUENCE:
            return f"{row.multiplicity} items"
        case Holds.PIXELS:
            return "pixel data"
        case Holds.UNSEEN:
            return "a value that was not kept"
    text = (shown_text(row, redaction) or "").strip()
    return f"'{text}'" if text else "empty"
