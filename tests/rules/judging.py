"""A rule and traffic in, its finished findings and its verdict out, as the runner makes them."""

from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Check, Finding, Severity, Verdict
from dicomsniff.rules.rule import Rule
from dicomsniff.rules.runner import judge


def found(rule: Rule[Any], traffic: Traffic) -> tuple[Finding, ...]:
    """The findings of one rule alone."""
    return judge(traffic, fence=False, rules=(rule,)).findings


def only(rule: Rule[Any], traffic: Traffic) -> Finding:
    """The one finding of one rule alone."""
    (finding,) = found(rule, traffic)
    return finding


def shape(traffic: Traffic, *rules: Rule[Any]) -> list[tuple[str, list[str]]]:
    """The errors of these rules (of all, where none is named) together, each with what stands below it."""
    errors = (f for f in judge(traffic, fence=False, rules=rules or None).findings if f.severity is Severity.ERROR)
    return [(f.rule, [child.rule for child in f.children]) for f in errors]


def check(rule: Rule[Any], traffic: Traffic) -> Check:
    """The check of one rule alone."""
    (made,) = judge(traffic, fence=False, rules=(rule,)).checks
    return made


def verdict(rule: Rule[Any], traffic: Traffic) -> Verdict:
    """The verdict of one rule alone."""
    return check(rule, traffic).verdict
