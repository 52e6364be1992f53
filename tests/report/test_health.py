"""What went well is said where it is proved, and only there."""

import pytest

from dicomsniff.api import analyze
from dicomsniff.report.health import health_of
from dicomsniff.rules.finding import Finding, Severity
from tests.captures import real
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, healthy_traffic


def intact(forge: TrafficForge, *findings: Finding) -> str:
    return health_of(forge.traffic(), findings).intact


def test_objects_seen_whole_and_answered_with_success_are_intact() -> None:
    assert health_of(healthy_traffic(), ()).intact == "both objects from CT01 to PACS arrived intact"


@pytest.mark.parametrize("status", [0xA700, 0xB000])
def test_an_object_that_was_refused_or_coerced_is_not(status: int) -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=status)
    assert intact(forge) == ""


def test_an_object_with_a_hole_is_not() -> None:
    forge = TrafficForge()
    number = forge.association()
    forge.exchange(number, "C-STORE", status=0)
    forge.exchange(number, "C-STORE", status=0, sent_bytes=400)
    assert intact(forge) == ""


def test_nothing_is_called_intact_whose_contents_are_doubted() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0)
    assert intact(forge) == "the only object from CT01 to PACS arrived intact"
    assert intact(forge, finding(rule="DS-DATA-003", severity=Severity.WARNING)) == ""
    assert intact(forge, finding(rule="DS-TCP-006", severity=Severity.WARNING)) != ""


def test_whose_objects_they_are_is_said_only_where_they_are_of_one_pair() -> None:
    forge = TrafficForge()
    for calling in ("CT01", "CT02"):
        forge.exchange(forge.association(calling=calling), "C-STORE", status=0)
    assert intact(forge) == "both objects arrived intact"


def test_without_objects_the_operations_are_counted() -> None:
    forge = TrafficForge()
    number = forge.association()
    forge.exchange(number, "C-ECHO", status=0)
    forge.exchange(number, "C-FIND", status=0)
    assert health_of(forge.traffic(), ()).words == "1 C-ECHO and 1 C-FIND from CT01 to PACS completed"
    forge.exchange(number, "C-FIND", status=0xC001)
    assert health_of(forge.traffic(), ()).words == ""


@real.here
def test_after_loss_it_is_said_outright_that_all_objects_arrived() -> None:
    headline = analyze(real.capture("lossy_network")).report().verdict["headline"]
    assert headline.startswith(
        "All 3 objects from STORESCU to PYPACS arrived intact, but 1 thing needs attention: 3.9 % of"
    )
