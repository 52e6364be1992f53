"""The rows of a report in, what the page shows out: its parts, each made by a module of its own, bounded and in order."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dicomsniff.core.records import dataclass
from dicomsniff.report.choice import chosen_studies
from dicomsniff.report.html.association_views import AssociationView, association_views, findings_by_association
from dicomsniff.report.html.bars import WIDTH
from dicomsniff.report.html.bytes_shown import MOST, Bytes, wanted
from dicomsniff.report.html.chosen import detailed
from dicomsniff.report.html.facets import Facets, Marks, facets_of
from dicomsniff.report.html.finding_groups import Group, groups
from dicomsniff.report.html.first_screen import FirstScreen, first_screen
from dicomsniff.report.html.named import command_line, heading
from dicomsniff.report.html.network import NetworkMap, network_map
from dicomsniff.report.html.objects import Objects, objects
from dicomsniff.report.html.overview import Overview, overview
from dicomsniff.report.html.performance import Performance, performance
from dicomsniff.report.html.table import Table, table
from dicomsniff.report.html.times import apart
from dicomsniff.report.values import Report, Row

if TYPE_CHECKING:
    from dicomsniff.tcp.excerpts import Excerpts, Wanted

Read = Callable[["list[Wanted]", int], "Excerpts | None"]
"""Ranges of streams and the most bytes of each in, those bytes out; None where the captures cannot be read again."""
CONNECTIONS_SHOWN = 200
FINDINGS_SHOWN = 500
STUDIES_SHOWN = 100
SERIES_SHOWN = 50  # series, steps and commitments of one study
_SEVERITIES = (("error", "Errors"), ("warning", "Warnings"), ("note", "Notes"), ("info", "Information"))


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the templates read."""

    report: Report
    title: str
    files: str  # for a command line
    first: FirstScreen
    groups: list[Group]
    findings_left: int
    network: NetworkMap
    time: Overview | None
    table: Table | None  # where there are more associations than are shown in detail
    associations: Iterator[AssociationView]
    shown: frozenset[int]
    association_count: int
    associations_left: int
    performance: Performance
    objects: Objects
    connections: list[Row]
    connections_left: int
    studies: list[Row]
    studies_left: int
    series_shown: int
    checks: list[tuple[str, list[Row]]]
    duration_ms: float | None
    bar_width: float
    bytes_of_one: int
    facets: Facets
    marks: list[Marks]

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Id and name of each section that there is, in order."""
        there = (
            ("findings", "Findings", self.groups),
            ("network", "Network", self.network.pairs),
            ("time", "Time", self.time),
            ("associations", "Associations", self.association_count),
            ("performance", "Performance", self.performance.pairs or self.performance.answers),
            ("studies", "Studies", self.studies),
            ("objects", "Objects", self.objects.kinds),
            ("connections", "Other connections", self.connections),
            ("checks", "Checks", self.checks),
        )
        return [(id, name) for id, name, content in there if content]

    @property
    def filters(self) -> list[tuple[str, str, Sequence[tuple[int | str, str]]]]:
        """Name, label and choices of each filter that can choose between two things."""
        facets = self.facets
        found = {group.severity for group in self.groups}
        lists: tuple[tuple[str, str, Sequence[tuple[int | str, str]]], ...] = (
            ("severity", "Severity", [choice for choice in _SEVERITIES if choice[0] in found]),
            ("ae", "AE title", facets.aes.choices()),
            ("host", "Host", facets.hosts.choices()),
            ("service", "Service", facets.services.choices()),
            ("status", "Status", facets.statuses.choices()),
        )
        return [each for each in lists if len(each[2]) > 1]

    def marks_of(self, finding: Row) -> Marks:
        """Those of the association that a finding is about."""
        number = finding["association"]
        return self.marks[number - 1] if number is not None else Marks()


def page(report: Report, read: Read | None = None, pictures: bool = False) -> Page:
    """`read` gives the bytes of PDUs; without it the page shows none. `pictures`: with previews of images."""
    chosen = detailed(report)
    shown = wanted(report) if read else []
    bytes_of = Bytes(read(shown, MOST) if read else None, shown, report.redaction)
    connections, connections_left = _without_association(report)
    studies = chosen_studies(report, STUDIES_SHOWN)
    facets, marks = facets_of(report)
    grouped = groups(report.findings[:FINDINGS_SHOWN])
    time = overview(report, grouped)
    left = len(report.associations) - len(chosen)
    return Page(
        report=report,
        title=heading(report.captures),
        files=command_line(report.captures),
        first=first_screen(report),
        groups=grouped,
        findings_left=max(len(report.findings) - FINDINGS_SHOWN, 0),
        network=network_map(report, facets),
        time=time,
        table=None if left == 0 else table(report, findings_by_association(report), marks, time, frozenset(chosen)),
        associations=association_views(report, chosen, marks, time, bytes_of),
        shown=frozenset(chosen),
        association_count=len(chosen),
        associations_left=left,
        performance=performance(report, chosen),
        objects=objects(report, pictures),
        connections=connections,
        connections_left=connections_left,
        studies=studies,
        studies_left=len(report.studies) - len(studies),
        series_shown=SERIES_SHOWN,
        checks=_checks(report),
        duration_ms=_span(report),
        bar_width=WIDTH,
        bytes_of_one=MOST,
        facets=facets,
        marks=marks,
    )


def _span(report: Report) -> float | None:
    first = min((c["first_time"] for c in report.captures if c["first_time"]), default=None)
    last = max((c["last_time"] for c in report.captures if c["last_time"]), default=None)
    return apart(first, last)


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
