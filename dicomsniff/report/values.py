"""The report as plain rows: every section of the JSON report, ready to be written, rendered or read."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from dicomsniff.core.records import dataclass

if TYPE_CHECKING:
    from dicomsniff.report.redaction import Redaction

Row = dict[str, Any]
T = TypeVar("T")

SCHEMA = "dicomsniff-report"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """A section that makes each row when it is asked for, so that 200,000 exchanges are never rows all at once.

    It can be iterated again and again; `rows[i]` makes row i (from 0) alone.
    """

    items: Sequence[T]
    make: Callable[[T], Row]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Row]:
        return map(self.make, self.items)

    def __getitem__(self, index: int) -> Row:
        return self.make(self.items[index])

    def between(self, begin: float, end: float) -> "Rows[T]":
        """Those from one share of the way through them to another: (0, 0.5) and (0.5, 1) are all of them."""
        return Rows(self.items[round(begin * len(self)) : round(end * len(self))], self.make)


class Later(Sequence[T]):
    """Items that are made all at once when the first of them is asked for, and never where none is."""

    def __init__(self, make: Callable[[], Sequence[T]]) -> None:
        self._make = make
        self._made: Sequence[T] | None = None

    def _items(self) -> Sequence[T]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __len__(self) -> int:
        return len(self._items())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._items()[index]


@dataclass(frozen=True, slots=True)
class Report:
    """All sections of the report. Short ones are rows already, long ones make them on the way out.

    `redacted` says that patient data are masked in every row. Rows hold only what JSON knows; ids are positions from
    1: exchange 7 is `exchanges[6]`. `time` has one row: where the time of all associations went.
    """

    version: str
    redacted: bool
    redaction: "Redaction"  # for what is read of the captures after the rows are made
    verdict: Row
    summary: Row
    captures: tuple[Row, ...]
    connections: Rows[Any]
    associations: Rows[Any]
    exchanges: Rows[Any]
    retrievals: Rows[Any]
    objects: Rows[Any]
    studies: Rows[Any]
    pairs: Rows[Any]
    time: Rows[Any]
    findings: tuple[Row, ...]
    checks: tuple[Row, ...]
