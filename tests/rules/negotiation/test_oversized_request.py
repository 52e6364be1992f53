"""Requests that propose far more than is used."""

from typing import Any

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.negotiation.oversized_request import RULE
from dicomsniff.rules.runner import judge
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.rules.judging import found, only


def asked(number: int = 128, length: int = 10_000, used: int = 1, answered: bool = True, **fields: Any) -> Traffic:
    forge = TrafficForge()
    contexts = [(CT, [IMPLICIT], 0 if answered else None)] * number
    association = forge.association(contexts=contexts, request_fields={"length": length}, **fields)
    for n in range(used):
        forge.exchange(association, "C-STORE", context_id=2 * n + 1, status=0)
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, asked())
    assert "CT01 (10.0.0.1) proposes 128 contexts in 10006 bytes" in finding.message and "uses 1" in finding.message
    assert (finding.severity, finding.act) == (Severity.NOTE, Side.REQUESTOR)


@pytest.mark.parametrize(
    "traffic",
    [asked(64), asked(used=7), asked(used=0), asked(1, 16 << 10)],
    ids=["not many", "used", "ended before any message", "not long"],
)
def test_is_quiet(traffic: Traffic) -> None:
    assert found(RULE, traffic) == ()


@pytest.mark.parametrize(("length", "severity"), [(17_000, Severity.NOTE), (160_000, Severity.WARNING)])
def test_length_alone_is_enough(length: int, severity: Severity) -> None:
    finding = only(RULE, asked(20, length, used=0))
    assert finding.severity is severity
    assert ("oversized request" in finding.message) is (severity is Severity.WARNING)


def failing(small_too: bool = False, **fields: Any) -> Traffic:
    forge = TrafficForge()
    for length in (20_000, *([300] if small_too else [])):
        made = {"outcome": Outcome.ABORTED, "aborts": [("acceptor", 2, 0)]} | fields
        forge.association(contexts=[(CT, [IMPLICIT], None)] * 100, request_fields={"length": length}, **made)
    return forge.traffic()


def test_an_acceptor_that_fails_on_it_makes_it_an_error_of_nobody_for_sure() -> None:
    finding = only(RULE, failing())
    assert "then aborted, as receivers with small buffers do" in finding.message
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.UNKNOWN)
    assert only(RULE, failing(outcome=Outcome.UNANSWERED, aborts=[])).severity is Severity.ERROR


def test_one_that_fails_on_short_requests_too_does_not_fail_for_the_length() -> None:
    assert only(RULE, failing(small_too=True)).severity is Severity.NOTE
    assert only(RULE, failing(aborts=[("requestor", 0, 0)])).severity is Severity.NOTE
    assert only(RULE, failing(blind=[Blind.ANSWER])).severity is Severity.NOTE


def test_that_128_contexts_are_the_most_there_can_be_is_told_once() -> None:
    """DS-PC-006 tells the same list of contexts; it stands below."""
    told = judge(asked(), fence=False).findings
    assert [(f.rule, [child.rule for child in f.children]) for f in told if f.rule in (RULE.id, "DS-PC-006")] == [
        (RULE.id, ["DS-PC-006"])
    ]
