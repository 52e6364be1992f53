"""Findings and the verdicts of rules as rows of the report, patient data masked."""

from collections.abc import Sequence

from dicomsniff.capture.places import Places
from dicomsniff.report.convert import iso_time, plain
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.values import Row
from dicomsniff.rules.finding import Check, Finding


def finding_row(finding: Finding, redaction: Redaction, places: Places | None = None) -> Row:
    text = redaction.text
    facts = plain(finding.facts)
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": str(finding.severity),
        "title": text(finding.title),
        "message": text(finding.message),
        "gist": redaction.optional(finding.gist),
        "connection": finding.connection,
        "association": finding.association,
        "exchange": finding.exchange,
        "packets": list(finding.packets),
        "places": _places(finding.packets, places),
        "time": iso_time(finding.time_ns),
        "display_filter": finding.display_filter,
        "causes": [text(cause) for cause in finding.causes],
        "fix": text(finding.fix),
        "settings": [{"product": each.product, "text": text(each.text)} for each in finding.settings],
        "references": list(finding.references),
        "facts": redaction.facts(facts),
        "act": str(finding.act),
        "actor": redaction.optional(finding.actor),
        "count": finding.count,
        "incomplete_evidence": bool(facts.get("incomplete_evidence", False)),
        "children": [finding_row(child, redaction, places) for child in finding.children],
    }


def _places(packets: Sequence[int], places: Places | None) -> list[Row | None] | None:
    """Where each packet stands: which capture, and its number there; None for a single file, whose numbers these are."""
    if places is None or not places:
        return None
    found = [places.find(packet) for packet in packets]
    return [place and {"capture": place.capture, "packet": place.packet} for place in found]


def check_row(check: Check, redaction: Redaction) -> Row:
    return {
        "rule": check.rule,
        "verdict": str(check.verdict),
        "count": check.count,
        "reasons": [redaction.text(reason) for reason in check.reasons],
    }
