"""Exchanges picked from real captures."""

import pytest

from dicomsniff.api import analyze
from dicomsniff.query import ExpressionError, parse, pick
from tests.captures import real


def picked(name: str, expression: str) -> list[tuple[str, str | None]]:
    read = analyze(real.capture(name), rules=False, transcribe="messages")
    try:
        return [(e.service, e.status_class) for e in pick(read.traffic, parse(expression))]
    finally:
        read.close()


@real.here
def test_exchanges_are_picked_by_command_association_and_data_set() -> None:
    failed = picked("query_retrieve", 'service == "C-MOVE" and status_class == "failure"')
    assert failed == [("C-MOVE", "failure")] * 2
    assert picked("query_retrieve", 'PatientID == "NOBODY"') == [("C-FIND", "success")]
    assert picked("query_retrieve", 'move_destination == "NOWHERE" and called_ae == "ACME_STORE"') == failed[:1]
    assert len(picked("query_retrieve", 'Modality == "CT" and requested_by == "acceptor"')) == 3
    assert picked("workflow_mwl_mpps_commit", 'ScheduledProcedureStepSequence.ScheduledProcedureStepID == "SPS2"')
    assert {service for service, _ in picked("workflow_mwl_mpps_commit", "Priority == 2")} == {"C-FIND", "C-STORE"}
    assert picked("store_warning_b000", 'like(error_comment, "*InstanceNumber*")') == [("C-STORE", "warning")]
    assert picked("slow_server", "first_response_ms > 1000") and not picked("echo_ok", "first_response_ms > 1000")


@real.here
def test_a_name_that_nothing_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(ExpressionError, match="did you mean PatientName"):
        picked("echo_ok", 'PatientNmae == "x"')
    with pytest.raises(ExpressionError, match="did you mean status_class"):
        picked("echo_ok", 'status_clas == "x"')
    with pytest.raises(ExpressionError, match="nothing has the name x"):
        picked("echo_ok", 'x.PatientName == "x"')


@real.here
@pytest.mark.parametrize("name", real.names() if real.CAPTURES.is_dir() else [])
def test_every_attribute_of_every_exchange_can_be_read(name: str) -> None:
    from dicomsniff.query.attributes import ATTRIBUTES, Attributes

    read = analyze(real.capture(name), rules=False, transcribe="messages")
    attributes = Attributes(read.traffic)
    for exchange in read.traffic.exchanges:
        lookup = attributes.of(exchange)
        for attribute in (*ATTRIBUTES, "MessageID", "CommandField", "PatientID"):
            lookup(attribute)
    read.close()
