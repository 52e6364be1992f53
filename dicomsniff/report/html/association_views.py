"""The associations chosen for the page in, each as it is shown out: its rows, its findings, bounded and in order."""

from collections.abc import Iterator

from markupsafe import Markup

from dicomsniff.association.values import Association
from dicomsniff.core import Direction
from dicomsniff.core.records import dataclass, replace
from dicomsniff.report.choice import chosen_exchanges, every_finding
from dicomsniff.report.html.bars import Part, longest, parts
from dicomsniff.report.html.bytes_shown import Bytes
from dicomsniff.report.html.chosen import (
    ASSOCIATIONS_SHOWN,
    CONTEXTS_IN_ALL,
    DRAWN,
    DRAWN_IN_ALL,
    EXCHANGES_IN_ALL,
    EXCHANGES_SHOWN,
    drawn,
    share,
)
from dicomsniff.report.html.command_sets import CommandSets
from dicomsniff.report.html.curves import Throughput, throughput
from dicomsniff.report.html.data_sets import DATA_SETS_IN_ALL, DataSets, DataSetView, ElementView
from dicomsniff.report.html.facets import Marks
from dicomsniff.report.html.ladder import Ladder, ladder
from dicomsniff.report.html.overview import Overview
from dicomsniff.report.html.times import apart
from dicomsniff.report.retrieval_rows import served
from dicomsniff.report.values import Report, Row
from dicomsniff.report.wording import passed_on

_FEW_CONTEXTS = 12
_FEW_ASSOCIATIONS = 3
_SEVERITIES = ("error", "warning", "note", "info")


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
    how many more there are than shown. `scale_ms` is what the full width of a bar stands for; `severity` that of its
    worst finding, empty where it has none; `hexadecimal` are the first bytes of each step that is
    drawn, `commands` the command sets of those that are messages; `span` is its part of the capture's time."""

    row: Row
    tcp_stream: int
    note: str | None
    passed_on: str  # what a load balancer says of the connection
    marks: Marks
    severity: str
    findings: list[Row]
    serves: list[Row]
    contexts: list[Row]
    folded_contexts: list[Row]
    contexts_left: int
    accepted: int
    exchanges: list[ExchangeView]
    exchanges_left: int
    scale_ms: float
    ladder: Ladder
    hexadecimal: list[Markup | None]
    commands: list[tuple[ElementView, ...]]
    throughput: Throughput | None
    data_sets: list[DataSetView]
    data_sets_left: int
    span: tuple[float, float] | None
    opened: bool

    @property
    def beyond(self) -> bool:
        """Whether a bar shows time on the network beyond the capture point."""
        return any(part.name == "way" for exchange in self.exchanges for part in exchange.bar)


class Retrieves:
    """The retrieves of a report by exchange, and by the associations that serve them."""

    def __init__(self, report: Report) -> None:
        self.of = {row["exchange"]: row for row in report.retrievals}
        self.served_by = served(self.of.values())


def association_views(
    report: Report, chosen: list[int], marks: list[Marks], time: Overview | None, bytes_of: Bytes
) -> Iterator[AssociationView]:
    """`marks`: of every association of the report, by its place."""
    findings = findings_by_association(report)
    retrieves = Retrieves(report)
    data_sets, commands = DataSets(report.redaction), CommandSets(report.redaction)
    exchange_limit = share(EXCHANGES_IN_ALL, EXCHANGES_SHOWN, len(chosen))
    context_limit = share(CONTEXTS_IN_ALL, 128, len(chosen))
    for number in chosen:
        own = findings.get(number, [])
        view = _view(report, retrieves, number, marks[number - 1], own, exchange_limit, context_limit, len(chosen))
        association = report.associations.items[number - 1]
        connection = association.connection
        failed = set(view.row["failed_exchanges"])
        failed_first = sorted(association.exchanges, key=lambda e: e.id not in failed)
        left = data_sets.left
        found = data_sets.of(failed_first, max(2, DATA_SETS_IN_ALL // len(chosen)))
        yield replace(
            view,
            span=_span(association, time),
            hexadecimal=[bytes_of.text(connection, arrow.step.evidence) for arrow in view.ladder.arrows],
            commands=[
                commands.of(bytes_of.data(connection, arrow.step.evidence)) if arrow.step.kind == "message" else ()
                for arrow in view.ladder.arrows
            ],
            data_sets=sorted(found, key=lambda one: (one.exchange, one.place)),
            data_sets_left=data_sets.left - left,
        )


def _span(association: Association, time: Overview | None) -> tuple[float, float] | None:
    return None if time is None else (time.part(association.first_ns), time.part(association.last_ns))


def findings_by_association(report: Report) -> dict[int, list[Row]]:
    """Those that follow from others included."""
    found: dict[int, list[Row]] = {}
    for finding in every_finding(report.findings):
        if finding["association"] is not None:
            found.setdefault(finding["association"], []).append(finding)
    return found


def worst(findings: list[Row]) -> str:
    """The worst severity among them, empty where there are none."""
    found = {finding["severity"] for finding in findings}
    return next((severity for severity in _SEVERITIES if severity in found), "")


def _view(
    report: Report,
    retrieves: Retrieves,
    number: int,
    marks: Marks,
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
    severity = worst(findings)
    bad = severity in ("error", "warning")
    return AssociationView(
        row=row,
        tcp_stream=connection["tcp_stream"],
        note=connection["note"],
        passed_on=passed_on(connection["preamble"]) if connection["preamble"] else "",
        marks=marks,
        severity=severity,
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
        ladder=ladder(
            report.associations.items[number - 1],
            report.connections.items[row["connection"] - 1],
            drawn([one["id"] for one in rows], row["failed_exchanges"], share(DRAWN_IN_ALL, DRAWN, shown)),
            {one["id"]: queue for one in rows if (queue := one["time"]["queue"])},
        ),
        hexadecimal=[],
        commands=[],
        throughput=throughput(connection, report.associations.items[number - 1].to_acceptor is Direction.TO_RESPONDER),
        data_sets=[],
        data_sets_left=0,
        span=None,
        opened=shown <= _FEW_ASSOCIATIONS or (bad and shown <= ASSOCIATIONS_SHOWN // 10),
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
    return apart(association["first_time"], exchange["request_time"])
