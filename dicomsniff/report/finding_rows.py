"""Findings and the verdicts of rules as rows of the report, patient data masked."""

from dicomsniff.report.convert import iso_time, plain
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.values import Row
from dicomsniff.rules.finding import Check, Finding


def finding_row(finding: Finding, redaction: Redaction) -> Row:
    text = redaction.text
    facts = plain(finding.facts)
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": str(finding.severity),
        "title": text(finding.title),
        "message": text(finding.message),
        "connection": finding.connection,
        "association": finding.association,
        "exchange": finding.exchange,
        "packets": list(finding.packets),
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
        "children": [finding_row(child, redaction) for child in finding.children],
    }


def check_row(check: Check, redaction: Redaction) -> Row:
    return {
        "rule": check.rule,
        "verdict": str(check.verdict),
        "count": check.count,
        "reasons": [redaction.text(reason) for reason in check.reasons],
    }
