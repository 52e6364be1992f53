"""A rule and builders of traffic in, its verdicts and findings out: the three cases that every rule must bring."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Check, Finding
from dicomsniff.rules.rule import Rule
from dicomsniff.rules.runner import judge

Build = Callable[[], Traffic]


class Cases(NamedTuple):
    """Traffic on which a rule fires, on which it is quiet though it applies, and, where it argues from absence, on which
    it must say that it cannot tell."""

    rule: Rule[Any]
    fires: Build
    quiet: Build
    inconclusive: Build | None = None


def found(rule: Rule[Any], traffic: Traffic) -> tuple[Finding, ...]:
    """The findings of one rule alone."""
    return judge(traffic, fence=False, rules=(rule,)).findings


def only(rule: Rule[Any], traffic: Traffic) -> Finding:
    """The one finding of one rule alone."""
    (finding,) = found(rule, traffic)
    return finding


def verdict(rule: Rule[Any], traffic: Traffic) -> Check:
    """The verdict of one rule alone."""
    (check,) = judge(traffic, fence=False, rules=(rule,)).checks
    return check
