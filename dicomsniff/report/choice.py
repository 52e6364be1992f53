"""Which rows a reader is shown where there are too many: those with faults first, then the first ones, in order."""

from collections.abc import Iterator, Sequence

from dicomsniff.report.values import Report, Row
from dicomsniff.report.wording import study_trouble

_ENDED_BADLY = frozenset({"rejected", "aborted", "unanswered", "closed"})


def chosen_associations(report: Report, limit: int) -> list[int]:
    """Ids of at most `limit` associations, in order."""
    total = len(report.associations)
    if total <= limit:
        return list(range(1, total + 1))
    named = [number for finding in every_finding(report.findings) if (number := finding["association"])]
    ended = (row["id"] for row in report.associations if row["outcome"] in _ENDED_BADLY or row["failed_exchanges"])
    return _first(limit, named, ended, range(1, total + 1))


def chosen_exchanges(association: Row, limit: int) -> list[int]:
    """Ids of at most `limit` exchanges of an association, in order."""
    ids: list[int] = association["exchanges"]
    return ids if len(ids) <= limit else _first(limit, association["failed_exchanges"], ids)


def chosen_studies(report: Report, limit: int) -> list[Row]:
    """At most `limit` studies, in order; those of which something did not arrive or was not committed first."""
    if len(report.studies) <= limit:
        return list(report.studies)
    bad = [place for place, row in enumerate(report.studies) if study_trouble(row)]
    return [report.studies[place] for place in _first(limit, bad, range(len(report.studies)))]


def every_finding(findings: Sequence[Row]) -> Iterator[Row]:
    """Findings and, below each, those that follow from it."""
    for finding in findings:
        yield finding
        yield from every_finding(finding["children"])


def _first(limit: int, *sources: "Iterator[int] | Sequence[int]") -> list[int]:
    kept: dict[int, None] = {}
    for source in sources:
        for number in source:
            kept.setdefault(number)
            if len(kept) == limit:
                return sorted(kept)
    return sorted(kept)
