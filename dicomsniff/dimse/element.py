"""What a data set is once read: elements as plain values, sequences as data sets inside them (PS3.5 §7.1)."""

from __future__ import annotations

from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple

UNDEFINED_LENGTH = 0xFFFFFFFF


class Element(NamedTuple):
    """One data element. `keyword` is empty for private and unknown elements; in implicit VR `vr` is the dictionary's.

    `value` is text, values separated by a backslash, without trailing padding; the first 16 values for numbers and
    tags; None for bulk bytes, sequences and what was cut off. `length` is that of the header (FFFFFFFFH: undefined).
    `at` and `start` are the offsets of header and value in the bytes that were read (inflated ones where deflated).
    """

    tag: int
    vr: str
    keyword: str
    value: str | None
    length: int
    items: tuple[DataSet, ...] = ()
    at: int = -1
    start: int = -1


@dataclass(frozen=True, slots=True)
class DataSet:
    """The elements of a data set in the order of the stream, as far as they were read; pixel data end the reading.

    `truncated`: the bytes or a limit ended before the data set did, as is usual for a head. `error`: why the bytes
    cannot be read on, None where they can; what comes before the error is kept. `guessed`: the transfer syntax was not
    known. `encoding` names the one used; items inside a sequence leave these four alone.
    """

    elements: tuple[Element, ...]
    truncated: bool = False
    error: str | None = None
    guessed: bool = False
    encoding: str = ""

    def element(self, wanted: int | str) -> Element | None:
        """The first element with this tag (0xGGGGEEEE) or keyword, None where absent."""
        if isinstance(wanted, int):
            return next((e for e in self.elements if e.tag == wanted), None)
        return next((e for e in self.elements if e.keyword == wanted), None) if wanted else None

    def get(self, wanted: int | str) -> str | None:
        """The value of this tag or keyword as text; None where absent or not text."""
        found = self.element(wanted)
        return found.value if found else None

    def items(self, wanted: int | str) -> tuple[DataSet, ...]:
        """The items of this sequence, () where absent."""
        found = self.element(wanted)
        return found.items if found else ()
