"""The rows of a report in, what the page shows out: bounded choices of rows, grouped and joined for reading."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from dicomsniff.report.choice import chosen_associations, chosen_exchanges, chosen_studies, every_finding
from dicomsniff.report.html.bars import WIDTH, Part, longest, parts
from dicomsniff.report.retrieval_rows import served
from dicomsniff.report.values import Report, Row

# A page of some thousand table rows still opens at once on a phone; the JSON report holds everything.
ASSOCIATIONS_SHOWN = 200
EXCHANGES_SHOWN = 500
EXCHANGES_IN_ALL = 6000
CONTEXTS_IN_ALL = 4000
CONNECTIONS_SHOWN = 200
FINDINGS_SHOWN = 500
STUDIES_SHOWN = 100
SERIES_SHOWN = 50  # series, steps and commitments of one study
_ALWAYS_SHOWN = 20  # rows of an association however many associations there are
_FEW_CONTEXTS = 12
_FEW_ASSOCIATIONS = 3


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One line of a sequence: the exchange, what is known of its delivery if it is a retrieve, when it began after the
    association did, and its bar."""

    row: Row
    retrieval: Row | None
    offset_ms: float | None
    bar: list[Part]


@dataclass(frozen=True, slots=True)
class AssociationView:
    """One association as shown. `contexts` stay open, `folded_contexts` are behind a summary; the `*_left` counts say
    how many more there are than shown. `scale_ms` is what the full width of a bar stands for."""

    row: Row
    tcp_stream: int
    note: str | None
    findings: list[Row]
    serves: list[Row]
    contexts: list[Row]
    folded_contexts: list[Row]
    contexts_left: int
    accepted: int
    exchanges: list[ExchangeView]
    exchanges_left: int
    scale_ms: float
    opened: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the templates read."""

    report: Report
    title: str
    findings: tuple[Row, ...]
    findings_left: int
    associations: Iterator[AssociationView]
    shown: frozenset[int]
    association_count: int
    associations_left: int
    connections: list[Row]
    connections_left: int
    studies: list[Row]
    studies_left: int
    series_shown: int
    checks: list[tuple[str, list[Row]]]
    duration_ms: float | None
    bar_width: float


def page(report: Report) -> Page:
    chosen = chosen_associations(report, ASSOCIATIONS_SHOWN)
    connections, connections_left = _without_association(report)
    studies = chosen_studies(report, STUDIES_SHOWN)
    return Page(
        report=report,
        title=", ".join(PurePath(capture["path"]).name or capture["path"] for capture in report.captures)
        or "no capture",
        findings=report.findings[:FINDINGS_SHOWN],
        findings_left=max(len(report.findings) - FINDINGS_SHOWN, 0),
        associations=_associations(report, chosen),
        shown=frozenset(chosen),
        association_count=len(chosen),
        associations_left=len(report.associations) - len(chosen),
        connections=connections,
        connections_left=connections_left,
        studies=studies,
        studies_left=len(report.studies) - len(studies),
        series_shown=SERIES_SHOWN,
        checks=_checks(report),
        duration_ms=_span(report),
        bar_width=WIDTH,
    )


def _associations(report: Report, chosen: list[int]) -> Iterator[AssociationView]:
    findings = _findings_of(report)
    retrieves = Retrieves(report)
    exchange_limit = _share(EXCHANGES_IN_ALL, EXCHANGES_SHOWN, len(chosen))
    context_limit = _share(CONTEXTS_IN_ALL, 128, len(chosen))
    for number in chosen:
        own = findings.get(number, [])
        yield _association(report, retrieves, number, own, exchange_limit, context_limit, len(chosen))


def _share(in_all: int, most: int, shown: int) -> int:
    return max(_ALWAYS_SHOWN, min(most, in_all // max(shown, 1)))


def _findings_of(report: Report) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for finding in every_finding(report.findings):
        if finding["association"] is not None:
            found.setdefault(finding["association"], []).append(finding)
    return found


class Retrieves:
    """The retrieves of a report by exchange, and by the associations that serve them."""

    def __init__(self, report: Report) -> None:
        self.of = {row["exchange"]: row for row in report.retrievals}
        self.served_by = served(self.of.values())


def _association(
    report: Report,
    retrieves: Retrieves,
    number: int,
    findings: list[Row],
    exchange_limit: int,
    context_limit: int,
    shown: int,
) -> AssociationView:
    row = report.associations[number - 1]
    rows = [report.exchanges[exchange - 1] for exchange in chosen_exchanges(row, exchange_limit)]
    scale = longest(rows)
    connection = report.connections[row["connection"] - 1]
    plain, folded, left = _contexts(row, context_limit)
    worst = any(finding["severity"] in ("error", "warning") for finding in findings)
    return AssociationView(
        row=row,
        tcp_stream=connection["tcp_stream"],
        note=connection["note"],
        findings=findings,
        serves=retrieves.served_by.get(number, []),
        contexts=plain,
        folded_contexts=folded,
        contexts_left=left,
        accepted=sum(context["result"] == "accepted" for context in row["contexts"]),
        exchanges=[
            ExchangeView(one, retrieves.of.get(one["id"]), _offset(row, one), parts(one, scale)) for one in rows
        ],
        exchanges_left=len(row["exchanges"]) - len(rows),
        scale_ms=scale,
        opened=shown <= _FEW_ASSOCIATIONS or (worst and shown <= ASSOCIATIONS_SHOWN // 10),
    )


def _contexts(row: Row, limit: int) -> tuple[list[Row], list[Row], int]:
    """Contexts that were used or are few in sight, the others folded; how many are left out."""
    contexts: list[Row] = row["contexts"]
    if len(contexts) <= _FEW_CONTEXTS:
        return contexts, [], 0
    used = [context for context in contexts if context["exchanges"]]
    unused = [context for context in contexts if not context["exchanges"]]
    folded = unused[:limit]
    return used, folded, len(unused) - len(folded)


def _offset(association: Row, exchange: Row) -> float | None:
    return _apart(association["first_time"], exchange["request_time"])


def _apart(first: str | None, last: str | None) -> float | None:
    """Milliseconds between two times of the report; microseconds are enough for a reader."""
    if first is None or last is None:
        return None
    return (_time(last) - _time(first)).total_seconds() * 1000


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text[:26] + "+00:00")


def _span(report: Report) -> float | None:
    first = min((c["first_time"] for c in report.captures if c["first_time"]), default=None)
    last = max((c["last_time"] for c in report.captures if c["last_time"]), default=None)
    return _apart(first, last)


def _without_association(report: Report) -> tuple[list[Row], int]:
    found: list[Row] = []
    left = 0
    for row in report.connections:
        if row["associations"]:
            continue
        if len(found) < CONNECTIONS_SHOWN:
            found.append(row)
        else:
            left += 1
    return found, left


_VERDICTS = ("finding", "inconclusive", "error", "clear", "not-applicable")


def _checks(report: Report) -> list[tuple[str, list[Row]]]:
    """Checks grouped by verdict, the telling ones first."""
    seen = Counter(check["verdict"] for check in report.checks)
    return [(word, [c for c in report.checks if c["verdict"] == word]) for word in _VERDICTS if seen[word]]
