"""All associations in, however many, as one compact table for the script to page, sort and filter; the first rows for
readers without it."""

import json
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from dicomsniff.association.values import Association, ExchangeOutcome
from dicomsniff.core import Endpoint
from dicomsniff.core.records import dataclass
from dicomsniff.report.html.association_views import worst
from dicomsniff.report.html.facets import Marks
from dicomsniff.report.html.overview import Overview
from dicomsniff.report.html.visible import visible
from dicomsniff.report.values import Report, Row
from dicomsniff.report.wording import OUTCOMES

PAGE = 50  # rows at a time
_LONGEST = 64  # characters of a name
_BAD = frozenset({ExchangeOutcome.FAILED, ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE})
SEVERITIES = ("error", "warning", "note", "info", "")


@dataclass(frozen=True, slots=True)
class Line:
    """One association as a row of the table."""

    number: int
    first_ns: int
    milliseconds: float
    calling: str
    called: str
    requestor: str
    acceptor: str
    outcome: str
    operations: int
    failed: int
    severity: str


@dataclass(frozen=True, slots=True)
class Table:
    """`data` is JSON for a data block: names once, then a list of numbers for each association."""

    lines: list[Line]
    total: int
    data: Markup


def table(
    report: Report,
    findings: Mapping[int, list[Row]],
    marks: Sequence[Marks],
    time: Overview | None,
    shown: frozenset[int],
) -> Table:
    """`findings` by association, `marks` by place, `shown`: the associations that stand on the page in detail."""
    names = _Names()
    associations: Sequence[Association] = report.associations.items
    start = time.start_ns if time else 0
    rows = []
    for one, own in zip(associations, marks, strict=True):
        line = _line(one, findings.get(one.id, []))
        rows.append([
            line.number, (line.first_ns - start) // 1_000_000, line.milliseconds, names.of(line.calling), names.of(line.called),
            names.of(line.requestor), names.of(line.acceptor), names.of(OUTCOMES[line.outcome]), line.operations, line.failed,
            SEVERITIES.index(line.severity), int(line.number in shown), own.aes, own.hosts, own.services, own.statuses,
        ])  # fmt: skip
    lines = [_line(one, findings.get(one.id, [])) for one in associations[:PAGE]]
    data = {"start": start // 1_000_000, "page": PAGE, "severities": SEVERITIES, "names": names.texts, "rows": rows}
    return Table(lines, len(associations), embedded(data))


def embedded(value: object) -> Markup:
    """JSON that can stand in a data block: no character of it ends the block or begins a tag."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _line(one: Association, findings: list[Row]) -> Line:
    return Line(
        one.id,
        one.first_ns,
        round(max(0, one.last_ns - one.first_ns) / 1e6, 3),
        visible(one.calling_ae or "?", _LONGEST),
        visible(one.called_ae or "?", _LONGEST),
        _address(one.requestor),
        _address(one.acceptor),
        str(one.outcome),
        len(one.exchanges),
        sum(e.outcome in _BAD and not e.unseen for e in one.exchanges),
        worst(findings),
    )


def _address(endpoint: Endpoint) -> str:
    """The caller's port differs each time and tells nothing; the called one's is its service."""
    return f"[{endpoint.ip}]:{endpoint.port}" if ":" in endpoint.ip else f"{endpoint.ip}:{endpoint.port}"


class _Names:
    """Each text once, by number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def of(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number
