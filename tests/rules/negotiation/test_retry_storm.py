"""The same failure again and again."""

from typing import Any

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.negotiation.retry_storm import RULE
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.rules.judging import found, only

REJECTED: dict[str, Any] = {"outcome": Outcome.REJECTED, "reject": (1, 1, 7)}


def tries(*pauses: float, success_after: int | None = None, **fields: Any) -> Traffic:
    """One failed attempt before each pause and one behind the last."""
    forge = TrafficForge()
    for n, pause in enumerate((*pauses, 0.0)):
        forge.association(**(fields or REJECTED))
        forge.traffic()  # settles the end, before time goes on
        forge.wait(pause)
        if n == success_after:
            forge.association()
            forge.traffic()
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, tries(*[10.0] * 5))
    assert "CT01 (10.0.0.1) repeats the same failing association to PACS (10.0.0.2:104) 6 times" in finding.message
    assert "DS-ASSOC-001: rejected-permanent" in finding.message and "every 10 s" in finding.message
    assert "trying again cannot help" in finding.message
    assert (finding.severity, finding.act, finding.facts["attempts"]) == (Severity.WARNING, Side.REQUESTOR, 6)


def test_fires_for_four_attempts_without_a_pause() -> None:
    assert only(RULE, tries(0.1, 0.1, 0.1)).facts["attempts"] == 4


@pytest.mark.parametrize(
    "traffic",
    [tries(10, 10, 10), tries(*[100.0] * 6), tries(*[400.0] * 9), tries(0.1, 0.1), tries(*[10.0] * 5, success_after=2)],
    ids=["four", "slow", "slower", "three at once", "a success between"],
)
def test_is_quiet(traffic: Traffic) -> None:
    assert found(RULE, traffic) == ()


def test_an_association_that_was_not_seen_whole_may_have_been_a_success() -> None:
    forge = TrafficForge()
    for n in range(6):
        forge.association(**REJECTED)
        if n == 3:
            forge.association(request=None, accept=None, blind=[Blind.REQUEST], called="")
        forge.traffic()
        forge.wait(10)
    assert found(RULE, forge.traffic()) == ()


def test_pauses_that_grow_are_what_a_good_client_does() -> None:
    finding = only(RULE, tries(2, 4, 8, 16, 32))
    assert finding.severity is Severity.NOTE and "grow from 2 s to 32 s" in finding.message


def test_refused_connections_count_too() -> None:
    forge = TrafficForge()
    for _ in range(6):
        forge.connection(opened="refused")
        forge.wait(5)
    finding = only(RULE, forge.traffic())
    assert "10.0.0.1 repeats" in finding.message and "DS-TCP-001: connection refused" in finding.message


def test_every_context_refused_is_a_failure_though_the_association_was_released() -> None:
    assert "DS-PC-001" in only(RULE, tries(*[10.0] * 5, contexts=[(CT, [IMPLICIT], 3)])).message


def test_one_object_that_blocks_a_queue_is_named() -> None:
    forge = TrafficForge()
    for _ in range(6):
        association = forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)])
        forge.exchange(association, "C-STORE", sop_instance="1.2.3.666")
        forge.traffic()
        forge.wait(5)
    assert "aborted on C-STORE of CT Image Storage 1.2.3.666" in only(RULE, forge.traffic()).message


def test_workers_side_by_side_that_fail_once_each_are_no_storm() -> None:
    forge = TrafficForge()
    connections = [forge.connection(initiator=Endpoint("10.0.0.1", 40000 + n)) for n in range(8)]
    for connection in connections:
        forge.association(connection, **REJECTED)
    assert found(RULE, forge.traffic()) == ()


def test_thousands_of_attempts_are_one_finding() -> None:
    forge = TrafficForge()
    for _ in range(3000):
        forge.connection(opened="refused")
        forge.wait(1.5)
    finding = only(RULE, forge.traffic())
    assert finding.facts["attempts"] == 3000 and finding.count == 1


def test_what_may_have_gone_well_unseen_is_no_failure() -> None:
    aborted: dict[str, Any] = {"outcome": Outcome.ABORTED, "aborts": [("acceptor", 0, 0)]}
    assert found(RULE, tries(*[10.0] * 5, **aborted))
    assert found(RULE, tries(*[10.0] * 5, blind=[Blind.HOLE_TO_REQUESTOR], **aborted)) == ()


def test_who_only_leaves_without_a_release_did_not_fail() -> None:
    left: dict[str, Any] = {"outcome": Outcome.CLOSED, "closed_by": "requestor"}
    assert found(RULE, tries(*[10.0] * 5, **left)) == ()


@pytest.mark.parametrize(
    ("reject", "rule"),
    [
        ((1, 1, 3), "DS-ASSOC-002"),
        ((1, 1, 1), "DS-ASSOC-003"),
        ((2, 3, 2), "DS-ASSOC-005"),
        ((1, 1, 2), "DS-ASSOC-004"),
    ],
)
def test_the_rule_that_tells_the_failure_is_named(reject: tuple[int, int, int], rule: str) -> None:
    made: dict[str, Any] = {"outcome": Outcome.REJECTED, "reject": reject}
    finding = only(RULE, tries(*[10.0] * 5, **made))
    assert finding.facts["failure"] == rule
    assert finding.facts["permanent"] is (reject[0] == 1)
