"""Findings in; groups of one rule each, worst first, out: what they share is said once."""

from collections.abc import Sequence
from typing import TypeVar

from dicomsniff.core.records import dataclass
from dicomsniff.report.values import Row

T = TypeVar("T", str, list[str])


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding; `number` is its place in the report."""

    number: int
    row: Row


@dataclass(frozen=True, slots=True)
class Group:
    """What one rule found, of one severity. `causes`, `references` and `fix` are those that all of them share, else
    empty."""

    severity: str
    rule: str
    title: str
    findings: tuple[FindingView, ...]
    causes: tuple[str, ...]
    references: tuple[str, ...]
    fix: str

    @property
    def met(self) -> int:
        """How often it was met."""
        return sum(view.row["count"] for view in self.findings)


def groups(findings: Sequence[Row]) -> list[Group]:
    """In the order in which the first of each stands in the report."""
    found: dict[tuple[str, str, str], list[FindingView]] = {}
    for number, row in enumerate(findings, 1):
        found.setdefault((row["severity"], row["rule"], row["title"]), []).append(FindingView(number, row))
    return [_group(*key, views) for key, views in found.items()]


def _group(severity: str, rule: str, title: str, views: list[FindingView]) -> Group:
    rows = [view.row for view in views]
    return Group(
        severity,
        rule,
        title,
        tuple(views),
        tuple(_shared([row["causes"] for row in rows])),
        tuple(_shared([row["references"] for row in rows])),
        _shared([row["fix"] for row in rows]) if len(rows) > 1 else "",
    )


def _shared(values: list[T]) -> T:
    """The value that all have, else the empty one."""
    first = values[0]
    return first if all(value == first for value in values) else type(first)()
