"""DS-DIMSE-003: commands that are not as the standard wants them."""

import pytest

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.rules.dimse.invalid_command import RULE
from tests.forge import pdus
from tests.forge.dialogue import ECHO, RESPONSE, Dialogue
from tests.forge.messages import command_bytes
from tests.forge.traffic import TrafficForge
from tests.forge.wire import BACK, OUT
from tests.rules.applying import hits, is_quiet, only
from tests.rules.judging import shape
from tests.rules.spoken import VERIFICATION, traffic_of

LACKING = "C-STORE-RQ without the mandatory (0000,0700)"


def _traffic(code: AnomalyCode, detail: str, status: int | None, **fields: object) -> Traffic:
    forge = TrafficForge()
    association = forge.association(**fields)  # type: ignore[arg-type]
    forge.exchange(association, "C-STORE", status=status)
    forge.anomaly(association, code, detail, evidence=forge.traffic().exchange(1).request)
    return forge.traffic()


@pytest.mark.parametrize(
    ("detail", "status", "severity"),
    [
        (LACKING, 0x0000, "note"),
        (LACKING, 0x0110, "error"),
        ("C-STORE-RQ: group length 99 where 10 bytes follow", 0x0000, "note"),
        ("C-STORE-RQ: group length 99 where 10 bytes follow", 0x0110, "warning"),
    ],
)
def test_fires_as_badly_as_it_ended(detail: str, status: int, severity: str) -> None:
    hit = only(RULE, _traffic(AnomalyCode.COMMAND_ODD, detail, status))
    assert hit.severity == severity and detail in hit.message and hit.act == "requestor"


def test_fires_where_the_receiver_aborted_then() -> None:
    traffic = _traffic(AnomalyCode.COMMAND_ODD, LACKING, None, outcome=Outcome.ABORTED, aborts=[("acceptor", 2, 1)])
    hit = only(RULE, traffic)
    assert hit.severity == "error" and "The receiver aborted then." in hit.message


@pytest.mark.parametrize("code", [AnomalyCode.COMMAND_UNDECODABLE, AnomalyCode.COMMAND_UNKNOWN_FIELD])
def test_fires_for_what_is_no_command_at_all(code: AnomalyCode) -> None:
    assert only(RULE, _traffic(code, "no Command Field (0000,0100)", 0)).severity == "error"


def test_is_quiet_about_sound_commands_and_other_oddities() -> None:
    assert is_quiet(RULE, _traffic(AnomalyCode.PDV_ODD_LENGTH, "odd", 0))
    assert not hits(RULE, traffic_of(lambda d: d.echo()))


def test_an_element_that_is_missing_on_the_wire_is_named() -> None:
    def talk(d: Dialogue) -> None:
        text = command_bytes(CommandField=ECHO, MessageID=1, CommandDataSetType=0x0101)
        d.wire.send(OUT, pdus.p_data(pdus.pdv(text, 1, command=True)))
        d._message_id = 1
        d.answer(ECHO, VERIFICATION, 0)

    hit = only(RULE, traffic_of(talk))
    assert "C-ECHO-RQ without the mandatory (0000,0002)" in hit.message and hit.severity == "note"


def test_a_response_without_a_status_leaves_the_outcome_unknown() -> None:
    def talk(d: Dialogue) -> None:
        d.ask(ECHO, VERIFICATION)
        d.message(BACK, VERIFICATION, CommandField=ECHO | RESPONSE, MessageIDBeingRespondedTo=1)

    hit = only(RULE, traffic_of(talk))
    assert (hit.severity, hit.act) == ("error", "acceptor")
    assert "C-ECHO-RSP without the mandatory (0000,0900)" in hit.message


def test_only_what_the_receiver_needs_is_the_reason_of_a_refusal() -> None:
    length = "C-STORE-RQ: group length 99 where 10 bytes follow"
    assert shape(_traffic(AnomalyCode.COMMAND_ODD, LACKING, 0x0110)) == [(RULE.id, ["DS-STORE-002"])]
    assert shape(_traffic(AnomalyCode.COMMAND_ODD, length, 0x0110)) == [("DS-STORE-002", [])]
