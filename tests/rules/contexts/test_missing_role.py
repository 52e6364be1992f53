"""DS-PC-010: roles that an operation needs."""

from typing import Any

from dicomsniff.association.values import ExchangeOutcome, Outcome, Traffic
from dicomsniff.pdu.values import RoleSelection, UserInformation
from dicomsniff.rules.commitment import undelivered_result
from dicomsniff.rules.contexts.missing_role import RULE
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.negotiation import application_abort
from dicomsniff.rules.runner import judge
from tests.forge.traffic import CT, IMPLICIT, MR, TrafficForge
from tests.rules.judging import found, only, shape

GET = "1.2.840.10008.5.1.4.1.2.2.3"
COMMITMENT = "1.2.840.10008.1.20.1"
SCP = [RoleSelection(CT, 0, 1)]


def forged(asked: list[RoleSelection], granted: list[RoleSelection], *classes: str) -> tuple[TrafficForge, int]:
    forge = TrafficForge()
    contexts = [(uid, [IMPLICIT], 0) for uid in classes]
    association = forge.association(
        contexts=contexts,
        request_fields={"user_information": UserInformation(maximum_length=16384, roles=tuple(asked))},
        accept_fields={"user_information": UserInformation(maximum_length=16384, roles=tuple(granted))},
    )
    return forge, association


def fetched(
    asked: list[RoleSelection], granted: list[RoleSelection], *classes: str, failed: int = 3, came: bool = False
) -> Traffic:
    """A C-GET with its counters, and whether a CT came."""
    forge, association = forged(asked, granted, GET, *(classes or (CT,)))
    made: dict[str, Any] = {"status": 0xB000 if failed else 0, "suboperations": (None, int(came), failed, 0)}
    get = forge.exchange(association, "C-GET", **made)
    if came:
        forge.exchange(association, "C-STORE", context_id=3, requested_by="acceptor", status=0, parent=get)
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, fetched([], []))
    assert "C-GET cannot deliver CT Image Storage (the SCP role was not proposed by CT01 (10.0.0.1))" in finding.message
    assert (finding.severity, finding.act, finding.exchange) == (Severity.ERROR, Side.REQUESTOR, 1)


def test_an_acceptor_that_does_not_confirm_must_act() -> None:
    for granted in ([], [RoleSelection(CT, 0, 0)]):
        finding = only(RULE, fetched(SCP, granted))
        assert "not confirmed by PACS" in finding.message and finding.act is Side.ACCEPTOR


def test_one_class_without_its_role_may_be_the_one_that_failed() -> None:
    assert only(RULE, fetched(SCP, SCP, CT, MR)).severity is Severity.WARNING


def test_no_storage_context_at_all_delivers_nothing() -> None:
    assert "no accepted context of a storage class" in only(RULE, fetched([], [], COMMITMENT)).message


def test_is_quiet() -> None:
    assert found(RULE, fetched(SCP, SCP)) == ()  # it failed for another reason
    assert found(RULE, fetched([], [], failed=0)) == ()  # there was nothing to deliver
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0)
    assert found(RULE, forge.traffic()) == ()


def test_what_worked_all_the_same_is_a_note() -> None:
    finding = only(RULE, fetched([], [], failed=0, came=True))
    assert finding.severity is Severity.NOTE and "was delivered by C-GET although" in finding.message


def test_the_sender_of_a_commitment_result_is_scp() -> None:
    def reported(asked: list[RoleSelection], granted: list[RoleSelection], **fields: Any) -> Traffic:
        forge, association = forged(asked, granted, COMMITMENT)
        forge.exchange(association, "N-EVENT-REPORT", **fields)
        return forge.traffic()

    right = [RoleSelection(COMMITMENT, 0, 1)]
    assert found(RULE, reported(right, right, status=0)) == ()
    assert only(RULE, reported([], [], status=0)).severity is Severity.NOTE
    failed = only(RULE, reported(right, [], status=0x0211, outcome=ExchangeOutcome.FAILED))
    assert (failed.severity, failed.act) == (Severity.ERROR, Side.ACCEPTOR)


def test_a_role_that_was_not_proposed_must_not_be_granted() -> None:
    forge, _ = forged([], SCP, CT)
    finding = only(RULE, forge.traffic())
    assert (finding.severity, finding.act) == (Severity.WARNING, Side.ACCEPTOR)
    assert "grants a role for CT Image Storage that was not proposed" in finding.message


def test_a_commitment_result_that_was_not_taken_for_its_role_is_told_once() -> None:
    forge, association = forged([], [], COMMITMENT)
    forge.exchange(association, "N-EVENT-REPORT", status=0x0110)
    judged = judge(forge.traffic(), fence=False, rules=(RULE, undelivered_result.RULE)).findings
    assert [(one.rule, [child.rule for child in one.children]) for one in judged] == [("DS-PC-010", ["DS-SC-003"])]


def test_an_abort_upon_such_a_result_is_told_under_it() -> None:
    forge = TrafficForge()
    made: dict[str, Any] = {"outcome": Outcome.ABORTED, "aborts": [("acceptor", 0, 0)]}
    association = forge.association(contexts=[(COMMITMENT, [IMPLICIT], 0)], **made)
    forge.exchange(association, "N-EVENT-REPORT", status=None, outcome=ExchangeOutcome.UNANSWERED)
    judged = judge(forge.traffic(), fence=False, rules=(RULE, application_abort.RULE)).findings
    assert [(one.rule, [child.rule for child in one.children]) for one in judged] == [("DS-PC-010", ["DS-ASSOC-008"])]


def denied(status: int = 0xA702, *contexts: tuple[str, int]) -> Traffic:
    """A C-GET that came to nothing on an association of which contexts were refused."""
    forge = TrafficForge()
    made = [(GET, [IMPLICIT], 0), *((uid, [IMPLICIT], result) for uid, result in contexts)]
    association = forge.association(contexts=made)
    forge.exchange(association, "C-GET", status=status)
    return forge.traffic()


def test_who_refused_every_storage_class_must_act_and_not_who_proposed_them() -> None:
    finding = only(RULE, denied(0xA702, (CT, 3), (MR, 4)))
    assert (
        "PACS (10.0.0.2:104) refused every context of a storage class that CT01 (10.0.0.1) proposed" in finding.message
    )
    assert (finding.act, finding.severity, finding.facts["sop_classes"]) == (Side.ACCEPTOR, Severity.ERROR, [CT, MR])
    assert only(RULE, denied()).act is Side.REQUESTOR


def test_a_get_that_failed_for_another_reason_is_not_explained_by_it() -> None:
    other = denied(0xA900)
    assert only(RULE, other).severity is Severity.WARNING
    assert shape(other) == [("DS-DIMSE-008", [])]
    assert shape(denied()) == [(RULE.id, ["DS-RET-006"])]


def test_the_archive_that_was_asked_needs_no_role_for_its_result() -> None:
    """It is the provider by default (PS3.7 §D.3.3.4)."""
    forge, association = forged([], [], COMMITMENT)
    forge.exchange(association, "N-EVENT-REPORT", status=0, requested_by="acceptor")
    assert found(RULE, forge.traffic()) == ()


def test_a_get_that_failed_in_part_for_another_reason_is_left_alone() -> None:
    assert found(RULE, fetched(SCP, SCP, CT, failed=2, came=True)) == ()
    assert only(RULE, fetched([], [], CT, failed=2, came=True)).severity is Severity.NOTE
