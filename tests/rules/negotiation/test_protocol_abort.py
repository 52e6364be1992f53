"""Aborts by the protocol layer, and what provoked them."""

import pytest

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.rules.finding import Side, Verdict
from dicomsniff.rules.negotiation.protocol_abort import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.judging import found, only, verdict


def aborted(codes: tuple[AnomalyCode, ...] = (), source: int = 2, role: str = "requestor") -> Traffic:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", source, 2), ("acceptor", 2, 1)])
    forge.exchange(association, "C-ECHO", status=0)
    for code in codes:
        forge.anomaly(association, code, f"detail of {code}", role)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, aborted()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, aborted(source=0)) is Verdict.CLEAR


@pytest.mark.parametrize("code", sorted(set(AnomalyCode) - {AnomalyCode.PDU_TRUNCATED, AnomalyCode.DATASET_NEVER_SENT}))
def test_each_oddity_is_named_as_the_offending_pdu(code: AnomalyCode) -> None:
    finding = only(RULE, aborted((code,)))
    assert f"Offending PDU: packet 8 (detail of {code})" in finding.message
    assert (finding.act, finding.facts["anomaly"]) == (Side.REQUESTOR, str(code))


def test_the_first_of_several_is_the_cause() -> None:
    finding = only(RULE, aborted((AnomalyCode.PDV_BAD_LENGTH, AnomalyCode.PDU_UNKNOWN_TYPE)))
    assert finding.facts["anomaly"] == "pdv-bad-length"


def test_without_an_offence_the_side_that_aborted_must_look() -> None:
    finding = only(RULE, aborted())
    assert "Nothing wrong was recognised in what it had received." in finding.message
    assert finding.act is Side.ACCEPTOR


def test_its_own_oddity_or_one_it_went_on_after_is_no_cause() -> None:
    assert only(RULE, aborted((AnomalyCode.PDV_BAD_LENGTH,), role="acceptor")).facts["anomaly"] is None
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 0)])
    forge.anomaly(association, AnomalyCode.PDV_ODD_LENGTH)
    forge.exchange(association, "C-ECHO", status=0)
    assert only(RULE, forge.traffic()).facts["anomaly"] is None


def test_the_reserved_source_is_treated_alike() -> None:
    assert "reserved" in only(RULE, aborted(source=1)).message


def test_an_abort_during_negotiation_is_told_by_another_rule() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 0)])
    assert found(RULE, forge.traffic()) == ()
