"""DS-DIMSE-008: failures that no rule of a service tells."""

from typing import Any

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules import query, retrieve, storage
from dicomsniff.rules.dimse.claims import told_by_service
from dicomsniff.rules.dimse.failed_operation import RULE
from dicomsniff.rules.finding import Side
from tests.forge.retrieve import Move
from tests.forge.traffic import ARCHIVE, IMPLICIT, MODALITY, STUDY_MOVE, ContextSpec, TrafficForge, status_class
from tests.rules.applying import hits, is_quiet, only

MOVE: list[ContextSpec] = [(STUDY_MOVE, [IMPLICIT], 0)]
PROCEDURE: list[ContextSpec] = [("1.2.840.10008.5.1.4.34.6.1", [IMPLICIT], 0)]
CONSEQUENCES = ("DS-STORE-006", "DS-RET-006")  # roots or children of what tells the failure
FAILURES = [code for code in range(0x10000) if status_class(code) == "failure"]


def _traffic(service: str, status: int, contexts: list[ContextSpec] | None = None, **fields: Any) -> Traffic:
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=contexts or MOVE), service, status=status, **fields)
    return forge.traffic()


def test_fires_for_a_failed_echo_with_its_comment() -> None:
    hit = only(RULE, _traffic("C-ECHO", 0x0211, error_comment="not here"))
    assert "0x0211 (Unrecognized operation)" in hit.message and "comment 'not here'" in hit.message


def test_fires_for_an_n_service_with_the_attributes_it_names() -> None:
    hit = only(RULE, _traffic("N-SET", 0x0105, PROCEDURE, attribute_identifiers=(0x20000010,), error_id=7))
    assert "attributes NumberOfCopies (2000,0010)" in hit.message and "error ID 0x0007" in hit.message


def test_fires_for_a_failed_move_with_counters_and_the_refused_callback() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=MOVE)
    forge.exchange(
        association, "C-MOVE", status=0xA702, after=1.0, move_destination="WS1", suboperations=(None, 0, 3, 0)
    )
    callback = forge.connection(
        opened="refused", initiator=Endpoint(ARCHIVE.ip, 5), responder=Endpoint(MODALITY.ip, 11113)
    )
    traffic = forge.traffic()
    assert "0 completed, 3 failed" in only(RULE, traffic).message
    assert "11113" not in only(RULE, traffic).message, "the callback came after the answer"
    assert callback == 2


def test_tells_the_callback_that_was_refused_while_a_move_ran() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.refused(Endpoint(MODALITY.ip, 11113))
    move.done(0xA702)
    assert "10.0.0.1:11113 (refused)" in only(RULE, forge.traffic()).message


@pytest.mark.parametrize("status", [0x0000, 0x0107, 0x0116, 0xB000, 0xFE00])
def test_is_quiet_about_success_warning_and_cancel(status: int) -> None:
    assert is_quiet(RULE, _traffic("N-SET", status, PROCEDURE))


def test_is_quiet_about_a_destination_that_retrieve_explains() -> None:
    assert is_quiet(RULE, _traffic("C-MOVE", 0xA801, move_destination="NOWHERE"))


@pytest.mark.parametrize("service", ["C-STORE", "C-FIND", "C-MOVE", "C-GET", "C-ECHO"])
def test_every_failure_is_told_exactly_once(service: str) -> None:
    rules = [RULE, *(r for r in (*storage.RULES, *query.RULES, *retrieve.RULES) if r.id not in CONSEQUENCES)]
    for status in (*range(0x0100, 0x0220), 0xA700, 0xA702, 0xA7FF, 0xA801, 0xA900, 0xAA00, 0xC000, 0xD000):
        traffic = _traffic(service, status, move_destination="WS1")
        told = [rule.id for rule in rules for hit in hits(rule, traffic) if hit.severity in (None, "error")]
        warned = service == "C-STORE" and status_class(status) == "warning"
        assert len(told) == warned + (status_class(status) == "failure"), f"{status:04X}: {told}"


def test_no_claim_goes_beyond_failures_of_its_service() -> None:
    assert not any(told_by_service(service, code) for service in ("C-ECHO", "C-GET", "N-SET") for code in FAILURES)


@pytest.mark.parametrize(
    ("service", "sop_class", "told"),
    [
        ("N-CREATE", "1.2.840.10008.3.1.2.3.3", True),
        ("N-ACTION", "1.2.840.10008.1.20.1", True),
        ("N-EVENT-REPORT", "1.2.840.10008.1.20.1", True),
        ("N-CREATE", "1.2.840.10008.5.1.1.1", True),
        ("N-GET", "1.2.840.10008.3.1.2.3.3", False),
    ],
)
def test_failures_of_procedure_steps_and_commitments_are_told_by_their_rules(
    service: str, sop_class: str, told: bool
) -> None:
    assert told_by_service(service, 0x0110, sop_class) is told
    assert bool(hits(RULE, _traffic(service, 0x0110, [(sop_class, [IMPLICIT], 0)]))) is not told


def test_a_response_alone_is_told_here_as_no_other_rule_knows_its_request() -> None:
    traffic = _traffic("N-CREATE", 0x0110, [("1.2.840.10008.3.1.2.3.3", [IMPLICIT], 0)], request=None)
    assert len(hits(RULE, traffic)) == 1


def test_nobody_is_named_where_what_was_asked_was_not_captured() -> None:
    assert only(RULE, _traffic("C-ECHO", 0x0211)).act is Side.ACCEPTOR
    hit = only(RULE, _traffic("C-ECHO", 0x0211, request_complete=False))
    assert (hit.act, hit.actor) == (Side.UNKNOWN, None)


def test_nobody_is_sent_to_a_comment_that_is_not_there() -> None:
    assert only(RULE, _traffic("C-ECHO", 0x0211, error_comment="not here")).fix is None
    silent = only(RULE, _traffic("C-ECHO", 0x0211)).fix
    assert silent is not None and silent.startswith("Look into the log of PACS") and "omment" not in silent


def test_a_move_that_was_given_up_before_anything_was_tried_points_at_the_destination_and_the_study() -> None:
    """Orthanc answers 0xC000 to an unknown destination as well as to an unknown study."""
    fix = only(RULE, _traffic("C-MOVE", 0xC000, move_destination="WS1", suboperations=(None, 0, 0, 0))).fix
    assert fix is not None and fix.startswith("See whether 'WS1' is registered on PACS")
    some = only(RULE, _traffic("C-MOVE", 0xC000, move_destination="WS1", suboperations=(None, 2, 1, 0))).fix
    assert some is not None and some.startswith("Look into the log of PACS")


@pytest.mark.parametrize(("status", "act"), [(0x0110, Side.ACCEPTOR), (0x0211, Side.ACCEPTOR), (0x0115, Side.UNKNOWN)])
def test_who_finds_fault_with_what_it_was_asked_for_is_not_at_fault_for_sure(status: int, act: Side) -> None:
    assert only(RULE, _traffic("N-ACTION", status, PROCEDURE)).act is act
    assert only(RULE, _traffic("C-MOVE", 0xA900)).act is Side.UNKNOWN
