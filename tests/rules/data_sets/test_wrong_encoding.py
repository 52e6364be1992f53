"""DS-DATA-001: data sets that are not encoded as negotiated."""

import pytest

from dicomsniff.rules.data_sets.wrong_encoding import RULE
from dicomsniff.rules.negotiation import application_abort, protocol_abort
from dicomsniff.rules.runner import judge
from tests.forge.dialogue import STORE, Dialogue
from tests.forge.messages import element
from tests.forge.wire import BACK
from tests.rules.applying import is_quiet, only
from tests.rules.data_sets.stored import EXPLICIT, IMPLICIT, ct, cut, pixels, stored
from tests.rules.spoken import CT, traffic_of


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
