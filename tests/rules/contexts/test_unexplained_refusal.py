"""DS-PC-004: refusals that do not say why."""

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.rules.contexts import rejected_contexts, unsupported_sop_class
from dicomsniff.rules.contexts.unexplained_refusal import RULE
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport import closed_association
from tests.forge.traffic import CT, IMPLICIT, MR, SC, STUDY_MOVE, VERIFICATION, TrafficForge
from tests.rules.judging import found, only, verdict

STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.3"


def refused(code: int, *others: str, use: bool = True, blind: Blind | None = None) -> Traffic:
    forge = TrafficForge()
    contexts = [(CT, [IMPLICIT], code), *((uid, [IMPLICIT], 0) for uid in others)]
    association = forge.association(contexts=contexts, blind=[blind] if blind else [])
    if use and others:
        forge.exchange(association, "C-STORE", context_id=3, status=0)
    return forge.traffic()


@pytest.mark.parametrize(("code", "words"), [(1, "user-rejection"), (2, "no-reason"), (7, "undefined result 7")])
def test_fires(code: int, words: str) -> None:
    finding = only(RULE, refused(code, VERIFICATION, use=False))
    assert "PACS (10.0.0.2:104) refused CT Image Storage" in finding.message and words in finding.message
    assert (finding.severity, finding.act) == (Severity.WARNING, Side.ACCEPTOR)


@pytest.mark.parametrize("code", [0, 3, 4])
def test_is_quiet(code: int) -> None:
    assert found(RULE, refused(code, VERIFICATION, use=False)) == ()


def test_what_was_not_wanted_is_a_note() -> None:
    assert only(RULE, refused(2, MR)).severity is Severity.NOTE
    classes = [MR, SC, *(f"1.2.840.10008.5.1.4.1.1.{n}" for n in (128, 20, 1))]
    assert only(RULE, refused(2, *classes)).severity is Severity.INFO
    assert only(RULE, refused(9, *classes)).severity is Severity.NOTE


def test_is_inconclusive() -> None:
    assert verdict(RULE, refused(2, MR, use=False, blind=Blind.HOLE_TO_ACCEPTOR)) is Verdict.INCONCLUSIVE


def test_where_every_context_was_refused_that_is_the_finding() -> None:
    (root,) = judge(refused(2), fence=False, rules=(rejected_contexts.RULE, RULE)).findings
    assert (root.rule, [child.rule for child in root.children]) == ("DS-PC-001", ["DS-PC-004"])


@pytest.mark.parametrize("code", [1, 3])
def test_what_a_requestor_came_for_is_told_and_its_leaving_follows_from_the_refusal(code: int) -> None:
    """Whoever wants a C-GET offers the classes of objects beside the one of the retrieve."""
    classes = [*("1.2.840.10008.5.1.4.1.1." + number for number in ("2", "4", "7", "20", "128")), STUDY_GET]
    contexts = [(uid, [IMPLICIT], code if uid in (classes[1], STUDY_GET) else 0) for uid in classes]
    forge = TrafficForge()
    forge.association(contexts=contexts, outcome=Outcome.CLOSED, closed_by="requestor")
    rules = (RULE, unsupported_sop_class.RULE, closed_association.RULE)
    first, *rest = judge(forge.traffic(), fence=False, rules=rules).findings
    assert (first.severity, first.act) == (Severity.ERROR, Side.ACCEPTOR)
    assert "Study Root Query/Retrieve Information Model - GET" in first.message and "MR Image" not in first.message
    assert [child.rule for child in first.children] == ["DS-TCP-005"]
    assert [one.severity for one in rest] == [Severity.INFO]


def test_where_more_than_one_service_was_offered_what_was_wanted_is_open() -> None:
    contexts = [(STUDY_GET, [IMPLICIT], 1), (STUDY_MOVE, [IMPLICIT], 0), (CT, [IMPLICIT], 0)]
    forge = TrafficForge()
    forge.association(contexts=contexts, outcome=Outcome.CLOSED, closed_by="requestor")
    found_ = judge(forge.traffic(), fence=False, rules=(RULE, closed_association.RULE)).findings
    assert [finding.rule for finding in found_] == ["DS-TCP-005", "DS-PC-004"]
