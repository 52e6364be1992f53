"""AE titles that are none."""

from typing import Any

import pytest

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.negotiation import unknown_called_ae
from dicomsniff.rules.negotiation.malformed_ae import RULE, flaw
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport import closed_association
from tests.forge.traffic import CT, IMPLICIT, STUDY_MOVE, TrafficForge
from tests.rules.judging import found, only


def called(raw: bytes, **fields: Any) -> Traffic:
    forge = TrafficForge()
    title = raw.strip(b"\0 ").decode("latin-1")
    forge.association(called=title, request_fields={"called_ae_raw": raw}, **fields)
    return forge.traffic()


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b" " * 16, "blank"),
        (bytes(16), "blank"),
        (b"PACS".ljust(16, b"\0"), "NUL padded"),
        (b"PACS\r\n".ljust(16), "with a control character inside"),
        (b"PA\0CS".ljust(16), "with a control character inside"),
        (b"PA\\CS".ljust(16), "with a backslash"),
        ("KLINIKÜM".encode("latin-1").ljust(16), "with a character outside ASCII"),
        (b"A" * 17, "too long (17 characters)"),
        (b"PACS".ljust(16), None),
        (b"  PACS  2".ljust(16), None),
        (b"A&E/R-1_2.x".ljust(16), None),
    ],
)
def test_what_is_wrong_with_a_title(raw: bytes, what: str | None) -> None:
    assert flaw(raw) == what


def test_fires() -> None:
    finding = only(RULE, called(b"PACS\t".ljust(16)))
    assert "Called AE title of CT01 (10.0.0.1) in packet" in finding.message and "50 41 43 53 09" in finding.message
    assert (finding.severity, finding.act) == (Severity.WARNING, Side.REQUESTOR)


def test_is_quiet() -> None:
    assert found(RULE, called(b"PACS".ljust(16))) == ()


def test_nul_padding_that_was_accepted_is_a_note() -> None:
    assert only(RULE, called(b"PACS".ljust(16, b"\0"))).severity is Severity.NOTE


def test_a_rejection_of_it_is_its_consequence() -> None:
    traffic = called(b"PACS".ljust(16, b"\0"), outcome=Outcome.REJECTED, reject=(1, 1, 7))
    (root,) = judge(traffic, fence=False, rules=(RULE, unknown_called_ae.RULE)).findings
    assert (root.rule, root.severity, len(root.children)) == ("DS-ASSOC-011", Severity.ERROR, 1)
    full = called(b"PACS".ljust(16, b"\0"), outcome=Outcome.REJECTED, reject=(2, 3, 2))
    assert only(RULE, full).severity is Severity.WARNING


def test_an_abort_instead_of_an_answer_makes_it_an_error() -> None:
    traffic = called(b" " * 16, outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)], contexts=[(CT, [IMPLICIT], None)])
    assert only(RULE, traffic).severity is Severity.ERROR


def padded(*requests: dict[str, Any]) -> Traffic:
    """Associations of a library that pads both titles with NUL."""
    forge = TrafficForge()
    raw = {"called_ae_raw": b"PACS".ljust(16, b"\0"), "calling_ae_raw": b"CT01".ljust(16, b"\0")}
    for fields in requests:
        forge.association(request_fields=raw, **fields)
    return forge.traffic()


TURNED_AWAY = {"outcome": Outcome.REJECTED, "reject": (1, 1, 7)}
CLOSED = {"outcome": Outcome.CLOSED, "closed_by": "acceptor", "contexts": [(CT, [IMPLICIT], None)]}


def test_two_titles_that_are_wrong_alike_are_one_finding() -> None:
    finding = only(RULE, padded(TURNED_AWAY))
    assert finding.message.startswith("Called and Calling AE titles of CT01 (10.0.0.1) in packet")
    assert "'PACS············', 50" in finding.message and "'CT01············', 43" in finding.message


def test_a_close_instead_of_an_answer_is_its_consequence_and_a_later_one_is_not() -> None:
    rules = (RULE, closed_association.RULE)
    (root,) = judge(padded(CLOSED), fence=False, rules=rules).findings
    assert (root.rule, root.severity, len(root.children)) == ("DS-ASSOC-011", Severity.ERROR, 1)
    later = called(b"PA\\CS".ljust(16), outcome=Outcome.CLOSED, closed_by="acceptor")
    assert len(judge(later, fence=False, rules=rules).findings) == 2


def test_silence_has_other_reasons_than_a_title() -> None:
    silent = {"outcome": Outcome.UNANSWERED, "closed_by": "requestor", "contexts": [(CT, [IMPLICIT], None)]}
    finding = only(RULE, padded(silent))
    assert finding.severity is Severity.WARNING and finding.message.endswith("It went unanswered.")


def test_what_the_acceptor_bears_with_elsewhere_did_not_make_it_turn_a_request_away() -> None:
    findings = found(RULE, padded({}, TURNED_AWAY, CLOSED))
    assert {finding.severity for finding in findings} == {Severity.NOTE}
    rules = (RULE, unknown_called_ae.RULE)
    assert judge(padded({}, TURNED_AWAY), fence=False, rules=rules).findings[0].rule == "DS-ASSOC-001"


def test_a_move_destination_is_judged_too() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_MOVE, [IMPLICIT], 0)])
    forge.exchange(association, "C-MOVE", status=0xA801, move_destination="A_TITLE_THAT_IS_TOO_LONG")
    finding = only(RULE, forge.traffic())
    assert "Move Destination of C-MOVE 1" in finding.message and finding.exchange == 1
