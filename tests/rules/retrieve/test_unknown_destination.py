"""DS-RET-001: move destinations that the archive does not know."""

from dataclasses import replace

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.dimse import failed_operation
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.retrieve.unknown_destination import RULE
from dicomsniff.rules.runner import judge
from tests.forge.retrieve import Move
from tests.forge.traffic import IMPLICIT, STUDY_MOVE, TrafficForge
from tests.rules.applying import is_quiet, only


def _move(forge: TrafficForge, destination: str, status: int, calling: str = "CT01") -> Traffic:
    association = forge.association(contexts=[(STUDY_MOVE, [IMPLICIT], 0)], calling=calling)
    forge.exchange(association, "C-MOVE", status=status, move_destination=destination)
    return forge.traffic()


def test_fires_naming_destination_requestor_and_server() -> None:
    hit = only(RULE, _move(TrafficForge(), "NOWHERE", 0xA801))
    assert (
        "PACS (10.0.0.2:104) does not know the move destination 'NOWHERE' asked for by CT01 (10.0.0.1)" in hit.message
    )
    assert hit.fix is not None and "Register 'NOWHERE'" in hit.fix


def test_fires_naming_destinations_that_worked() -> None:
    forge = TrafficForge()
    _move(forge, "VIEWER", 0)
    assert "Destinations that worked there: 'VIEWER'" in only(RULE, _move(forge, "NOWHERE", 0xA801)).message


def test_fires_naming_the_title_that_is_nearly_the_same() -> None:
    forge = TrafficForge()
    _move(forge, "VIEWER_1", 0)
    hit = only(RULE, _move(forge, "viewer_1", 0xA801))
    assert "'VIEWER_1', which differs only in" in hit.message and hit.act is Side.UNKNOWN


def test_fires_suspecting_a_missing_permission_when_others_may_move_there() -> None:
    forge = TrafficForge()
    _move(forge, "VIEWER", 0xB000, calling="WS2")
    assert "not permitted" in only(RULE, _move(forge, "VIEWER", 0xA801)).message


def test_is_quiet_about_other_failures_of_a_move() -> None:
    forge = TrafficForge()
    for status in (0x0000, 0xA702, 0xC000, 0xFE00):
        _move(forge, "VIEWER", status)
    assert is_quiet(RULE, forge.traffic())


def test_does_not_make_up_a_destination_that_was_not_seen() -> None:
    forge = TrafficForge()
    _move(forge, "", 0xA801)
    hit = only(RULE, forge.traffic())
    assert "its request was not captured" in hit.message and hit.fix is None


def test_is_quiet_when_the_archive_is_seen_to_call_the_destination() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.refused()
    move.done(0xA801)
    assert is_quiet(RULE, forge.traffic())


def test_a_move_whose_request_was_not_captured_is_told_with_doubt_when_the_archive_opened_a_connection() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.refused()
    move.done(0xA801)
    traffic = forge.traffic()
    traffic.exchange(move.id).request = None
    hit = only(RULE, replace(traffic, retrievals=()))
    assert "Yet it opened a connection to 10.0.0.1:11112 meanwhile" in hit.message
    assert (hit.severity, hit.act) == (Severity.WARNING, Side.UNKNOWN)


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("Unknown AE: NOWHERE", True),
        ("Move destination NOWHERE is not registered", True),
        ("AE Title 'nowhere' could not be found", True),
        ("nowhere not found", True),
        ("Patient unknown", False),
        ("Cannot connect to NOWHERE", False),
        (None, False),
    ],
)
def test_another_failure_may_say_in_words_that_the_destination_is_unknown(comment: str | None, told: bool) -> None:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_MOVE, [IMPLICIT], 0)])
    forge.exchange(association, "C-MOVE", status=0xC000, move_destination="NOWHERE", error_comment=comment)
    rules = (RULE, failed_operation.RULE)
    (finding,) = judge(forge.traffic(), fence=False, rules=rules).findings
    assert (finding.rule == "DS-RET-001") is told
    assert not told or "(status 0xC000)" in finding.message
