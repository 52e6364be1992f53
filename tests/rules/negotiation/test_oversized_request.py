"""Requests that propose far more than is used."""

from typing import Any

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.negotiation.oversized_request import RULE
from dicomsniff.rules.runner import judge
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.rules.judging import found, only, shape


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


def failing(*short: bool, **fields: Any) -> Traffic:
    """A long request that came to nothing, and short ones that did or did not."""
    forge = TrafficForge()
    made = {"outcome": Outcome.ABORTED, "aborts": [("acceptor", 2, 0)]} | fields
    forge.association(contexts=[(CT, [IMPLICIT], None)] * 100, request_fields={"length": 20_000}, **made)
    for fails in short:
        if fails:
            forge.association(contexts=[(CT, [IMPLICIT], None)], request_fields={"length": 300}, **made)
        else:
            forge.association(contexts=[(CT, [IMPLICIT], 0)], request_fields={"length": 300})
    return forge.traffic()


def test_an_acceptor_that_fails_on_it_alone_makes_it_an_error_of_nobody_for_sure() -> None:
    finding = only(RULE, failing(False))
    assert "which answers short ones, then aborted, as receivers with small buffers do" in finding.message
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.UNKNOWN)
    silent = failing(False, outcome=Outcome.UNANSWERED, aborts=[])
    assert only(RULE, silent).severity is Severity.ERROR
    assert shape(failing(False)) == [(RULE.id, ["DS-ASSOC-007"])]


def test_one_that_fails_on_short_requests_too_or_got_none_does_not_fail_for_the_length_as_far_as_is_known() -> None:
    assert only(RULE, failing(False, True)).severity is Severity.NOTE
    assert only(RULE, failing()).severity is Severity.NOTE
    assert shape(failing()) == [("DS-ASSOC-007", [])]
    assert only(RULE, failing(False, aborts=[("requestor", 0, 0)])).severity is Severity.NOTE
    assert only(RULE, failing(False, blind=[Blind.ANSWER])).severity is Severity.NOTE


def test_a_long_request_that_was_accepted_explains_no_ending() -> None:
    traffic = asked(100, 40_000, used=0, outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)])
    assert shape(traffic) == [("DS-ASSOC-007", [])]


def test_that_128_contexts_are_the_most_there_can_be_is_told_once() -> None:
    """DS-PC-006 tells the same list of contexts; it stands below."""
    told = judge(asked(), fence=False).findings
    assert [(f.rule, [child.rule for child in f.children]) for f in told if f.rule in (RULE.id, "DS-PC-006")] == [
        (RULE.id, ["DS-PC-006"])
    ]
