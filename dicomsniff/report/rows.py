"""Traffic and what the rules said of it in, the report as plain rows out."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from dicomsniff.association.ledger import studies
from dicomsniff.association.pair_times import pair_times
from dicomsniff.association.timing import timing
from dicomsniff.association.values import Traffic
from dicomsniff.report.association_rows import association_row
from dicomsniff.report.connection_rows import capture_row, connection_row
from dicomsniff.report.exchange_rows import exchange_row, is_object, object_row
from dicomsniff.report.finding_rows import check_row, finding_row
from dicomsniff.report.health import health_of
from dicomsniff.report.redaction import Masking, Redaction, redaction_of
from dicomsniff.report.retrieval_rows import retrieval_row
from dicomsniff.report.scope import Scope, scope_of
from dicomsniff.report.study_rows import study_row
from dicomsniff.report.summary import summary_row
from dicomsniff.report.timing_rows import pair_row, whole_row
from dicomsniff.report.values import Later, Report, Row, Rows
from dicomsniff.report.verdict import leading, verdict_row
from dicomsniff.rules.finding import Check, Finding, Severity

T = TypeVar("T")

_ORDER = {severity: position for position, severity in enumerate(Severity)}


def build_report(
    traffic: Traffic, findings: Sequence[Finding], checks: Sequence[Check], *, redact: Masking, version: str,
    ports: Collection[int] = (),
) -> Report:  # fmt: skip
    """The rows of every section, worst findings first. `redact` masks patient data everywhere, "uids" instance UIDs too.
    `ports`: the only ones that were looked at, if it was not all."""
    redaction = redaction_of(traffic, redact)
    ranked = sorted(findings, key=lambda finding: _ORDER[finding.severity])
    out = redaction.row
    finding_rows = tuple(out(finding_row(finding, redaction, traffic.places)) for finding in ranked)
    captures = tuple(out(capture_row(capture, redaction)) for capture in traffic.captures)
    summary = summary_row(traffic, findings, checks)
    once = traffic.without_views()
    objects = [exchange for exchange in once.exchanges if is_object(exchange)]
    return Report(
        version=version,
        redacted=bool(redact),
        redaction=redaction,
        verdict=verdict_row(
            summary,
            captures,
            finding_rows,
            scope=_scope(once, ranked, finding_rows),
            health=health_of(once, ranked),
            speed_judged=_judge_speed(checks),
            ports=ports,
        ),
        summary=summary,
        captures=captures,
        connections=_rows(redaction, traffic.conversations, connection_row),
        associations=_rows(
            redaction, traffic.associations, partial(association_row, redaction=redaction, times=timing(once))
        ),
        exchanges=_rows(redaction, traffic.exchanges, partial(exchange_row, redaction=redaction, times=timing(once))),
        retrievals=_rows(redaction, traffic.retrievals, partial(retrieval_row, traffic=traffic, times=timing(once))),
        objects=_rows(redaction, objects, object_row),
        studies=_rows(redaction, studies(once), partial(study_row, redaction=redaction)),
        pairs=_rows(redaction, Later(partial(pair_times, once)), pair_row),
        time=_rows(redaction, (once,), whole_row),
        findings=finding_rows,
        checks=tuple(out(check_row(check, redaction)) for check in checks),
    )


def _rows(redaction: Redaction, items: Sequence[T], make: Callable[[T], Row]) -> Rows[T]:
    """With `make`, and with other UIDs where that is asked for."""
    return Rows(items, make if redaction.uids is None else lambda item: redaction.row(make(item)))


def _scope(once: Traffic, findings: Sequence[Finding], rows: Sequence[Row]) -> Scope | None:
    """That of the finding which the verdict begins with, if it is an error."""
    if not rows or rows[0]["severity"] != "error":
        return None
    lead = leading(rows)
    return scope_of(once, findings, findings[next(n for n, row in enumerate(rows) if row is lead)])


def _judge_speed(checks: Sequence[Check]) -> bool:
    return any(check.rule.startswith("DS-PERF") for check in checks)
