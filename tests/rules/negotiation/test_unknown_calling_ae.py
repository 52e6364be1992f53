"""Rejections for the calling AE title."""

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Side, Verdict
from dicomsniff.rules.negotiation.unknown_calling_ae import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.judging import only, verdict


def rejected(calling: str = "BADSCU", reject: tuple[int, int, int] = (2, 1, 3)) -> TrafficForge:
    forge = TrafficForge()
    forge.association(calling=calling, outcome=Outcome.REJECTED, reject=reject)
    return forge


def healthy() -> Traffic:
    return rejected(reject=(1, 1, 7)).traffic()


def test_fires() -> None:
    assert verdict(RULE, rejected().traffic()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_the_sender_is_to_be_registered_on_the_server() -> None:
    finding = only(RULE, rejected().traffic())
    assert "PACS (10.0.0.2:104) does not accept 'BADSCU' from 10.0.0.1." in finding.message
    assert (finding.act, finding.actor) == (Side.ACCEPTOR, "PACS (10.0.0.2:104)")


def test_callers_that_were_accepted_are_the_hint() -> None:
    forge = rejected()
    forge.association(calling="CT01")
    finding = only(RULE, forge.traffic())
    assert "It accepted 'CT01' from 10.0.0.1." in finding.message
    assert finding.act is Side.UNKNOWN and "'CT01', or register 'BADSCU'" in finding.fix  # the title may be set wrong


def test_callers_from_elsewhere_say_nothing_of_who_must_act() -> None:
    forge = rejected()
    forge.association(forge.connection(initiator=Endpoint("10.0.0.7", 4000)), calling="CT01")
    assert only(RULE, forge.traffic()).act is Side.ACCEPTOR


def test_the_same_title_accepted_from_another_address_is_said() -> None:
    forge = rejected("CT01")
    forge.association(forge.connection(initiator=Endpoint("10.0.0.7", 4000)), calling="CT01")
    finding = only(RULE, forge.traffic())
    assert "It accepted this title from 10.0.0.7." in finding.message
    assert finding.act is Side.UNKNOWN


def test_the_same_title_accepted_under_another_called_title_is_said() -> None:
    forge = rejected("CT01")
    forge.association(calling="CT01", called="ARCHIVE")
    assert "accepted this title from this address when called 'ARCHIVE'" in only(RULE, forge.traffic()).message


def test_the_very_same_request_accepted_elsewhere_is_said() -> None:
    forge = rejected("CT01")
    forge.association(calling="CT01")
    assert "the very same titles" in only(RULE, forge.traffic()).message
