"""Findings out of hits: consequences under their cause, one kind joined, the worst first."""

from typing import Any

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import About, Severity
from dicomsniff.rules.runner import judge
from tests.forge.traffic import TrafficForge
from tests.rules.made_up import on, rule

CHILD = rule("DS-X-002")


def many(count: int = 2) -> Traffic:
    forge = TrafficForge()
    for _ in range(count):
        forge.exchange(forge.association(), "C-ECHO", status=0)
    return forge.traffic()


def root(on_association: int | None = None, severity: Severity = Severity.ERROR, **fields: Any) -> Any:
    """A rule that hides DS-X-002 on one association, or on all."""
    return rule(
        "DS-X-001",
        lambda a: on(a, **fields) if on_association in (None, a.id) else None,
        severity=severity,
        hides=("DS-X-002",),
    )


def shape(traffic: Traffic, *rules: Any) -> list[tuple[str, int | None, list[str]]]:
    return [
        (f.rule, f.association, [c.rule for c in f.children]) for f in judge(traffic, rules=rules, fence=False).findings
    ]


def test_a_consequence_on_the_same_association_goes_under_its_cause() -> None:
    assert shape(many(1), CHILD, root()) == [("DS-X-001", 1, ["DS-X-002"])]


def test_a_finding_on_another_association_is_never_hidden() -> None:
    assert shape(many(), root(1), CHILD) == [("DS-X-001", 1, ["DS-X-002"]), ("DS-X-002", 2, [])]


def test_two_associations_of_one_connection_do_not_hide_each_others() -> None:
    forge = TrafficForge()
    line = forge.connection()
    forge.association(line)
    forge.association(line)
    assert shape(forge.traffic(), root(1), CHILD) == [("DS-X-001", 1, ["DS-X-002"]), ("DS-X-002", 2, [])]


def test_a_cause_without_association_reaches_its_whole_connection() -> None:
    traffic = many()
    shapes = shape(traffic, root(1, association=None), CHILD)
    assert shapes == [("DS-X-001", None, ["DS-X-002"]), ("DS-X-002", 2, [])]


def test_a_consequence_without_association_goes_under_a_cause_on_its_connection() -> None:
    child = rule("DS-X-002", lambda a: on(a, association=None))
    assert shape(many(), root(1), child) == [("DS-X-001", 1, ["DS-X-002"]), ("DS-X-002", None, [])]


def test_a_cause_that_says_what_it_is_about_reaches_that_and_nothing_else_of_its_association() -> None:
    about = About(exchanges=(2,), associations=(3,), connections=(4,))
    traffic = many(5)
    of_exchange = rule("DS-X-002", lambda a: on(a, exchange=a.exchanges[0].id))
    assert shape(traffic, root(1, exchange=1, about=about), of_exchange)[0] == (
        "DS-X-001", 1, ["DS-X-002", "DS-X-002", "DS-X-002"]
    )  # fmt: skip
    assert shape(traffic, root(1, about=about), CHILD)[0] == ("DS-X-001", 1, ["DS-X-002"])
    of_connection = rule("DS-X-002", lambda a: on(a, association=None))
    [cause, *others] = judge(traffic, rules=(root(1, about=about), of_connection), fence=False).findings
    assert [c.connection for c in cause.children] == [4] and len(others) == 4


def test_a_cause_of_its_own_association_is_nearer_than_one_that_is_about_its_exchange() -> None:
    far = rule("DS-X-000", lambda a: on(a, exchange=9, about=About(exchanges=(2,))), hides=("DS-X-001", "DS-X-002"))
    child = rule("DS-X-002", lambda a: on(a, exchange=a.exchanges[0].id) if a.id == 2 else None)
    near = rule("DS-X-001", lambda a: on(a, exchange=a.exchanges[0].id) if a.id == 2 else None, hides=("DS-X-002",))
    [first, *_] = judge(many(2), rules=(far, near, child), fence=False).findings
    assert first.rule == "DS-X-000" and [c.rule for c in first.children] == ["DS-X-001"]
    assert [c.rule for c in first.children[0].children] == ["DS-X-002"]


def test_findings_on_the_whole_capture_hide_nothing_and_are_not_hidden() -> None:
    everywhere = rule("DS-X-002", lambda a: on(a, association=None, connection=None))
    assert [s[0] for s in shape(many(1), root(), everywhere)] == ["DS-X-001", "DS-X-002"]
    assert [s[0] for s in shape(many(1), root(association=None, connection=None), CHILD)] == ["DS-X-001", "DS-X-002"]


@pytest.mark.parametrize("severity", [Severity.NOTE, Severity.INFO])
def test_a_mere_remark_never_hides_an_error(severity: Severity) -> None:
    assert len(shape(many(1), root(severity=severity), CHILD)) == 2


def test_a_cause_is_as_severe_as_what_follows_from_it() -> None:
    (finding,) = judge(many(1), rules=(root(severity=Severity.WARNING), CHILD)).findings
    assert (finding.rule, finding.severity, finding.children[0].severity) == (
        "DS-X-001",
        Severity.ERROR,
        Severity.ERROR,
    )


def test_what_concerns_an_exchange_does_not_follow_from_what_concerns_none() -> None:
    child = rule("DS-X-002", lambda a: on(a, exchange=1))
    assert len(shape(many(1), root(), child)) == 2
    assert len(shape(many(1), root(exchange=1), child)) == 1


def test_rules_that_hide_each_other_swallow_nothing() -> None:
    other = rule("DS-X-002", hides=("DS-X-001",))
    (finding,) = judge(many(1), rules=(root(), other)).findings
    assert len(finding.children) == 1
    assert finding.children[0].children == ()


def test_a_consequence_of_a_consequence_stays_under_it() -> None:
    middle = rule("DS-X-002", hides=("DS-X-003",))
    (finding,) = judge(many(1), rules=(rule("DS-X-003"), middle, root())).findings
    assert [c.rule for c in finding.children[0].children] == ["DS-X-003"]


def test_hits_of_one_key_are_one_finding_told_by_the_first() -> None:
    same = rule("DS-X-001", lambda a: on(a, key="k", facts={"n": a.id}))
    (finding,) = judge(many(30), rules=(same,)).findings
    assert (finding.count, finding.association, finding.facts) == (30, 1, {"n": 1})
    assert len(finding.packets) == 12
    assert finding.display_filter.startswith("frame.number in {")


def test_hits_without_key_or_of_another_rule_are_not_joined() -> None:
    same = [rule(f"DS-X-00{n}", lambda a: on(a, key="k")) for n in (1, 2)]
    assert len(judge(many(), rules=(*same, rule("DS-X-003"))).findings) == 4


def test_joining_does_not_pull_a_finding_under_the_cause_of_another() -> None:
    child = rule("DS-X-002", lambda a: on(a, key="k"))
    shapes = judge(many(3), rules=(root(1), child)).findings
    assert [(f.rule, f.count, len(f.children)) for f in shapes] == [("DS-X-001", 1, 1), ("DS-X-002", 2, 0)]


def test_the_worst_comes_first_and_then_the_earliest() -> None:
    late = rule("DS-X-001", lambda a: on(a, severity=Severity.ERROR if a.id == 3 else Severity.NOTE))
    timeless = rule("DS-X-002", lambda a: on(a, severity=Severity.NOTE, time_ns=None) if a.id == 1 else None)
    made = judge(many(3), rules=(timeless, late)).findings
    assert [(f.severity, f.association) for f in made] == [("error", 3), ("note", 1), ("note", 2), ("note", 1)]
    assert made[-1].time_ns is None


def of_exchange(id: str, *exchanges: int, **fields: Any) -> Any:
    """A rule that tells of these exchanges of the first association."""
    return rule(id, lambda a: on(a, exchange=exchanges[0], tells_of=exchanges) if a.id == 1 else None, **fields)


def three_exchanges() -> Traffic:
    forge = TrafficForge()
    line = forge.association()
    for _ in range(3):
        forge.exchange(line, "C-ECHO", status=0)
    return forge.traffic()


def test_what_fails_because_of_a_fault_in_its_request_goes_under_that_fault() -> None:
    cause, effect = of_exchange("DS-X-001", 2, 1, explains=("DS-X-002",)), of_exchange("DS-X-002", 1, 2)
    assert shape(three_exchanges(), effect, cause) == [("DS-X-001", 1, ["DS-X-002"])]


def test_a_hit_explains_and_hides_less_than_its_rule_where_it_says_so() -> None:
    def less(**fields: Any) -> Any:
        made: dict[str, Any] = {"exchange": 1, "tells_of": (1, 2)} | fields
        return rule("DS-X-001", lambda a: on(a, **made), hides=("DS-X-002",), explains=("DS-X-003",))

    hidden, explained = of_exchange("DS-X-002", 1), of_exchange("DS-X-003", 2)
    apart: list[Any] = [("DS-X-001", 1, []), ("DS-X-002", 1, []), ("DS-X-003", 1, [])]
    assert shape(three_exchanges(), less(), hidden, explained) == [("DS-X-001", 1, ["DS-X-002", "DS-X-003"])]
    assert sorted(shape(three_exchanges(), less(hides=(), explained=(1,)), hidden, explained)) == apart


def test_a_failure_of_an_exchange_without_the_fault_stands_for_itself() -> None:
    cause, effect = of_exchange("DS-X-001", 1, explains=("DS-X-002",)), of_exchange("DS-X-002", 1, 3)
    assert [rule for rule, _, _ in shape(three_exchanges(), effect, cause)] == ["DS-X-001", "DS-X-002"]
