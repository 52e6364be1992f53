"""Who must act for a consequence is who must act for its cause."""

from typing import Any

import pytest

from dicomsniff import analyze
from dicomsniff.association.values import Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import About, Finding, Severity, Side
from dicomsniff.rules.runner import judge
from tests.captures import real
from tests.captures.losses import SAMPLES
from tests.forge.traffic import TrafficForge
from tests.rules.made_up import on, rule


def below(child_id: str, cause: dict[str, Any], child: dict[str, Any], traffic: Traffic | None = None) -> Finding:
    """The child of a finding with these fields."""
    if traffic is None:
        forge = TrafficForge()
        forge.exchange(forge.association(), "C-ECHO", status=0)
        traffic = forge.traffic()
    at = child.pop("at", 1)
    rules = (
        rule("DS-X-001", lambda a: on(a, **cause) if a.id == 1 else None, hides=(child_id,)),
        rule(child_id, lambda a: on(a, **child) if a.id == at else None),
    )
    [root] = judge(traffic, rules=rules, fence=False).findings
    [found] = root.children
    return found


CAUSE = {"act": Side.REQUESTOR, "actor": "CT01 (10.0.0.1)"}
ABORTED = {"act": Side.ACCEPTOR, "actor": "PACS (10.0.0.2:104)"}


def test_who_only_reacted_is_not_accused() -> None:
    found = below("DS-X-002", CAUSE, dict(ABORTED))
    assert (found.act, found.actor) == (Side.REQUESTOR, "CT01 (10.0.0.1)")


@pytest.mark.parametrize("side", [Side.NETWORK, Side.CAPTURE, Side.UNKNOWN])
def test_what_no_host_is_to_blame_for_accuses_none_below_it(side: Side) -> None:
    found = below("DS-X-002", {"act": side}, dict(ABORTED))
    assert (found.act, found.actor) == (side, None)


def test_what_names_nobody_goes_on_naming_nobody() -> None:
    found = below("DS-X-002", CAUSE, {"act": Side.UNKNOWN, "actor": "either of the two"})
    assert (found.act, found.actor) == (Side.UNKNOWN, "either of the two")


@pytest.mark.parametrize("severity", [Severity.NOTE, Severity.INFO])
def test_a_remark_keeps_its_side(severity: Severity) -> None:
    assert (
        below("DS-X-002", CAUSE | {"severity": Severity.WARNING}, ABORTED | {"severity": severity}).act is Side.ACCEPTOR
    )


@pytest.mark.parametrize("clue", ["DS-ASSOC-012", "DS-FIND-002", "DS-PC-002"])
def test_what_may_have_led_to_the_fault_keeps_its_side(clue: str) -> None:
    assert below(clue, CAUSE, dict(ABORTED)).act is Side.ACCEPTOR


def test_on_another_association_the_host_counts_and_not_its_role() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-ECHO", status=0)
    back = forge.connection(initiator=Endpoint("10.0.0.2", 50000), responder=Endpoint("10.0.0.1", 104))
    forge.exchange(forge.association(back), "C-ECHO", status=0)
    third = forge.connection(initiator=Endpoint("10.0.0.2", 50001), responder=Endpoint("10.0.0.3", 104))
    forge.exchange(forge.association(third), "C-ECHO", status=0)
    traffic = forge.traffic()
    about = {"about": About(associations=(2, 3)), "exchange": 1}
    archive = {"act": Side.REQUESTOR, "actor": "PACS (10.0.0.2)", "at": 2}
    assert below("DS-X-002", CAUSE | about, dict(archive), traffic).act is Side.ACCEPTOR
    assert below("DS-X-002", CAUSE | about, archive | {"at": 3}, traffic).act is Side.UNKNOWN


def test_nothing_below_a_fault_of_the_samples_accuses_the_other_side() -> None:
    for name in ("refused_contexts", "negotiation_flaws", "dimse_violations", "path_trouble", "retrieves"):
        for root in analyze(SAMPLES / f"{name}.pcap").findings:
            for child in real.flat(root.children):
                if child.severity in (Severity.ERROR, Severity.WARNING) and child.rule not in (
                    "DS-ASSOC-012",
                    "DS-PC-002",
                ):
                    assert child.act is Side.UNKNOWN or child.actor == root.actor, (root.rule, child.rule)
