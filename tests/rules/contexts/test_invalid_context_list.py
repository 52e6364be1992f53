"""DS-PC-006: lists of contexts that break the rules, or were cut off."""

from pathlib import Path

import pytest

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.pdu.values import ProposedContext
from dicomsniff.rules.contexts.invalid_context_list import RULE
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation import aborted_negotiation
from dicomsniff.rules.runner import judge
from tests.association.dialogue import Dialogue, read
from tests.forge import pdus
from tests.forge.traffic import CT, IMPLICIT, MR, SC, TrafficForge
from tests.forge.wire import BACK
from tests.rules.judging import found, only, verdict


def listing(*ids: int, used: str | None = None) -> Traffic:
    """A request with contexts of these IDs; `used` is a class that the requestor stores on another association."""
    forge = TrafficForge()
    if used:
        forge.exchange(forge.association(contexts=[(used, [IMPLICIT], 0)]), "C-STORE", status=0)
    forge.association(request_fields={"contexts": tuple(ProposedContext(id, CT, (IMPLICIT,)) for id in ids)})
    return forge.traffic()


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ((1, 2, 3), "ID 2 even"),
        ((0, 2, 4, 6, 8, 10), "IDs 0, 2, 4, 6 and 2 more even"),
        ((1, 3, 3), "ID 3 more than once"),
        (tuple(n % 256 for n in range(1, 300, 2)), "more than the 128"),
    ],
)
def test_fires(ids: tuple[int, ...], words: str) -> None:
    finding = only(RULE, listing(*ids))
    assert words in finding.message
    assert (finding.severity, finding.act) == (Severity.WARNING, Side.REQUESTOR)


def test_is_quiet() -> None:
    assert verdict(RULE, listing(1, 5, 3, 255)) is Verdict.CLEAR
    assert found(RULE, listing(*range(1, 251, 2))) == ()


def test_a_full_list_is_legal_and_a_fact() -> None:
    assert only(RULE, listing(*range(1, 257, 2))).severity is Severity.INFO
    assert only(RULE, listing(*range(1, 257, 2), used=CT)).severity is Severity.INFO


def test_a_full_list_that_lacks_a_class_in_use_was_cut_off() -> None:
    finding = only(RULE, listing(*range(1, 257, 2), used=MR))
    assert "and not MR Image Storage, which the requestor uses" in finding.message
    assert finding.severity is Severity.WARNING
    assert found(RULE, listing(1, 3, 5, used=SC)) == ()


@pytest.mark.parametrize(
    ("outcome", "severity"), [(Outcome.RELEASED, Severity.NOTE), (Outcome.ABORTED, Severity.WARNING)]
)
def test_a_padded_uid_weighs_what_came_of_it(tmp_path: Path, outcome: Outcome, severity: Severity) -> None:
    talk = Dialogue()
    talk.wire.connect()
    talk.say(pdus.request(pdus.proposed_context(1, pdus.VERIFICATION + "\0", IMPLICIT)))
    if outcome is Outcome.RELEASED:
        talk.say(pdus.acceptance(), BACK).echo().release()
    else:
        talk.wire.send(BACK, pdus.abort(2, 4)).close(BACK)
    finding = only(RULE, read(tmp_path / "padded.pcap", talk))
    assert "the abstract syntax of context 1 is padded with a NUL" in finding.message
    assert finding.severity is severity


def test_an_abort_instead_of_an_answer_is_its_consequence() -> None:
    for ids, root in (((1, 3, 3), "DS-PC-006"), ((1, 3, 5), "DS-ASSOC-007")):
        forge = TrafficForge()
        proposed = tuple(ProposedContext(id, CT, (IMPLICIT,)) for id in ids)
        unanswered = [(CT, [IMPLICIT], None)]
        aborts = [("acceptor", 2, 6)]
        forge.association(
            contexts=unanswered, outcome=Outcome.ABORTED, aborts=aborts, request_fields={"contexts": proposed}
        )
        judged = judge(forge.traffic(), fence=False, rules=(RULE, aborted_negotiation.RULE)).findings
        assert [(finding.rule, finding.severity) for finding in judged] == [(root, Severity.ERROR)]


def test_a_padded_uid_is_a_note_unless_everything_was_refused() -> None:
    def padded(result: int | None, outcome: Outcome) -> Traffic:
        forge = TrafficForge()
        made = forge.association(contexts=[(CT, [IMPLICIT], result)], outcome=outcome, aborts=[("acceptor", 2, 0)])
        forge.anomaly(made, AnomalyCode.CONTEXT_UID_INVALID, "context 1: its abstract syntax is padded")
        return forge.traffic()

    assert only(RULE, padded(None, Outcome.ABORTED)).severity is Severity.WARNING
    assert only(RULE, padded(0, Outcome.ABORTED)).severity is Severity.NOTE
    forge = TrafficForge()
    made = forge.association()
    forge.anomaly(made, AnomalyCode.CONTEXT_UID_INVALID, "context 1: padded", "acceptor")
    assert found(RULE, forge.traffic()) == ()  # that of the acceptance is not the requestor's
