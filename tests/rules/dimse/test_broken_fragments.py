"""DS-DIMSE-006: fragments mixed up or malformed."""

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.rules.dimse.broken_fragments import RULE
from tests.captures import real
from tests.forge import pdus
from tests.forge.dialogue import STORE, Dialogue
from tests.forge.messages import store_rq
from tests.forge.traffic import TrafficForge
from tests.forge.wire import OUT
from tests.rules.applying import hits, is_quiet, only
from tests.rules.spoken import CT, traffic_of

MIXED = "a command on context 1 begins inside a C-STORE-RQ on context 1"


def _traffic(code: AnomalyCode, detail: str, status: int | None = 0) -> Traffic:
    forge = TrafficForge()
    association = forge.association()
    forge.exchange(association, "C-STORE", status=status)
    forge.anomaly(association, code, detail, evidence=forge.traffic().exchange(1).request)
    return forge.traffic()


@pytest.mark.parametrize(
    ("code", "status", "severity"),
    [
        (AnomalyCode.PDV_UNEXPECTED_FRAGMENT, 0, "error"),
        (AnomalyCode.PDV_BAD_LENGTH, 0, "error"),
        (AnomalyCode.PDV_ODD_LENGTH, 0, "note"),
        (AnomalyCode.PDV_ODD_LENGTH, 0x0110, "warning"),
    ],
)
def test_fires_for_each_kind(code: AnomalyCode, status: int, severity: str) -> None:
    hit = only(RULE, _traffic(code, MIXED, status))
    assert (hit.severity, hit.act) == (severity, "requestor") and MIXED in hit.message


def test_fires_where_the_next_request_begins_inside_an_object() -> None:
    def talk(d: Dialogue) -> None:
        half = pdus.p_data(pdus.pdv(store_rq(), 3, command=True), pdus.pdv(b"half", 3, last=False))
        d.wire.send(OUT, half)
        d.echo()

    hit = only(RULE, traffic_of(talk))
    assert "begins inside a C-STORE-RQ on context 3" in hit.message


def test_fires_for_an_object_without_a_byte() -> None:
    def talk(d: Dialogue) -> None:
        empty = pdus.p_data(pdus.pdv(store_rq(), 3, command=True), pdus.pdv(b"", 3))
        d.wire.send(OUT, empty)
        d._message_id = 1
        d.answer(STORE, CT, 0)

    assert "without a single byte" in only(RULE, traffic_of(talk)).message


def test_is_quiet_about_one_message_on_two_contexts_which_another_rule_tells() -> None:
    detail = "a data fragment on context 3 inside a C-STORE-RQ on context 1"
    assert is_quiet(RULE, _traffic(AnomalyCode.PDV_UNEXPECTED_FRAGMENT, detail))
    assert is_quiet(RULE, traffic_of(lambda d: d.store(CT, "1.2.3", b"12")))


@real.here
def test_real_odd_fragments_that_were_understood_are_a_note() -> None:
    assert {hit.severity for hit in hits(RULE, real.analysis("edge/e34_odd").traffic)} == {"note"}
