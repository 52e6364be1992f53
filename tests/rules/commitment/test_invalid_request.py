"""DS-SC-004: requests that were refused or that no archive can answer, and results that do not fit."""

from dataclasses import replace

import pytest

from dicomsniff.association.values import Blind
from dicomsniff.rules.commitment.invalid_request import RULE
from dicomsniff.rules.finding import Severity, Side
from tests.captures import real
from tests.forge.traffic import data_set
from tests.forge.workflow import Day, references
from tests.rules.applying import hits, is_quiet, only


def test_fires_for_a_refused_request() -> None:
    day = Day()
    day.request("1.1", status=0x0124, error_comment="who are you")
    hit = only(RULE, day.traffic())
    assert "Commitment request 9.1 of CT01 (10.0.0.1) to PACS (10.0.0.2:104) refused: answered 0x0124" in hit.message
    assert "'who are you'" in hit.message and hit.act is Side.UNKNOWN


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"action_type_id": 2}, "Action Type is 2"),
        ({"sop_instance": "1.2.3"}, "SOP instance 1.2.3"),
        ({"body": data_set(ReferencedSOPSequence=references(["1.1"]))}, "no Transaction UID"),
        ({"body": data_set(TransactionUID="9.1")}, "names no object"),
        ({"body": data_set(TransactionUID="9.1", ReferencedSOPSequence=[])}, "names no object"),
    ],
)
def test_fires_for_a_request_that_cannot_be_answered(fields: dict[str, object], word: str) -> None:
    day = Day()
    day.request("1.1", **fields)  # type: ignore[arg-type]
    hit = only(RULE, day.traffic())
    assert word in hit.message and hit.severity is Severity.WARNING and hit.act is Side.REQUESTOR


def test_fires_for_a_transaction_uid_that_is_still_in_use() -> None:
    day = Day()
    day.request("1.1")
    day.request("1.2")
    assert "still in use for other objects (operation 1)" in only(RULE, day.traffic()).message


def test_a_result_may_belong_to_another_request_that_was_not_captured() -> None:
    day = Day()
    day.request("1.1", transaction="9.1")
    day.result(["1.1"], transaction="9.2")
    traffic = day.traffic()
    first, *others = traffic.associations
    blind = replace(first, blind=frozenset({Blind.HOLE_TO_ACCEPTOR}))
    assert not hits(RULE, replace(traffic, associations=(blind, *others)))


def test_fires_for_a_result_under_another_transaction_uid() -> None:
    day = Day()
    day.request("1.1", transaction="9.1")
    day.result(["1.1"], transaction="9.2")
    hit = only(RULE, day.traffic())
    assert "result 9.2 of PACS (10.0.0.2) does not fit: the request for the same objects has 9.1" in hit.message


def test_fires_for_a_result_with_objects_that_were_not_asked_for() -> None:
    day = Day()
    day.request("1.1")
    day.result(["1.1", "8.8"])
    assert "names 1 object that the request does not: 8.8" in only(RULE, day.traffic()).message


def test_is_quiet_for_a_request_sent_again_or_a_uid_used_after_its_result() -> None:
    day = Day()
    day.request("1.1")
    day.request("1.1")
    day.result(["1.1"])
    day.request("1.2")
    assert is_quiet(RULE, day.traffic())


def test_is_quiet_for_a_result_of_a_request_before_the_capture() -> None:
    day = Day()
    day.request("1.1")
    day.result(["7.7"], transaction="9.9")
    assert is_quiet(RULE, day.traffic())


def test_a_request_that_could_not_be_read_is_not_accused() -> None:
    day = Day()
    day.request(body=b"\xff" * 30)
    assert not hits(RULE, day.traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)
