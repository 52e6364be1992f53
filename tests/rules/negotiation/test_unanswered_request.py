"""Association requests without an answer, or with a late one."""

from typing import Any

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.pdu.values import PduType
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation.unanswered_request import RULE
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport.closed_association import RULE as CLOSED
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.rules.judging import found, only, verdict

UNANSWERED = ((CT, (IMPLICIT,), None),)


def unanswered(seconds: float = 4, closed_by: str | None = "requestor", **fields: Any) -> Traffic:
    forge = TrafficForge()
    forge.association(contexts=UNANSWERED, outcome=Outcome.UNANSWERED, closed_by=closed_by, end_after=seconds, **fields)
    return forge.traffic()


def healthy() -> Traffic:
    forge = TrafficForge()
    forge.association(answer_after=2)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, unanswered()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_is_inconclusive() -> None:
    assert verdict(RULE, unanswered(blind=[Blind.HOLE_TO_REQUESTOR])) is Verdict.INCONCLUSIVE


def test_the_server_did_not_answer_until_the_requestor_gave_up() -> None:
    finding = only(RULE, unanswered())
    assert "did not answer for 4 s (then the requestor gave up)" in finding.message
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.ACCEPTOR)


def test_a_requestor_that_leaves_at_once_gave_no_time_to_answer() -> None:
    assert found(RULE, unanswered(0.2)) == ()


def test_a_server_that_closes_at_once_is_told_by_another_rule() -> None:
    assert found(RULE, unanswered(2, "acceptor")) == ()


def test_a_server_that_closes_after_a_minute_did_not_answer() -> None:
    assert "60 s (then closed the connection)" in only(RULE, unanswered(60, "acceptor")).message


@pytest.mark.parametrize(("seconds", "severity"), [(5, None), (15, Severity.WARNING), (40, Severity.ERROR)])
def test_a_request_open_at_the_end_of_the_capture_counts_by_its_wait(seconds: float, severity: Severity | None) -> None:
    assert [f.severity for f in found(RULE, unanswered(seconds, None))] == ([severity] if severity else [])


def test_a_late_answer_is_a_warning() -> None:
    forge = TrafficForge()
    forge.association(answer_after=20)
    finding = only(RULE, forge.traffic())
    assert finding.severity is Severity.WARNING
    assert "(then accepted it)" in finding.message


def test_an_abort_of_the_requestor_after_waiting_ends_the_wait() -> None:
    traffic = unanswered(30, "requestor", aborts=[("requestor", 0, 0)])
    assert "(then the requestor aborted)" in only(RULE, traffic).message


def test_an_abort_of_the_acceptor_is_an_answer() -> None:
    assert found(RULE, unanswered(30, "requestor", aborts=[("acceptor", 0, 0)])) == ()


def test_the_usual_time_of_the_server_is_told() -> None:
    forge = TrafficForge()
    forge.association(answer_after=0.5)
    forge.association(contexts=UNANSWERED, outcome=Outcome.UNANSWERED, closed_by="requestor", end_after=5)
    assert "It answers other requests in 501 ms." in only(RULE, forge.traffic()).message


def test_a_request_that_never_arrived_blames_no_server() -> None:
    forge = TrafficForge()
    line = forge.connection(to_responder={"acknowledged": 0})
    forge.association(line, contexts=UNANSWERED, outcome=Outcome.UNANSWERED, closed_by="requestor", end_after=5)
    assert verdict(RULE, forge.traffic()) is Verdict.INCONCLUSIVE


def half(closed_by: str, after: float) -> Traffic:
    """Of the association request only the beginning was sent, before one side closed the connection."""
    forge = TrafficForge()
    association = forge.association(
        contexts=UNANSWERED, outcome=Outcome.UNANSWERED, closed_by=closed_by, end_after=after, request=None
    )
    forge.broken(association, "cut", type=int(PduType.ASSOCIATE_RQ), length=157_000, seen=1448)
    return forge.traffic()


def test_a_request_of_which_only_the_beginning_was_sent_is_told_with_its_lengths() -> None:
    finding = only(RULE, half("requestor", 20))
    assert "stopped after 1448 of 157006 bytes" in finding.message
    assert finding.act is Side.REQUESTOR


def test_who_did_not_let_the_other_send_its_request_is_told_and_who_waited_for_it_is_not_accused() -> None:
    for closed_by, after, rule, act in (
        ("requestor", 20, RULE, Side.REQUESTOR),
        ("acceptor", 0.001, CLOSED, Side.ACCEPTOR),
        ("acceptor", 20, RULE, Side.UNKNOWN),
    ):
        [finding] = judge(half(closed_by, after), fence=False, rules=(RULE, CLOSED)).findings
        assert (finding.rule, finding.act) == (rule.id, act)


def test_retries_for_ever_are_one_finding() -> None:
    forge = TrafficForge()
    for _ in range(20):
        forge.association(contexts=UNANSWERED, outcome=Outcome.UNANSWERED, closed_by="requestor", end_after=4)
    assert only(RULE, forge.traffic()).count == 20
