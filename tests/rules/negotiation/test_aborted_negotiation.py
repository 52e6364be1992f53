"""Aborts instead of an answer, or right after it."""

from typing import Any

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation.aborted_negotiation import RULE
from tests.forge.traffic import CT, EXPLICIT, IMPLICIT, TrafficForge
from tests.rules.judging import found, only, verdict

UNANSWERED = ((CT, (IMPLICIT,), None),)


def aborted(by: str = "acceptor", accepted: bool = False, **fields: Any) -> Traffic:
    forge = TrafficForge()
    contexts = ((CT, (IMPLICIT,), 0), (CT, (EXPLICIT,), 4)) if accepted else UNANSWERED
    forge.association(contexts=contexts, outcome=Outcome.ABORTED, aborts=[(by, 0, 0), (by, 2, 2)], **fields)
    return forge.traffic()


def later() -> Traffic:
    forge = TrafficForge()
    forge.exchange(forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)]), "C-ECHO", status=0)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, aborted()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, later()) is Verdict.CLEAR


def test_is_inconclusive() -> None:
    assert verdict(RULE, aborted(blind=[Blind.ANSWER])) is Verdict.INCONCLUSIVE


def test_the_acceptor_aborted_instead_of_answering() -> None:
    finding = only(RULE, aborted())
    assert finding.message.startswith(
        "PACS (10.0.0.2:104) aborted the association with CT01 (10.0.0.1) instead of answering"
    )
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.ACCEPTOR)


def test_only_the_first_abort_counts_and_its_reason_only_from_the_provider() -> None:
    finding = only(RULE, aborted())
    assert finding.count == 1
    assert finding.facts["source"] == 0
    assert finding.facts["reason"] is None


def test_right_after_the_acceptance_the_accepted_contexts_are_counted() -> None:
    finding = only(RULE, aborted("requestor", accepted=True))
    assert "1 of 2 contexts were accepted" in finding.message
    assert "Implicit VR Little Endian" in finding.causes[0]


def test_an_abort_some_time_after_the_acceptance_is_no_negotiation() -> None:
    assert found(RULE, aborted("requestor", accepted=True, end_after=1)) == ()


def test_a_requestor_that_aborts_after_waiting_is_told_by_the_missing_answer() -> None:
    assert found(RULE, aborted("requestor", end_after=10)) == ()
    assert "before an answer came" in only(RULE, aborted("requestor")).message


def test_an_item_that_is_wrong_in_the_request_turns_the_blame() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=UNANSWERED, outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 4)])
    forge.anomaly(association, AnomalyCode.PDU_ITEMS_DO_NOT_FIT, "item 20H ends behind the PDU")
    finding = only(RULE, forge.traffic())
    assert "item 20H ends behind the PDU" in finding.message
    assert finding.act is Side.REQUESTOR


def test_a_mere_padding_is_blamed_only_by_a_protocol_layer() -> None:
    for source, side in ((0, Side.ACCEPTOR), (2, Side.REQUESTOR)):
        forge = TrafficForge()
        association = forge.association(contexts=UNANSWERED, outcome=Outcome.ABORTED, aborts=[("acceptor", source, 4)])
        forge.anomaly(association, AnomalyCode.PDU_UID_INVALID, "the implementation class UID is padded with a NUL")
        assert only(RULE, forge.traffic()).act is side


def test_between_the_acceptance_and_the_abort_nothing_may_be_missing() -> None:
    assert found(RULE, aborted("requestor", accepted=True, blind=[Blind.HOLE_TO_ACCEPTOR])) == ()
    assert found(RULE, aborted("requestor", accepted=True))


def test_a_round_trip_is_allowed_for() -> None:
    forge = TrafficForge()
    far = forge.connection(rtt_initiator_ns=400_000_000, rtt_responder_ns=400_000_000)
    forge.association(far, outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)], end_after=0.3)
    assert found(RULE, forge.traffic())
    assert not found(RULE, aborted("requestor", accepted=True, end_after=0.3))


@pytest.mark.parametrize(
    ("by", "accepted", "cause"),
    [
        ("acceptor", False, "could not decode the request"),
        ("requestor", False, "gave up before the answer came"),
        ("acceptor", True, "refuses the AE title"),
        ("requestor", True, "No accepted context fits"),
    ],
)
def test_the_likeliest_cause_depends_on_who_aborted_and_when(by: str, accepted: bool, cause: str) -> None:
    assert cause in only(RULE, aborted(by, accepted)).causes[0]


def test_where_no_context_was_accepted_that_is_the_cause() -> None:
    forge = TrafficForge()
    forge.association(contexts=((CT, (IMPLICIT,), 3),), outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)])
    assert only(RULE, forge.traffic()).causes[0] == "No presentation context was accepted."
