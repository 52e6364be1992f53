"""Titles that are nearly right."""

import pytest

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Verdict
from dicomsniff.rules.negotiation.misspelt_ae import RULE
from tests.forge.traffic import STUDY_MOVE, TrafficForge
from tests.rules.judging import found, only, verdict


def refused_called(refused: str = "pacs", accepted: str = "PACS", reject: tuple[int, int, int] = (1, 1, 7)) -> Traffic:
    forge = TrafficForge()
    forge.association(called=refused, outcome=Outcome.REJECTED, reject=reject)
    forge.association(called=accepted)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, refused_called()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, refused_called("ANY-SCP")) is Verdict.CLEAR


@pytest.mark.parametrize(
    ("refused", "how"), [("pacs", "case"), ("PA_CS", "blank"), ("PACX", "1 character"), ("PAC", None), ("XXXX", None)]
)
def test_what_differs_is_told(refused: str, how: str | None) -> None:
    findings = found(RULE, refused_called(refused))
    assert [f"differs in {how}" in f.message for f in findings] == ([True] if how else [])


def test_a_calling_title_is_judged_alike_whatever_the_code_says() -> None:
    forge = TrafficForge()
    forge.association(calling="CT-01", outcome=Outcome.REJECTED, reject=(1, 1, 7))
    forge.association(calling="CT01")
    finding = only(RULE, forge.traffic())
    assert finding.message.startswith("'CT-01' was refused as calling AE title, 'CT01' is accepted")
    assert finding.severity is Severity.WARNING


def test_a_move_destination_is_compared_with_the_known_callers() -> None:
    forge = TrafficForge()
    association = forge.association(calling="WORKSTATION", contexts=((STUDY_MOVE, ("1.2.840.10008.1.2",), 0),))
    forge.exchange(association, "C-MOVE", status=0xA801, move_destination="WORKSTATI0N")
    finding = only(RULE, forge.traffic())
    assert "'WORKSTATI0N' was refused as move destination" in finding.message
    assert finding.exchange == 1


def test_neighbouring_numbers_are_a_note_and_none_when_both_are_known() -> None:
    forge = TrafficForge()
    forge.association(calling="ROOM2", outcome=Outcome.REJECTED, reject=(1, 1, 3))
    forge.association(calling="ROOM1")
    assert only(RULE, forge.traffic()).severity is Severity.NOTE
    forge.association(calling="ROOM2", called="OTHER")
    assert found(RULE, forge.traffic()) == ()


def test_a_rejection_for_another_reason_is_no_near_miss() -> None:
    assert found(RULE, refused_called(reject=(2, 3, 2))) == ()


def test_a_title_that_the_server_takes_elsewhere_is_not_misspelt() -> None:
    forge = TrafficForge()
    for called in ("PACS1A", "PACS1B"):
        forge.association(called=called)
    forge.association(called="PACS1A", outcome=Outcome.REJECTED, reject=(1, 1, 7))
    assert found(RULE, forge.traffic()) == ()


def test_numbered_stations_are_neighbours_and_not_misspelt() -> None:
    assert only(RULE, refused_called("CT02", "CT01")).severity is Severity.NOTE
    forge = TrafficForge()
    forge.association(called="CT02", outcome=Outcome.REJECTED, reject=(1, 1, 7))
    forge.association(called="CT01")
    forge.association(forge.connection(responder=Endpoint("10.0.0.7", 104)), called="CT02")
    assert found(RULE, forge.traffic()) == ()
