"""Counts over the whole traffic: the summary row of the report."""

from collections import Counter
from collections.abc import Sequence

from dicomsniff.association.values import Blind, ExchangeOutcome, Kind, Outcome, Traffic
from dicomsniff.report.exchange_rows import is_object
from dicomsniff.report.values import Row
from dicomsniff.rules.finding import Check, Finding, Severity, Verdict

_FAILED_ENDS = frozenset({Outcome.REJECTED, Outcome.ABORTED, Outcome.UNANSWERED})
_UNSEEN = frozenset(Blind) - {Blind.END}


def summary_row(traffic: Traffic, findings: Sequence[Finding], checks: Sequence[Check]) -> Row:
    views = len(traffic.conversations)
    traffic = traffic.without_views()
    views -= len(traffic.conversations)
    ends = Counter(association.outcome for association in traffic.associations)
    outcomes = Counter(exchange.outcome for exchange in traffic.exchanges)
    severities = Counter(finding.severity for finding in findings)
    return {
        "connections": len(traffic.conversations),
        "associations": len(traffic.associations),
        "released": ends[Outcome.RELEASED],
        "rejected": ends[Outcome.REJECTED],
        "aborted": ends[Outcome.ABORTED],
        "exchanges": len(traffic.exchanges),
        "failed_exchanges": outcomes[ExchangeOutcome.FAILED],
        "objects": sum(map(is_object, traffic.exchanges)),
        "findings": {str(severity): severities[severity] for severity in Severity},
        "closed": ends[Outcome.CLOSED],
        "unanswered": ends[Outcome.UNANSWERED],
        "open": ends[Outcome.OPEN],
        "failed_associations": len(failed_associations(traffic, findings)),
        "faulty_exchanges": len(failed_exchanges(traffic, findings)),
        "warning_exchanges": outcomes[ExchangeOutcome.WARNING],
        "unanswered_exchanges": outcomes[ExchangeOutcome.UNANSWERED],
        "incomplete_exchanges": outcomes[ExchangeOutcome.INCOMPLETE],
        "cancelled_exchanges": outcomes[ExchangeOutcome.CANCELLED],
        **_transport(traffic),
        "blind_associations": sum(1 for association in traffic.associations if association.blind & _UNSEEN),
        "views": views,
        "inconclusive_checks": sum(1 for check in checks if check.verdict is Verdict.INCONCLUSIVE),
    }


def failed_associations(traffic: Traffic, findings: Sequence[Finding]) -> set[int]:
    """Associations that did not come about or did not end well: rejected, aborted, never answered, closed with an
    error, or with an error of their own. One failed operation does not make its association a failed one."""
    errors = [f for f in findings if f.severity is Severity.ERROR]
    own = {id for f in errors if f.exchange is None for id in associations_of(f)}
    touched = {id for f in errors for id in associations_of(f)}
    return {
        association.id
        for association in traffic.associations
        if association.outcome in _FAILED_ENDS
        or association.id in own
        or (association.outcome is Outcome.CLOSED and association.id in touched)
    }


def failed_exchanges(traffic: Traffic, findings: Sequence[Finding]) -> set[int]:
    """Operations that failed by their status, or that an error is about (never answered, cut off)."""
    failed = {exchange.id for exchange in traffic.exchanges if exchange.outcome is ExchangeOutcome.FAILED}
    return failed | {id for f in findings if f.severity is Severity.ERROR for id in exchanges_of(f)}


def associations_of(finding: Finding) -> Sequence[int]:
    """All that it was met on."""
    return finding.associations or (() if finding.association is None else (finding.association,))


def exchanges_of(finding: Finding) -> Sequence[int]:
    return finding.exchanges or (() if finding.exchange is None else (finding.exchange,))


def connections_of(finding: Finding) -> Sequence[int]:
    return finding.connections or (() if finding.connection is None else (finding.connection,))


def _transport(traffic: Traffic) -> Row:
    tcp = [conversation.tcp for conversation in traffic.conversations]
    kinds = Counter(conversation.kind for conversation in traffic.conversations)
    return {
        "packets": sum(capture.packets for capture in traffic.captures),
        "dicom_connections": kinds[Kind.DICOM] + kinds[Kind.DICOM_TLS],
        "failed_connections": sum(1 for connection in tcp if connection.opened in ("refused", "unanswered")),
        "lost_bytes": sum(c.to_responder.lost_bytes + c.to_initiator.lost_bytes for c in tcp),
        "truncated_packets": sum(capture.truncated_packets for capture in traffic.captures),
        "unreadable_packets": sum(capture.unreadable for capture in traffic.captures),
        "dropped": _dropped(traffic),
    }


def _dropped(traffic: Traffic) -> int | None:
    """Packets the capturing tools say they dropped; None where none of them says anything."""
    counts = [capture.dropped for capture in traffic.captures if capture.dropped is not None]
    return sum(counts) if counts else None
