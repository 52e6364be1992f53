"""The report as terminal lines that a person reads in ten seconds: verdict, findings by severity, associations."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.report.choice import chosen_associations
from dicomsniff.report.retrieval_rows import served
from dicomsniff.report.time_bars import time_bar
from dicomsniff.report.values import Report, Row
from dicomsniff.report.wording import (
    actor,
    association_name,
    clean,
    count,
    duration,
    endpoint,
    moment,
    packets,
    short_ending,
    size,
    study_words,
)

FINDINGS_SHOWN = 15
ASSOCIATIONS_SHOWN = 40
MESSAGE_LINES, REMEDY_LINES = 5, 2
_LABEL = 9  # the column of the severity word

_UID = pattern(r"\d+(?:\.\d+){4,}")
_LONG = 32  # well-known UIDs are shorter

STUDY_COUNTS = (
    "sent", "success", "warning", "unknown", "failure", "nothing", "retried", "committed", "not_committed",
    "commitment_pending",
)  # fmt: skip
_SIGNS = {"error": "✖", "warning": "▲", "blind": "◐", "empty": "○", "ok": "✔"}
_LEVEL_STYLES = {"error": "error", "warning": "warning", "blind": "warning", "empty": "warning", "ok": "ok"}
_OUTCOME_STYLES = {"released": "", "rejected": "error", "aborted": "error", "unanswered": "error", "closed": "warning"}


class Segment(NamedTuple):
    """A piece of a line: text without control characters, and how it should look: words among error, warning, note,
    info, ok, bold and dim, separated by spaces; "" for ordinary."""

    text: str
    style: str = ""


Line = list[Segment]


def summary_lines(report: Report, width: int = 100, verbose: bool = False) -> Iterator[Line]:
    """The lines of the summary, at most `width` columns each (but never less than 40), without line ends; `verbose` with
    every finding, otherwise without those that only inform."""
    width = max(width, 40)
    yield from _verdict(report, width)
    yield from _findings(report, width, verbose)
    yield from _associations(report, width)


def _verdict(report: Report, width: int) -> Iterator[Line]:
    verdict = report.verdict
    style = _LEVEL_STYLES[verdict["level"]]
    head = f"{_SIGNS[verdict['level']]} {verdict['headline']}"
    for line in _wrapped(head, width):
        yield [Segment(line, f"{style} bold")]
    for paragraph in (verdict["sentences"][:1], verdict["sentences"][1:]):
        for line in _wrapped(_short(" ".join(paragraph)), width - 2) if paragraph else ():
            yield [Segment("  " + line)]
    yield [Segment("  " + _cut(_counts(report), width - 2), "dim")]
    if len(report.studies):
        yield [Segment("  " + _cut(clean(_studies(report)), width - 2), "dim")]
    for capture in report.captures:
        yield [Segment("  " + _capture(capture, width - 2), "dim")]
        if capture["clock"]:
            yield [Segment("  " + _cut(_clock(capture), width - 2), "dim")]


def _counts(report: Report) -> str:
    summary = report.summary
    said = [
        count(summary["connections"], "TCP connection"),
        count(summary["associations"], "association"),
        count(summary["exchanges"], "operation"),
        count(summary["objects"], "object"),
    ]
    return clean(" · ".join(said))


def _studies(report: Report) -> str:
    """ "2 studies · 5 objects sent: 4 stored, 1 not answered; 3 committed"."""
    total: Counter[str] = Counter()
    for row in report.studies:
        total.update({name: row[name] for name in STUDY_COUNTS})
    return f"{count(len(report.studies), 'study', 'studies')} · {study_words(total)}"


def _capture(capture: Row, width: int) -> str:
    """The file (its end, where the path is long) and what it holds."""
    parts = [count(capture["packets"], "packet"), size(capture["bytes"])]
    held = " · ".join([*parts, f"from {moment(capture['first_time'])}"] if capture["first_time"] else parts)
    path = clean(capture["path"])
    room = max(width - len(held) - 3, 12)
    return _cut(f"{path if len(path) <= room else '…' + path[1 - room :]} · {held}", width)


def _clock(capture: Row) -> str:
    """Of a file that was captured elsewhere than the first: where, and how far its clock differed."""
    ahead, unsure = capture["clock"]["ahead_ms"], capture["clock"]["uncertainty_ms"]
    if ahead is None:
        return f"  captured at point {capture['point']}"
    text = (
        f"  captured at point {capture['point']}, its clock {duration(abs(ahead))} {'behind' if ahead < 0 else 'ahead'}"
    )
    return text if unsure is None else f"{text} ± {duration(unsure)}"


def _findings(report: Report, width: int, verbose: bool) -> Iterator[Line]:
    if not report.findings:
        return
    worth = [finding for finding in report.findings if verbose or finding["severity"] != "info"]
    shown = worth if verbose else worth[:FINDINGS_SHOWN]
    yield []
    if shown:
        yield [Segment("Findings", "bold")]
    for finding in shown:
        yield from _finding(finding, width)
    left = len(report.findings) - len(shown)
    if left:
        what = count(left, "more finding" if shown else "finding")
        only = f" that only {'informs' if left == 1 else 'inform'}" if len(shown) == len(worth) else ""
        yield [Segment(f"{'… and ' if shown else ''}{what}{only} in the full report, or with -v", "dim")]


def _finding(finding: Row, width: int) -> Iterator[Line]:
    """What happened, then who must act and how, then the packets that prove it."""
    room = width - _LABEL
    pad = Segment(" " * _LABEL)
    message = _bounded(_message(finding), room, MESSAGE_LINES)
    yield [Segment(f"{finding['severity'].upper():<{_LABEL}}", finding["severity"]), Segment(message[0])]
    for line in message[1:]:
        yield [pad, Segment(line)]
    for line in _bounded(_remedy(finding), room, REMEDY_LINES):
        yield [pad, Segment(line, "bold")]
    proof = " · ".join(part for part in (packets(finding["packets"][:4]), finding["rule"]) if part)
    yield [pad, Segment(_cut(clean(proof), room), "dim")]


def _message(finding: Row) -> str:
    times = f" ({finding['count']:,} times)" if finding["count"] > 1 else ""
    return _short(clean(finding["message"])) + times


def _remedy(finding: Row) -> str:
    who = actor(finding)
    return _short(clean(f"→ {who}: {finding['fix']}" if who else f"→ {finding['fix']}"))


def _associations(report: Report, width: int) -> Iterator[Line]:
    chosen = chosen_associations(report, ASSOCIATIONS_SHOWN)
    if not chosen:
        return
    rows = [report.associations[number - 1] for number in chosen]
    yield []
    yield [Segment("Associations", "bold")]
    serves = served(report.retrievals)
    cells = [_association_cells(row, serves.get(row["id"], [])) for row in rows]
    for row, line in zip(rows, _table(cells, [row["outcome"] for row in rows], width), strict=True):
        yield line
        if bar := time_bar(row["time"]):
            yield [Segment(_cut(f"      {bar}", width), "dim")]
    left = len(report.associations) - len(chosen)
    if left > 0:
        yield [Segment(f"… and {count(left, 'more association')}; those with faults come first in this list", "dim")]


def _association_cells(row: Row, serves: Sequence[Row]) -> tuple[str, ...]:
    ends = f"{endpoint(row['requestor'])} → {endpoint(row['acceptor'])}"
    done = count(len(row["exchanges"]), "operation")
    if row["failed_exchanges"]:
        done += f", {len(row['failed_exchanges']):,} not completed"
    if serves:
        others = len({move["association"] for move in serves}) - 1
        done += f", for the C-MOVE of #{serves[0]['association']}" + (f" and {others} more" if others else "")
    if row["view_of"]:
        done += f", #{row['view_of']} seen again"
    return (
        f"{row['id']}",
        clean(association_name(row)),
        ends,
        duration(None if row["outcome"] == "unanswered" else row["duration_ms"]),  # a request alone lasts no time
        done,
        clean(short_ending(row)),
    )


_RIGHT = frozenset({0, 3})


def _table(cells: Sequence[tuple[str, ...]], outcomes: Sequence[str], width: int) -> Iterator[Line]:
    """Columns as wide as they need to be; where they do not fit, the addresses go, then the last column is cut."""
    columns = list(range(len(cells[0])))
    widths = [max(len(row[column]) for row in cells) for column in columns]
    if 2 + sum(widths) + 2 * (len(columns) - 1) > width:
        columns.remove(2)
    last = max(len(row[-1]) for row in cells)
    room = width - min(last, max(width // 3, 12))
    for row, outcome in zip(cells, outcomes, strict=True):
        padded = [row[c].rjust(widths[c]) if c in _RIGHT else row[c].ljust(widths[c]) for c in columns[:-1]]
        before = _cut("  " + "  ".join(padded) + "  ", room)
        yield [Segment(before), Segment(_cut(row[-1], width - len(before)), _OUTCOME_STYLES.get(outcome, ""))]


def _short(text: str) -> str:
    """Long instance UIDs as their beginning and end: two lines of digits would hide what happened."""
    return _UID.sub(lambda match: match[0] if len(match[0]) <= _LONG else f"{match[0][:12]}…{match[0][-8:]}", text)


def _bounded(text: str, width: int, most: int) -> list[str]:
    """The text in at most so many lines; what does not fit is cut with a mark."""
    lines = _wrapped(text, width)
    return lines if len(lines) <= most else [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), width)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(clean(text), width) or [""]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"
