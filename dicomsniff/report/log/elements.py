"""Rows of elements in, lines as dcmdump and pynetdicom write them out; values masked on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dicomsniff.dimse.element import UNDEFINED_LENGTH
from dicomsniff.dimse.element_rows import ElementRow, ElementRows, Holds
from dicomsniff.report.redaction import Redaction

ERROR_COMMENT = 0x00000902
_COLUMN = 40  # of the values


def shown_text(row: ElementRow, redaction: Redaction) -> str | None:
    """The value as it may be shown; None where there is none."""
    if row.text is None:
        return None
    if row.tag == ERROR_COMMENT:
        return redaction.comment(row.text)
    inside = any(redaction.protects(tag, "SQ") for tag, _ in row.within)
    if row.holds is Holds.BYTES:
        return "•••" if row.text and redaction.protects(row.tag, row.vr, inside) else row.text
    return redaction.element(row.tag, row.vr, row.text, inside)


def tree_lines(rows: ElementRows, redaction: Redaction) -> Iterator[str]:
    """Items of sequences below them, indented."""
    for row in rows.rows:
        if row.holds is Holds.ITEM:
            yield f"{'    ' * row.depth}"[:-2] + f"(Sequence item #{row.within[-1][1]})"
        else:
            yield "    " * row.depth + element_line(row, redaction)
    yield from _endings(rows)


def flat_lines(rows: ElementRows, redaction: Redaction) -> Iterator[str]:
    """Every element in one line with the way to it: (0040,0100)[1].(0008,0060)."""
    for row in rows.rows:
        if row.holds is not Holds.ITEM:
            way = "".join(f"{tag_text(tag)}[{number}]." for tag, number in row.within)
            yield way + element_line(row, redaction)
    yield from _endings(rows)


def dcmdump_lines(rows: ElementRows, redaction: Redaction) -> Iterator[str]:
    """As dcmdump writes it, with the ends of items and sequences that the tree leaves out."""
    open_: list[str] = []
    for row, after in _with_next(rows.rows):
        if row.holds is Holds.ITEM:
            yield f"{'  ' * (2 * row.depth - 1)}{_line('fffe,e000', 'na', f'(Item with {row.multiplicity} elements)', 0, 1, 'Item')}"
        else:
            yield f"{'    ' * row.depth}{element_line(row, redaction)}"
        del open_[:]
        open_ += _closing(row, after)
        yield from open_
    yield from (f"# {line}" for line in _endings(rows))


def element_line(row: ElementRow, redaction: Redaction) -> str:
    tag = tag_text(row.tag)[1:-1]
    length = -1 if row.length == UNDEFINED_LENGTH else row.length
    return _line(tag, row.vr, _value(row, redaction), length, row.multiplicity, row.keyword or _unnamed(row.tag))


def tag_text(tag: int) -> str:
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def _line(tag: str, vr: str, value: str, length: int, multiplicity: int, name: str) -> str:
    size = "u/l" if length < 0 else str(length)
    return f"({tag}) {vr} {value:<{_COLUMN}} # {size:>3}, {multiplicity} {name}"


def _value(row: ElementRow, redaction: Redaction) -> str:
    match row.holds:
        case Holds.SEQUENCE:
            return f"(Sequence with {row.multiplicity} item{'' if row.multiplicity == 1 else 's'})"
        case Holds.PIXELS:
            size = "encapsulated" if row.length == UNDEFINED_LENGTH else f"{row.length:,} bytes"
            return f"(pixel data, {size}, not shown)"
        case Holds.UNSEEN:
            return "(not in the captured or kept bytes)"
    text = shown_text(row, redaction)
    if not text:
        return "(no value available)"
    more = "…" if row.shortened else ""
    return f"[{text}{more}]" if row.holds is Holds.TEXT else f"{text}{more}"


def _unnamed(tag: int) -> str:
    return "PrivateTag" if tag >> 16 & 1 else "UnknownTag"


def _endings(rows: ElementRows) -> Iterator[str]:
    if rows.error is not None:
        yield f"(cannot be read on: {rows.error})"
    if rows.cut is not None:
        yield f"(ends here: {rows.cut})"


def _with_next(rows: Iterable[ElementRow]) -> Iterator[tuple[ElementRow, ElementRow | None]]:
    before: ElementRow | None = None
    for row in rows:
        if before is not None:
            yield before, row
        before = row
    if before is not None:
        yield before, None


def _closing(row: ElementRow, after: ElementRow | None) -> Iterator[str]:
    """What ends between this row and the next: an empty sequence, items, sequences."""
    depth = after.depth if after is not None else 0
    if row.holds is Holds.SEQUENCE and not row.multiplicity:
        yield f"{'    ' * row.depth}{_line('fffe,e0dd', 'na', '(SequenceDelimitationItem)', 0, 0, 'SequenceDelimitationItem')}"
    for level in range(row.depth, depth, -1):
        yield f"{'  ' * (2 * level - 1)}{_line('fffe,e00d', 'na', '(ItemDelimitationItem)', 0, 0, 'ItemDelimitationItem')}"
        yield f"{'    ' * (level - 1)}{_line('fffe,e0dd', 'na', '(SequenceDelimitationItem)', 0, 0, 'SequenceDelimitationItem')}"
    if after is not None and after.holds is Holds.ITEM and row.depth >= after.depth:
        yield f"{'  ' * (2 * after.depth - 1)}{_line('fffe,e00d', 'na', '(ItemDelimitationItem)', 0, 0, 'ItemDelimitationItem')}"
