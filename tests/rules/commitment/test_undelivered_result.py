"""DS-SC-003: results that an archive could not hand over."""

from typing import Any

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.core import Endpoint
from dicomsniff.pdu.values import RoleSelection, UserInformation
from dicomsniff.rules.commitment.undelivered_result import RULE
from dicomsniff.rules.finding import Severity, Side
from tests.captures import real
from tests.forge.traffic import ARCHIVE, IMPLICIT
from tests.forge.workflow import COMMITMENT, LISTENER, Day
from tests.rules.applying import doubts, hits, is_quiet, only
from tests.rules.judging import found


def _asked() -> Day:
    day = Day()
    day.request("1.1")
    return day


def test_fires_where_the_requester_rejected_the_call_back() -> None:
    day = _asked()
    day.call_back(outcome=Outcome.REJECTED, reject=(1, 1, 3))
    hit = only(RULE, day.traffic())
    assert "PACS (10.0.0.2) could not hand the commitment result to CT01 (10.0.0.1:11112)" in hit.message
    assert "calling-AE-title" in hit.message and hit.act is Side.ACCEPTOR and hit.facts["port"] == 11112


def test_fires_where_the_context_was_refused() -> None:
    day = _asked()
    day.call_back(result=3)
    assert "refused the presentation context" in only(RULE, day.traffic()).message


def test_fires_for_a_call_back_that_only_its_role_shows() -> None:
    day = Day()
    roles = {"user_information": UserInformation(roles=(RoleSelection(COMMITMENT, 0, 1),))}
    day.call_back(result=1, request_fields=roles)
    assert "could not hand" in only(RULE, day.traffic()).message


def test_fires_where_the_result_was_answered_with_a_failure() -> None:
    day = _asked()
    day.result(["1.1"], status=0x0110, error_comment="handler failed")
    hit = only(RULE, day.traffic())
    assert "0x0110" in hit.message and "'handler failed'" in hit.message and hit.facts["transaction_uid"] == "9.1"


def test_fires_where_the_requester_aborted_instead_of_answering() -> None:
    day = _asked()
    day.result(
        ["1.1"],
        status=None,
        association=day.call_back(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)]),
        requested_by="requestor",
    )
    hit = only(RULE, day.traffic())
    assert "it never answered; CT01 (10.0.0.1:11112) aborted" in hit.message and hit.act is Side.ACCEPTOR


def test_a_release_before_the_result_is_legal_and_a_mere_warning() -> None:
    day = Day()
    association = day.associate(COMMITMENT)
    day.request("1.1", association=association)
    day.result(["1.1"], status=None, association=association)
    hit = only(RULE, day.traffic())
    assert hit.severity is Severity.WARNING and "legal" in hit.message and hit.act is Side.ACCEPTOR


def test_a_later_attempt_that_succeeds_makes_it_a_remark() -> None:
    day = _asked()
    day.call_back(outcome=Outcome.REJECTED, reject=(2, 3, 2))
    day.result(["1.1"])
    hit = only(RULE, day.traffic())
    assert hit.severity is Severity.NOTE and "A later attempt handed a result over" in hit.message


def test_equal_attempts_are_told_once() -> None:
    day = _asked()
    for _ in range(5):
        day.call_back(outcome=Outcome.REJECTED, reject=(1, 1, 3))
    [finding] = found(RULE, day.traffic())
    assert finding.count == 5


def test_is_quiet_where_the_modality_itself_is_refused() -> None:
    day = _asked()
    day.associate(COMMITMENT, result=3)
    day.forge.association(contexts=[(COMMITMENT, [IMPLICIT], 0)], outcome=Outcome.REJECTED, reject=(1, 1, 3))
    assert is_quiet(RULE, day.traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)


def test_is_inconclusive_where_the_answer_may_have_escaped() -> None:
    for fields in ({"blind": [Blind.HOLE_TO_REQUESTOR]}, {"outcome": Outcome.OPEN}):
        day = _asked()
        day.result(["1.1"], status=None, association=day.call_back(**fields), requested_by="requestor")
        assert doubts(RULE, day.traffic())


def test_is_inconclusive_where_the_capture_holds_the_answer_before_the_result() -> None:
    day = _asked()
    association = day.call_back()
    day.result(["1.1"], association=association, requested_by="requestor", request=None, payload=None)
    day.result(["1.1"], status=None, association=association, requested_by="requestor", message_id=1)
    assert "does not keep the order" in doubts(RULE, day.traffic())[0]


def test_an_archive_that_calls_by_a_wrong_title_must_act_unless_others_are_let_in_by_it() -> None:
    day = _asked()
    day.call_back(outcome=Outcome.REJECTED, reject=(1, 1, 7))
    assert only(RULE, day.traffic()).act is Side.REQUESTOR
    day.call_back(calling="OTHER")
    assert {hit.act for hit in hits(RULE, day.traffic()) if "rejected" in hit.message} == {Side.UNKNOWN}


def test_an_archive_that_leaves_at_once_did_not_wait_for_the_answer() -> None:
    for wait, act in ((0.1, Side.REQUESTOR), (30, Side.ACCEPTOR)):
        day = _asked()
        own = day.call_back(outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)], end_after=wait)
        day.result(["1.1"], status=None, association=own, requested_by="requestor")
        assert only(RULE, day.traffic()).act is act


def test_who_finds_fault_with_the_result_may_be_right() -> None:
    day = _asked()
    day.result(["1.1"], status=0x0115)
    assert only(RULE, day.traffic()).act is Side.UNKNOWN


def test_is_inconclusive_where_the_result_may_not_have_arrived() -> None:
    partly: tuple[dict[str, Any], ...] = ({"request_finished": False}, {"request_complete": False})
    for fields in partly:
        day = _asked()
        own = day.call_back(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)])
        day.result(["1.1"], status=None, association=own, requested_by="requestor", **fields)
        assert doubts(RULE, day.traffic())


def test_is_inconclusive_where_tcp_did_not_confirm_the_result() -> None:
    day = _asked()
    line = day.forge.connection(
        initiator=Endpoint(ARCHIVE.ip, 50001), responder=LISTENER, to_responder={"acknowledged": 1}
    )
    contexts = [(COMMITMENT, [IMPLICIT], 0)]
    own = day.forge.association(line, calling="PACS", called="CT01", contexts=contexts, outcome=Outcome.CLOSED)
    day.result(["1.1"], status=None, association=own, requested_by="requestor")
    assert "did not acknowledge" in doubts(RULE, day.traffic())[0]
