"""DS-SC-002: objects that an archive does not commit to, and what became of each on its way there."""

from dicomsniff.rules.commitment.failed_objects import RULE
from dicomsniff.rules.finding import Side
from tests.captures import real
from tests.forge.workflow import Day
from tests.rules.applying import is_quiet, only


def test_fires_with_reasons_and_what_became_of_each_object() -> None:
    day = Day()
    association = day.stores("1.1", "1.2")
    day.store(association, "1.3", 3, 0xA700)
    day.request("1.1", "1.2", "1.3", "1.4")
    day.result(["1.1"], ["1.2", "1.3", "1.4"])
    hit = only(RULE, day.traffic())
    assert "PACS (10.0.0.2) does not commit to 3 of 4 objects: 3 × 0x0112 (No such object instance)" in hit.message
    assert (
        "1 of them was stored with success, 1 of them was refused or not answered and 1 of them was never sent"
        in hit.message
    )
    assert hit.act is Side.UNKNOWN and hit.facts["failed"] == 3


def test_fires_at_the_archive_that_had_taken_every_object() -> None:
    day = Day()
    day.stores("1.1")
    day.request("1.1")
    day.result([], ["1.1"])
    hit = only(RULE, day.traffic())
    assert hit.act is Side.REQUESTOR and hit.actor == "PACS (10.0.0.2)"


def test_fires_at_the_requester_that_asked_too_early() -> None:
    day = Day()
    association = day.associate("1.2.840.10008.5.1.4.1.1.2")
    day.request("1.1")
    day.store(association, "1.1", 1)
    day.result([], ["1.1"])
    hit = only(RULE, day.traffic())
    assert "1 of them was sent only after the request." in hit.message and hit.actor == "CT01 (10.0.0.1:11112)"


def test_what_was_on_its_way_when_commitment_was_asked_for_is_told_so() -> None:
    day = Day()
    association = day.associate("1.2.840.10008.5.1.4.1.1.2")
    sent = day.forge.exchange(association, "C-STORE", sop_instance="1.1")
    day.request("1.1")
    day.forge.answer(sent, 0)
    day.result([], ["1.1"])
    hit = only(RULE, day.traffic())
    assert "1 of them was still being sent. The request came before their C-STORE had been answered." in hit.message


def test_nobody_is_named_where_it_is_not_known_when_the_archive_was_asked() -> None:
    day = Day()
    day.stores("1.1")
    day.result([], ["1.1"])
    hit = only(RULE, day.traffic())
    assert "1 of them was stored with success" in hit.message and hit.act is Side.UNKNOWN


def test_fires_for_a_result_whose_request_is_not_in_the_capture() -> None:
    day = Day()
    day.result(["1.2"], ["1.1"], reason=0x0119)
    hit = only(RULE, day.traffic())
    assert "does not commit to 1 of 2 objects: 1 × 0x0119" in hit.message and hit.act is Side.ACCEPTOR


def test_is_quiet_where_the_archive_committed_in_a_later_result() -> None:
    day = Day()
    day.request("1.1")
    day.result([], ["1.1"])
    day.result(["1.1"])
    assert is_quiet(RULE, day.traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)
