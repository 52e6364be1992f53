"""When a finding is told: at the second moment that shows it, once, and only of what the window holds whole."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.live.ids import Names
from dicomsniff.live.telling import UNPROVABLE, Told, provable, sure
from dicomsniff.live.window import Bounds, Moment, Window
from dicomsniff.rules.finding import Check, Finding, Verdict
from dicomsniff.rules.runner import Judgement, judge
from tests.association.dialogue import read
from tests.cli.running import dialogue


@pytest.fixture
def moment(tmp_path: Path) -> Moment:
    traffic = read(tmp_path / "c.pcap", dialogue(0, 0xA700))
    window = Window(Bounds())
    window.add([(traffic.conversations[0], traffic.associations)], [False])
    return window.moment((), traffic.captures[0])


@pytest.fixture
def findings(moment: Moment) -> list[Finding]:
    return list(judge(moment.traffic, fence=False).findings)


def test_a_finding_is_told_at_the_second_moment_and_never_again(moment: Moment, findings: list[Finding]) -> None:
    told = Told()
    assert told.fresh(findings, moment) == []
    assert told.fresh(findings, moment) == findings
    assert told.fresh(findings, moment) == [] == told.fresh(findings, moment, last=True)
    assert told.count == len(findings)


def test_what_only_one_moment_shows_is_not_told(moment: Moment, findings: list[Finding]) -> None:
    told = Told()
    told.fresh(findings, moment)
    assert told.fresh([], moment) == []
    assert told.fresh(findings, moment) == []


def test_at_the_end_nothing_is_waited_for(moment: Moment, findings: list[Finding]) -> None:
    assert Told().fresh(findings, moment, last=True) == findings


def test_what_became_a_consequence_of_something_told_is_not_told_again(moment: Moment, findings: list[Finding]) -> None:
    child, told = replace(findings[0], rule="DS-CHILD-001"), Told()
    parent = replace(findings[0], children=(child,))
    assert told.fresh([parent], moment, last=True) == [parent]
    assert told.fresh([child], moment, last=True) == []


def test_a_finding_on_many_goes_on_when_the_first_of_them_leaves(moment: Moment, findings: list[Finding]) -> None:
    told, several = Told(), replace(findings[0], count=3)
    told.fresh([several], moment, last=True)
    assert told.fresh([replace(several, exchange=1, count=2)], moment, last=True) == []
    told.fresh([replace(several, rule="DS-OTHER-001", count=1)], moment, last=True)
    other = replace(several, rule="DS-OTHER-001", exchange=1, count=1)
    assert told.fresh([other], moment, last=True) == [other]


def test_of_what_began_before_the_window_only_its_own_association_is_judged(
    moment: Moment, findings: list[Finding]
) -> None:
    late = replace(moment, since_ns=moment.traffic.last_ns)
    one = findings[0]
    assert provable(replace(one, rule="DS-DIMSE-001"), late) and not provable(replace(one, rule="DS-RET-001"), late)
    assert provable(replace(one, rule="DS-RET-001"), moment)
    assert provable(replace(one, rule="DS-CAP-001", connection=None, association=None), late)


def test_where_exchanges_were_forgotten_only_single_exchanges_are_judged(
    moment: Moment, findings: list[Finding]
) -> None:
    partial = replace(moment, lost=frozenset({1}))
    one = replace(findings[0], rule="DS-DIMSE-001", association=1)
    assert provable(replace(one, exchange=1), partial) and not provable(replace(one, exchange=None), partial)
    assert not provable(replace(one, rule="DS-STORE-001", exchange=1), partial)


def test_the_dead_are_forgotten(moment: Moment, findings: list[Finding]) -> None:
    told = Told()
    told.fresh(findings, moment, last=True)
    told.forget(Names([], [], []))
    assert all(subject.connection is subject.association is None for subject in told._told)


def test_where_packets_were_dropped_nothing_is_concluded_from_absence(moment: Moment, findings: list[Finding]) -> None:
    holey = replace(moment, doubtful=frozenset({1}))
    silent = replace(findings[0], rule="DS-TCP-002", connection=1, association=None, exchange=None)
    assert not provable(silent, holey) and provable(silent, moment)
    assert provable(replace(silent, rule="DS-STORE-001"), holey), "what was seen was seen"
    check = Check("DS-TCP-002", Verdict.FINDING, 1)
    left = sure(Judgement((silent, findings[0]), (check,)), holey)
    assert left.findings == (findings[0],)
    assert (left.checks[0].verdict, left.checks[0].reasons) == (Verdict.INCONCLUSIVE, (UNPROVABLE,))
    assert sure(Judgement((findings[0],), (check,)), holey).checks == (check,)
