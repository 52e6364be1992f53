"""Operations in, their data sets as trees to unfold out: masked where patient data are, bounded for the whole page."""

from collections.abc import Iterable, Iterator

from dicomsniff.association.values import Exchange
from dicomsniff.core.patterns import pattern
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.element import UNDEFINED_LENGTH
from dicomsniff.dimse.element_rows import ElementRow, ElementRows, Holds, payload_rows
from dicomsniff.dimse.payload import Payload
from dicomsniff.dimse.uids import uid_name
from dicomsniff.report.log.elements import ERROR_COMMENT
from dicomsniff.report.redaction import MASK, Redaction
from dicomsniff.report.wording import count

ROWS = 400  # elements of one data set
ROWS_IN_ALL = 6000
DATA_SETS_IN_ALL = 150
ANSWERS = 3  # of one operation
_VALUE = 400  # characters of one value
_WORD = pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_UID = pattern(r"^[0-2](\.\d+)+$")
_WITHOUT_VALUE = {
    Holds.PIXELS: "not shown",
    Holds.UNSEEN: "not captured, or not kept",
}


@dataclass(frozen=True, slots=True)
class ElementView:
    """One line of the tree. `holds` says what it is; `closes` sequences end behind it."""

    tag: str
    vr: str
    name: str
    length: str
    value: str
    holds: str
    closes: int


@dataclass(frozen=True, slots=True)
class DataSetView:
    """One data set. `ending` says why its lines end before it does, empty where they do not."""

    exchange: int
    place: int
    title: str
    length: int
    encoding: str
    ending: str
    elements: tuple[ElementView, ...]


class DataSets:
    """Makes the trees of one page, and stops where it is full."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._rows, self._sets = ROWS_IN_ALL, DATA_SETS_IN_ALL
        self.left = 0

    def of(self, exchanges: Iterable[Exchange], most: int) -> list[DataSetView]:
        """Those of the first `most` of these operations that have any. None of them where the payload store is closed."""
        made: list[DataSetView] = []
        shown = 0
        for exchange in exchanges:
            found = list(_payloads(exchange))
            if not found:
                continue
            if shown >= most or self._sets <= 0 or self._rows <= 0:
                self.left += len(found)
                continue
            shown += 1
            for place, (title, payload) in enumerate(found):
                made += self._view(exchange, place, title, payload)
        return made

    def _view(self, exchange: Exchange, place: int, title: str, payload: Payload) -> Iterator[DataSetView]:
        try:
            rows = payload_rows(payload, exchange.transfer_syntax, min(ROWS, max(1, self._rows)))
        except ValueError:  # the store was closed: only facts are left
            return
        self._sets -= 1
        self._rows -= len(rows.rows)
        yield DataSetView(
            exchange.id,
            place,
            title,
            rows.length,
            rows.encoding,
            _ending(rows),
            tuple(element_views(rows.rows, self._redaction)),
        )


def _payloads(exchange: Exchange) -> Iterator[tuple[str, Payload]]:
    if exchange.payload is not None:
        yield f"{exchange.service} request", exchange.payload
    for number, payload in enumerate(exchange.answers[:ANSWERS], 1):
        which = f" {number} of {len(exchange.answers)}" if len(exchange.answers) > 1 else ""
        yield f"{exchange.service} answer{which}", payload


def _ending(rows: ElementRows) -> str:
    return "; ".join(part for part in (rows.error and f"cannot be read on: {rows.error}", rows.cut) if part)


def element_views(rows: tuple[ElementRow, ...], redaction: Redaction) -> Iterator[ElementView]:
    """The lines of a tree, masked where patient data are."""
    depths_after = ([row.depth for row in rows[1:]] + [0])[: len(rows)]
    for row, after in zip(rows, depths_after, strict=True):
        inner = row.depth + (row.holds is Holds.SEQUENCE)
        deepest = after if row.holds is not Holds.SEQUENCE or after > row.depth else row.depth
        yield ElementView(
            f"({row.tag >> 16:04X},{row.tag & 0xFFFF:04X})",
            row.vr,
            _name(row),
            "undefined" if row.length == UNDEFINED_LENGTH else f"{row.length:,}",
            _value(row, redaction),
            str(row.holds),
            max(0, inner - deepest),
        )


def _name(row: ElementRow) -> str:
    """ "Patient Name" for PatientName."""
    if row.holds is Holds.ITEM:
        return f"Item {row.within[-1][1]}"
    if row.keyword:
        return _WORD.sub(" ", row.keyword)
    return "Private" if row.tag >> 16 & 1 else "Unknown"


def _value(row: ElementRow, redaction: Redaction) -> str:
    if row.holds is Holds.SEQUENCE:
        return count(row.multiplicity, "item")
    if row.text is None:
        return _WITHOUT_VALUE.get(row.holds, "")
    if row.tag == ERROR_COMMENT:
        return redaction.comment(row.text)
    inside = any(redaction.protects(tag, "SQ") for tag, _ in row.within)
    if row.holds is Holds.BYTES:
        hidden = row.text and redaction.protects(row.tag, row.vr, inside)
        return MASK if hidden else row.text.replace("\\", " ") + (" …" if row.shortened else "")
    text = redaction.element(row.tag, row.vr, row.text, inside)
    if row.vr == "UI" and _UID.match(text) and (name := uid_name(text)) != text:
        return f"{text} = {name}"
    return text[:_VALUE] + "…" if len(text) > _VALUE else text + (" …" if row.shortened else "")
