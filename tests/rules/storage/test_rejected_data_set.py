"""DS-STORE-002: objects that the archive could not take, or may not."""

import dataclasses
from typing import Any

import pytest

from dicomsniff.association.values import Blind, Context, ContextResult, Traffic
from dicomsniff.rules.finding import Side
from dicomsniff.rules.storage.rejected_data_set import RULE
from tests.forge.traffic import CT, IMPLICIT, MR, TrafficForge, data_set
from tests.rules.applying import is_quiet, only

UIDS: dict[str, Any] = {
    "SOPClassUID": CT,
    "SOPInstanceUID": "1.2.3",
    "StudyInstanceUID": "1.2",
    "SeriesInstanceUID": "1.3",
}


def _traffic(status: int, **fields: Any) -> Traffic:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=status, **fields)
    return forge.traffic()


def _cut(traffic: Traffic) -> Traffic:
    """The same, some bytes of the object not captured."""
    exchange = traffic.exchange(1)
    assert exchange.payload is not None
    exchange.payload = dataclasses.replace(exchange.payload, missing=((10, 20),), complete=False, sha256=None)
    return traffic


def test_fires_with_comment_and_offending_element() -> None:
    hit = only(RULE, _traffic(0xC000, error_comment="no patient", offending_elements=(0x00100020,)))
    assert "could not take CT Image Storage" in hit.message and "0xC000 (Error: cannot understand)" in hit.message
    assert "⟪comment 'no patient'⟫, offending element PatientID (0010,0020)" in hit.message


def test_what_was_not_seen_whole_may_be_at_fault_itself() -> None:
    body = data_set(**UIDS, PatientID="1")
    seen = _traffic(0xC000, data=body)
    cut, forbidden = (_cut(_traffic(status, data=body)) for status in (0xC000, 0x0122))
    assert only(RULE, seen).act is Side.ACCEPTOR and "captured" not in only(RULE, seen).message
    assert only(RULE, cut).act is Side.UNKNOWN and only(RULE, cut).message.endswith("may be at fault itself.")
    assert only(RULE, forbidden).act is Side.ACCEPTOR


@pytest.mark.parametrize("status", [0x0118, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212])
def test_fires_as_not_permitted_although_the_context_was_accepted(status: int) -> None:
    hit = only(RULE, _traffic(status))
    assert "did not permit" in hit.message and "had accepted the presentation context" in hit.message


def test_fires_naming_what_the_data_set_lacks() -> None:
    body = data_set(**UIDS, PatientID="", PatientName="A^B", StudyID="1")
    hit = only(RULE, _traffic(0xA900, data=body, sop_instance="1.2.9"))
    assert "PatientID is empty" in hit.message
    assert "SOPInstanceUID in the data set differs" in hit.message


def test_fires_naming_what_accepted_objects_have() -> None:
    forge = TrafficForge()
    association = forge.association()
    forge.exchange(association, "C-STORE", status=0, data=data_set(**UIDS, PatientID="1", Modality="CT", Rows=512))
    body = data_set(**UIDS, PatientID="1", Rows=512)
    forge.exchange(association, "C-STORE", status=0xC000, data=body, sop_instance="1.2.3")
    assert "it lacks Modality, which accepted objects have" in only(RULE, forge.traffic()).message


def test_fires_naming_the_class_of_which_nothing_was_accepted() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=[(CT, [IMPLICIT], 0), (MR, [IMPLICIT], 0)])
    forge.exchange(association, "C-STORE", status=0)
    forge.exchange(association, "C-STORE", status=0xA900, context_id=3)
    assert "no object of its class was accepted, though 1 object of others" in only(RULE, forge.traffic()).message


def test_is_quiet_about_stored_objects_and_full_disks() -> None:
    for status in (0x0000, 0xA700, 0xB000, 0x0107, 0x0116):
        assert is_quiet(RULE, _traffic(status))


def test_does_not_claim_an_acceptance_that_was_not_seen() -> None:
    guessed = Context(1, CT, (), ContextResult.ACCEPTED, None, IMPLICIT, inferred=True)
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=[guessed], blind=[Blind.REQUEST]), "C-STORE", status=0x0122)
    hit = only(RULE, forge.traffic())
    assert "accepted the presentation context" not in hit.message and "only object seen" in hit.message


@pytest.mark.parametrize(("confidence", "told"), [(None, True), ("high", True), ("low", False)])
def test_a_syntax_that_is_only_likely_is_not_compared(confidence: str | None, told: bool) -> None:
    forge = TrafficForge()
    contexts = [
        Context(id, CT, (), ContextResult.UNANSWERED, None, syntax, inferred=True, confidence=confidence)
        for id, syntax in ((1, IMPLICIT), (3, "1.2.840.10008.1.2.4.50"))
    ]
    association = forge.association(contexts=contexts, blind=[Blind.REQUEST])
    forge.exchange(association, "C-STORE", status=0, transfer_syntax=contexts[0].transfer_syntax)
    forge.exchange(association, "C-STORE", status=0xC000, context_id=3, transfer_syntax=contexts[1].transfer_syntax)
    assert ("it is encoded as" in only(RULE, forge.traffic()).message) is told


def test_what_to_do_is_about_what_was_said() -> None:
    fixes = [
        only(RULE, _traffic(status, error_comment=comment)).fix
        for status, comment in ((0x0122, "no"), (0xC000, "bad tag"), (0xC000, None), (0x0111, "there"))
    ]
    assert fixes[3] is not None and "that the archive holds already" in fixes[3]
    assert fixes[0] is not None and fixes[0].startswith("Enable CT Image Storage") and "may store there" in fixes[0]
    assert fixes[1] is None  # the rule's own begins with the comment
    assert fixes[2] is not None and fixes[2].startswith("Look into the log of ") and "omment" not in fixes[2]


def test_what_lies_behind_the_end_of_what_was_read_is_not_said_to_be_missing() -> None:
    head = data_set(SOPClassUID=CT, SOPInstanceUID="1.2.3")
    traffic = _traffic(0xC000, data=head, sop_instance="1.2.3")
    assert "PatientID is missing" in only(RULE, traffic).message
    exchange = traffic.exchange(1)
    assert exchange.payload is not None
    exchange.payload = dataclasses.replace(exchange.payload, length=len(head) + 5000)
    assert "missing" not in only(RULE, traffic).message
