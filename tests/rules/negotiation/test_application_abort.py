"""Aborts by an application on an established association."""

from typing import Any

import pytest

from dicomsniff.association.values import Association, Blind, Outcome, Traffic
from dicomsniff.rules.finding import Finding, Severity, Side, Verdict
from dicomsniff.rules.negotiation import malformed_pdu, protocol_abort, untimely_release
from dicomsniff.rules.negotiation.application_abort import RULE
from dicomsniff.rules.rule import Rule
from dicomsniff.rules.runner import judge
from dicomsniff.rules.storage import interrupted_transfer
from dicomsniff.rules.transport import closed_association
from tests.forge.dialogue import ECHO, STORE, Dialogue, data_set
from tests.forge.pdus import VERIFICATION, abort, release_request
from tests.forge.traffic import CT, TrafficForge
from tests.forge.wire import ACK, BACK, FIN, OUT
from tests.rules.judging import found, only, verdict
from tests.rules.spoken import traffic_of


def aborted(
    by: str = "acceptor",
    status: int | None = None,
    end_after: float = 0.0,
    source: int = 0,
    sent_bytes: int | None = None,
    outcome: Outcome = Outcome.ABORTED,
) -> Traffic:
    forge = TrafficForge()
    association = forge.association(outcome=outcome, aborts=[(by, source, 2)] * 2, end_after=end_after)
    forge.exchange(association, "C-STORE", status=status, sent_bytes=sent_bytes)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, aborted()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, aborted(source=2)) is Verdict.CLEAR


def test_who_aborted_and_during_what_is_told() -> None:
    finding = only(RULE, aborted())
    assert finding.message.startswith("The application of PACS (10.0.0.2:104) aborted 1 ms after the request C-STORE 1")
    assert "with no answer yet to C-STORE 1 of CT Image Storage" in finding.message
    assert (finding.severity, finding.act, finding.exchange) == (Severity.ERROR, Side.ACCEPTOR, 1)


def test_an_abort_in_the_middle_of_a_message_counts_what_was_sent() -> None:
    message = only(RULE, aborted("requestor", sent_bytes=4096)).message
    assert "in the middle of C-STORE 1 of CT Image Storage" in message
    assert "after 4096 data set bytes that it was sending itself" in message


def test_a_cancel_does_not_end_the_wait_for_an_answer() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)], end_after=1)
    forge.exchange(association, "C-FIND", status=None, cancelled_after=30)
    finding = only(RULE, forge.traffic())
    assert (
        "aborted 31 s after the request C-FIND 1" in finding.message and "although it was cancelled" in finding.message
    )
    assert finding.act is Side.ACCEPTOR


def test_a_requestor_that_ran_out_of_patience_points_at_the_acceptor() -> None:
    finding = only(RULE, aborted("requestor", end_after=30))
    assert "30 s looks like a time-out." in finding.message
    assert finding.act is Side.ACCEPTOR
    assert finding.fix.startswith("Look into the log of PACS (10.0.0.2:104) from 22:13:2")
    assert finding.fix.endswith("raise the DIMSE time-out of CT01 (10.0.0.1), which seems to be 30 s.")


def test_an_abort_of_an_idle_association_is_a_warning() -> None:
    finding = only(RULE, aborted("acceptor", status=0, end_after=60))
    assert finding.severity is Severity.WARNING
    assert "with nothing left to answer" in finding.message


def test_the_reason_is_not_interpreted() -> None:
    assert "unexpected" not in only(RULE, aborted()).message


def test_an_abort_during_negotiation_is_told_by_another_rule() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)])
    assert found(RULE, forge.traffic()) == ()


def test_an_answer_that_came_after_the_abort_was_still_awaited_then() -> None:
    """A server that goes on with its work and answers after the other side has given up."""
    for waited, acting in ((30, Side.ACCEPTOR), (1, Side.REQUESTOR)):

        def gives_up(talk: Dialogue, waited: int = waited) -> None:
            talk.ask(ECHO, VERIFICATION)
            talk.wire.wait(waited).send(OUT, abort())
            talk.answer(ECHO, VERIFICATION, 0, after=2)
            talk.wire.close()

        finding = only(RULE, traffic_of(gives_up, end=""))
        assert "with no answer yet to C-ECHO 1" in finding.message
        assert "; the answer came 2 s after the abort." in finding.message
        assert (finding.severity, finding.act) == (Severity.ERROR, acting)


def test_an_abort_at_once_upon_the_first_request_points_at_what_the_acceptor_permits() -> None:
    """As Orthanc does where an AE title may not use a service."""
    told = only(RULE, aborted())
    assert told.fix.startswith("Look into the log of PACS (10.0.0.2:104) from 22:13:")
    assert "does not let CT01 (10.0.0.1) use C-STORE, register" in told.fix
    assert "register that title" not in only(RULE, aborted(end_after=30)).fix
    assert "register that title" not in only(RULE, aborted("requestor")).fix


def test_nobody_is_told_to_permit_what_is_done_for_the_same_title_elsewhere() -> None:
    def fix(**stored: Any) -> str:
        forge = TrafficForge()
        forge.exchange(forge.association(**stored), "C-STORE", status=0)
        forge.exchange(forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)]), "C-STORE")
        return only(RULE, forge.traffic()).fix

    assert "register that title" not in fix()
    assert "register that title" in fix(calling="MR02")


def test_who_aborted_upon_what_was_not_captured_is_not_accused() -> None:
    def abort_by(**fields: Any) -> Finding:
        forge = TrafficForge()
        association = forge.association(outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)], **fields)
        forge.exchange(association, "C-ECHO", status=0)
        return only(RULE, forge.traffic())

    assert abort_by().act is Side.REQUESTOR
    assert abort_by(blind=[Blind.HOLE_TO_REQUESTOR]).act is Side.UNKNOWN


def test_a_release_asked_for_behind_the_abort_was_not_waited_for() -> None:
    """As some clients do that go on with their plan when the answer comes late."""

    def gives_up(talk: Dialogue) -> None:
        talk.ask(ECHO, VERIFICATION)
        talk.wire.wait(1).send(OUT, abort())
        talk.answer(ECHO, VERIFICATION, 0, after=2)
        talk.wire.send(OUT, release_request()).acknowledge(OUT).wait(30)
        talk.wire.close()

    assert only(RULE, traffic_of(gives_up, end="")).act is Side.REQUESTOR


def lets_down(talk: Dialogue, end: str, seconds: float = 4, heard: bool = True) -> None:
    """A release that nobody answers, until who asked for it ends the association."""
    talk.echo().wire.acknowledge(OUT).send(OUT, release_request())
    if heard:
        talk.wire.acknowledge(OUT)
    talk.wire.wait(seconds)
    if end == "close":
        talk.wire.packet(OUT, FIN | ACK)
    else:
        talk.wire.packet(OUT, ACK, abort(2 if end == "protocol" else 0))


ENDS = [("application", RULE), ("protocol", protocol_abort.RULE), ("close", closed_association.RULE)]


@pytest.mark.parametrize(("end", "rule"), ENDS)
def test_who_waited_in_vain_for_the_answer_to_its_release_is_not_accused(end: str, rule: Rule[Association]) -> None:
    finding = only(rule, traffic_of(lambda talk: lets_down(talk, end), end=""))
    assert (finding.severity, finding.act) == (Severity.WARNING, Side.UNKNOWN)
    assert (finding.gist or "").startswith(
        "PACS (10.0.0.2:104) did not answer the A-RELEASE-RQ of CT01 (10.0.0.1), which"
    )
    assert "Find out why PACS (10.0.0.2:104) does not answer A-RELEASE-RQ" in finding.fix
    assert "nothing left to answer" not in finding.message


@pytest.mark.parametrize(("end", "rule"), ENDS)
@pytest.mark.parametrize("how", [{"seconds": 0.2}, {"heard": False}])
def test_nobody_is_let_down_that_did_not_wait_or_was_not_heard(
    end: str, rule: Rule[Association], how: dict[str, Any]
) -> None:
    finding = only(rule, traffic_of(lambda talk: lets_down(talk, end, **how), end=""))
    assert finding.gist is None and "does not answer" not in finding.fix


@pytest.mark.parametrize("end", ["application", "protocol", "close"])
def test_an_abort_after_a_long_wait_for_a_release_is_under_what_the_other_side_left_out(end: str) -> None:
    traffic = traffic_of(lambda talk: lets_down(talk, end, 30), end="")
    rules = (RULE, protocol_abort.RULE, closed_association.RULE, untimely_release.RULE)
    (root,) = judge(traffic, fence=False, rules=rules).findings
    assert (root.rule, root.act) == ("DS-ASSOC-014", Side.ACCEPTOR)


def test_what_a_side_sends_behind_its_own_abort_came_to_nothing_by_that_abort() -> None:
    """A library that only puts the abort in line, and goes on with its requests."""

    def goes_on(talk: Dialogue) -> None:
        talk.wire.send(OUT, abort())
        talk.ask(STORE, CT, data_set(PatientID="1"), AffectedSOPInstanceUID="1.2.3").wire.close(BACK)

    rules = (RULE, malformed_pdu.RULE, interrupted_transfer.RULE)
    first, second = judge(traffic_of(goes_on, end=""), fence=False, rules=rules).findings
    assert (first.rule, first.severity, first.exchanges) == ("DS-ASSOC-008", Severity.ERROR, (1,))
    assert "Of what came behind the abort nothing came: C-STORE 1 of CT Image Storage 1.2.3." in first.message
    assert (second.rule, second.severity) == ("DS-ASSOC-015", Severity.NOTE)


def test_a_requestor_that_aborts_upon_a_failure_status_only_leaves_as_one_should_not() -> None:
    """As some libraries do. After a success there may have been more to send."""
    assert only(RULE, aborted("requestor", status=0)).severity is Severity.ERROR
    assert only(RULE, aborted("requestor", status=0xA700)).severity is Severity.WARNING
    assert only(RULE, aborted("acceptor", status=0xA700)).severity is Severity.ERROR


def test_the_log_of_who_aborted_at_once_is_the_place_to_look() -> None:
    def leaves(talk: Dialogue, seconds: float) -> None:
        talk.echo().wire.wait(seconds).send(OUT, abort())

    assert only(RULE, traffic_of(lambda talk: leaves(talk, 0.1), end="")).fix.startswith("Look into the log of CT01")
    assert only(RULE, traffic_of(lambda talk: leaves(talk, 5), end="")).fix.startswith("After a round silence")
