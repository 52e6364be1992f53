"""The small captures of real retrieves by name; what dicomsniff makes of them."""

from functools import cache
from pathlib import Path

from dicomsniff.api import Analysis, analyze
from dicomsniff.rules.finding import Finding

DATA = Path(__file__).parents[2] / "association" / "data" / "retrieves"


@cache
def analysis(name: str) -> Analysis:
    return analyze(DATA / f"{name}.pcap")


def root(name: str, rule: str) -> Finding:
    """The one finding of this rule that follows from no other."""
    [found] = [finding for finding in analysis(name).findings if finding.rule == rule]
    return found


def rules(name: str) -> list[str]:
    """Rules with an error or a warning of their own."""
    return [finding.rule for finding in analysis(name).findings if finding.severity in ("error", "warning")]
