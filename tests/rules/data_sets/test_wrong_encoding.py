"""DS-DATA-001: data sets that are not encoded as negotiated."""

from dataclasses import replace
from typing import Any

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.data_sets.wrong_encoding import RULE
from dicomsniff.rules.negotiation import application_abort, protocol_abort, untimely_release
from dicomsniff.rules.retrieve import failed_suboperations
from dicomsniff.rules.runner import judge
from tests.forge.dialogue import GET, STORE, Dialogue
from tests.forge.messages import element
from tests.forge.wire import BACK, OUT
from tests.rules.applying import is_quiet, only
from tests.rules.data_sets.stored import EXPLICIT, IMPLICIT, ct, cut, pixels, stored
from tests.rules.spoken import CT, traffic_of

STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.3"


def test_fires_for_implicit_data_under_an_explicit_syntax() -> None:
    hit = only(RULE, stored(ct(), syntax=EXPLICIT, status=0xC000))
    assert "negotiated Explicit VR Little Endian, but CT Image Storage 1.2.3.4 is not" in hit.message
    assert "but Implicit VR Little Endian" in hit.message
    assert (hit.severity, hit.act, hit.facts["transfer_syntax"]) == ("error", "requestor", EXPLICIT)


def test_fires_as_a_warning_where_the_receiver_took_it() -> None:
    assert only(RULE, stored(ct(), syntax=EXPLICIT)).severity == "warning"


def test_fires_where_an_element_claims_more_than_there_is() -> None:
    hit = only(RULE, stored(ct() + element(0x00400280, b"short", length=500), status=0x0110))
    assert "not readable to its end" in hit.message and "(0040,0280)" in hit.message


def test_fires_where_the_object_ends_inside_its_pixels_or_a_sequence() -> None:
    hit = only(RULE, stored(ct() + pixels(128)[:-40], status=0x0110))
    assert "not readable to its end" in hit.message and "(7FE0,0010)" in hit.message
    begun = bytes.fromhex("FEFF00E0FFFFFFFF")  # an item of undefined length, and nothing in it
    hit = only(RULE, stored(ct() + element(0x00400555, b"", length=0xFFFFFFFF) + begun, status=0x0110))
    assert "in the middle of a sequence" in hit.message


@pytest.mark.parametrize("bits", [8, 16])
def test_is_quiet_about_sound_objects_and_unknown_elements(bits: int) -> None:
    private = element(0x00291010, b"whatever", length=8) + element(0x00291011, b"")
    assert is_quiet(RULE, stored(ct() + private + pixels(64 * bits // 8, bits=bits)))
    assert is_quiet(RULE, stored(ct() + element(0x0045FFFE, b"ab"), syntax=IMPLICIT))


def test_is_quiet_about_an_object_that_the_capture_cut() -> None:
    assert is_quiet(RULE, cut(ct() + pixels(128)))


@pytest.mark.parametrize("source", [0, 2])
def test_an_abort_upon_it_is_its_consequence(source: int) -> None:
    def talk(d: Dialogue) -> None:
        d.ask(STORE, CT, ct(), AffectedSOPInstanceUID="1.2.3.4").abort(BACK, source, 6 if source else 0)

    traffic = traffic_of(talk, CT, syntax=EXPLICIT, end="")
    (root,) = judge(traffic, fence=False, rules=(RULE, application_abort.RULE, protocol_abort.RULE)).findings
    assert (root.rule, root.severity, root.act) == ("DS-DATA-001", "error", "requestor")
    assert len(root.children) == 1


def get(statuses: list[int], final: int | None) -> Traffic:
    """A C-GET whose objects come in Implicit VR where Explicit VR was agreed, answered so; without a final response the
    requestor releases."""
    level = b"\x08\x00\x52\x00CS\x06\x00STUDY "

    def talk(d: Dialogue) -> None:
        d.ask(GET, STUDY_GET, level)
        for number, status in enumerate(statuses, 1):
            names: dict[str, Any] = {"MessageID": number, "Priority": 0, "AffectedSOPInstanceUID": f"1.2.3.{number}"}
            d.message(BACK, CT, ct(), CommandField=STORE, **names)
            d.message(OUT, CT, CommandField=0x8001, MessageIDBeingRespondedTo=number, Status=status)
        if final is None:
            d.release()
        else:
            counts: dict[str, Any] = {
                "NumberOfCompletedSuboperations": statuses.count(0),
                "NumberOfFailedSuboperations": 1,
            }
            d.answer(GET, STUDY_GET, final, **counts)

    return traffic_of(talk, STUDY_GET, CT, syntax=EXPLICIT, end="")


@pytest.mark.parametrize(("statuses", "final"), [([0xC000, 0xC000], 0xA702), ([0xC000], None), ([0, 0xC000], 0xB000)])
def test_a_retrieve_that_failed_by_such_objects_is_no_fault_of_who_could_not_read_them(
    statuses: list[int], final: int | None
) -> None:
    rules = (RULE, failed_suboperations.RULE, untimely_release.RULE)
    (root,) = judge(get(statuses, final), fence=False, rules=rules).findings
    assert (root.rule, root.act) == ("DS-DATA-001", "acceptor")
    assert {child.rule for child in root.children} >= {"DS-RET-006"}
    assert 1 in root.exchanges


def test_a_retrieve_that_failed_by_other_objects_too_is_told_beside_it() -> None:
    """The second object has a fault of another kind: it was refused for nothing that is seen in it."""
    level = b"\x08\x00\x52\x00CS\x06\x00STUDY "

    def talk(d: Dialogue) -> None:
        d.ask(GET, STUDY_GET, level)
        for number, data in enumerate((ct(), level), 1):
            names: dict[str, Any] = {"MessageID": number, "Priority": 0, "AffectedSOPInstanceUID": f"1.2.3.{number}"}
            d.message(BACK, CT, data, CommandField=STORE, **names)
            d.message(OUT, CT, CommandField=0x8001, MessageIDBeingRespondedTo=number, Status=0xC000)
        d.answer(GET, STUDY_GET, 0xA702, NumberOfFailedSuboperations=2)

    traffic = traffic_of(talk, STUDY_GET, CT, syntax=EXPLICIT, end="")
    roots = judge(traffic, fence=False, rules=(RULE, failed_suboperations.RULE)).findings
    assert {root.rule for root in roots} == {"DS-DATA-001", "DS-RET-006"}


def test_is_quiet_about_private_transfer_syntaxes() -> None:
    """They may be encoded in a way of their own."""
    assert is_quiet(RULE, stored(ct(), syntax="1.2.840.113619.5.2", status=0xC000))


def test_is_quiet_where_the_acceptance_may_be_that_of_another_request() -> None:
    traffic = stored(ct(), syntax=EXPLICIT)
    [association] = traffic.associations
    accept = association.accept
    assert accept is not None
    more = replace(accept, evidence=accept.evidence._replace(heard=10_000))  # than the request had been received
    assert is_quiet(RULE, replace(traffic, associations=(replace(association, accept=more),)))
