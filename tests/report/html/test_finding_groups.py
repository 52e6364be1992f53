"""Findings of one rule stand together, and what they share is said once."""

from dicomsniff.report.html.finding_groups import groups
from dicomsniff.rules.finding import Severity
from tests.report.forged import finding, healthy_traffic, report_of


def test_findings_of_one_rule_and_severity_are_one_group_in_the_order_of_the_report() -> None:
    told = [
        finding("a", rule="DS-A-001", title="A", count=3),
        finding("b", rule="DS-B-001", title="B"),
        finding("c", rule="DS-A-001", title="A"),
        finding("d", Severity.NOTE, rule="DS-A-001", title="A"),
    ]
    made = groups(report_of(healthy_traffic(), told).findings)
    assert [(group.rule, group.severity, [view.number for view in group.findings]) for group in made] == [
        ("DS-A-001", "error", [1, 3]),
        ("DS-B-001", "error", [2]),
        ("DS-A-001", "note", [4]),
    ]
    assert made[0].met == 4


def test_what_all_share_belongs_to_the_group_and_what_differs_to_each() -> None:
    [same] = groups(report_of(healthy_traffic(), [finding("a"), finding("b")]).findings)
    assert (same.fix, same.causes) == ("Correct the title.", ("title misspelt", "wrong host"))
    [different] = groups(report_of(healthy_traffic(), [finding("a"), finding("b", fix="x", causes=())]).findings)
    assert (different.fix, different.causes) == ("", ())


def test_one_finding_keeps_its_own_fix() -> None:
    [alone] = groups(report_of(healthy_traffic(), [finding()]).findings)
    assert alone.fix == "" and alone.causes
