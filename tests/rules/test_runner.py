"""The runner: verdicts, the fence, the choice of rules."""

import pytest

from dicomsniff.association.values import Association, Traffic
from dicomsniff.rules.finding import Hit, Inconclusive, Verdict
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.runner import judge
from tests.forge.traffic import TrafficForge
from tests.rules.made_up import on, rule


def two() -> Traffic:
    forge = TrafficForge()
    forge.association()
    forge.association()
    return forge.traffic()


def second(association: Association) -> Hit | Inconclusive | None:
    return on(association) if association.id == 2 else Inconclusive("not seen")


def broken(association: Association) -> Hit:
    if association.id == 2:
        raise KeyError("a bug")
    return on(association)


def test_a_finding_outweighs_a_doubt_and_a_doubt_a_clear_subject() -> None:
    doubtful = rule("DS-X-002", lambda a: Inconclusive("not seen") if a.id == 1 else None)
    checks = judge(two(), rules=(rule("DS-X-001", second), doubtful)).checks
    assert [(c.verdict, c.count, c.reasons) for c in checks] == [
        (Verdict.FINDING, 1, ("not seen",)),
        (Verdict.INCONCLUSIVE, 1, ("not seen",)),
    ]


def test_clear_counts_subjects_and_none_is_not_applicable() -> None:
    quiet, idle = rule("DS-X-001", lambda a: None), rule("DS-X-002", subjects=lambda traffic: ())
    assert [(c.verdict, c.count) for c in judge(two(), rules=(quiet, idle)).checks] == [
        (Verdict.CLEAR, 2),
        (Verdict.NOT_APPLICABLE, 0),
    ]


def test_of_subjects_among_which_few_are_suspect_only_these_are_checked_and_all_are_counted() -> None:
    among = rule("DS-X-001", on, subjects=lambda traffic: Among(len(traffic.associations), traffic.associations[1:]))
    quiet = rule("DS-X-002", on, subjects=lambda traffic: Among(len(traffic.associations), ()))
    judgement = judge(two(), rules=(among, quiet))
    assert [(c.verdict, c.count) for c in judgement.checks] == [(Verdict.FINDING, 1), (Verdict.CLEAR, 2)]
    assert [f.association for f in judgement.findings] == [2]


def test_a_rule_that_raises_is_recorded_and_stops_neither_its_hits_nor_the_others() -> None:
    judgement = judge(two(), rules=(rule("DS-X-001", broken), rule("DS-X-002")))
    assert [c.verdict for c in judgement.checks] == [Verdict.ERROR, Verdict.FINDING]
    assert "KeyError: 'a bug'" in judgement.checks[0].reasons[0]
    assert [f.rule for f in judgement.findings] == ["DS-X-001", "DS-X-002", "DS-X-002"]


def test_without_the_fence_a_bug_is_let_through() -> None:
    with pytest.raises(KeyError):
        judge(two(), rules=(rule("DS-X-001", broken),), fence=False)


def test_a_page_that_is_not_whole_is_an_error_of_that_rule_only() -> None:
    judgement = judge(two(), rules=(rule("DS-X-001", page="Only a title."), rule("DS-X-002")))
    assert [c.verdict for c in judgement.checks] == [Verdict.ERROR, Verdict.FINDING]


def test_one_answer_may_hold_many_hits() -> None:
    assert judge(two(), rules=(rule("DS-X-001", lambda a: [on(a), on(a)]),)).checks[0].count == 4


def test_only_the_chosen_rules_run() -> None:
    made = (rule("DS-X-001"), rule("DS-X-002"), rule("DS-Y-001"))
    ran = judge(two(), rules=made, select=["DS-X"], ignore=["ds-x-002"]).checks
    assert [c.rule for c in ran] == ["DS-X-001"]


def test_thresholds_reach_the_rules() -> None:
    def check(subject: Association, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
        return on(subject) if thresholds.dimse_wait == 7 else None

    base = rule("DS-X-001")
    watching = Rule(base.id, base.name, base.severity, base.title, base.subjects, check, base.page)
    assert judge(two(), rules=(watching,)).findings == ()
    assert len(judge(two(), rules=(watching,), thresholds=Thresholds(dimse_wait=7)).findings) == 2


def test_a_finding_carries_its_rules_page_where_the_hit_has_nothing_of_its_own() -> None:
    finding = judge(two(), rules=(rule("DS-X-001"),)).findings[0]
    assert finding.causes == ("A test, explained over two lines.", "Another test.")
    assert (finding.fix, finding.references) == ("None is needed.", ("PS3.8 §9.3.4", "PS3.7 §D.3.3.7"))
    own = rule("DS-X-001", lambda a: on(a, causes=("Mine.",), fix="Do it."))
    finding = judge(two(), rules=(own,)).findings[0]
    assert (finding.causes, finding.fix) == (("Mine.",), "Do it.")


def test_no_traffic_at_all_is_judged() -> None:
    judgement = judge(Traffic((), (), (), ()), fence=False)
    assert judgement.findings == ()
    assert {c.verdict for c in judgement.checks} <= {Verdict.NOT_APPLICABLE, Verdict.CLEAR}
