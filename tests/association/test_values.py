"""The words by which rules ask associations and traffic."""

from dataclasses import replace

from dicomsniff.association.values import Blind
from dicomsniff.core import Direction
from tests.forge.traffic import ARCHIVE, MODALITY, TrafficForge

OUT, BACK = Direction.TO_RESPONDER, Direction.TO_INITIATOR


def test_roles_and_ends_follow_the_direction_to_the_acceptor() -> None:
    forge = TrafficForge()
    forge.association()
    forge.association(to_acceptor=BACK)
    there, back = forge.traffic().associations
    assert (there.role(OUT), there.role(BACK)) == ("requestor", "acceptor")
    assert (back.role(OUT), back.role(BACK)) == ("acceptor", "requestor")
    assert (there.end("requestor"), there.end("acceptor")) == (MODALITY, ARCHIVE)
    assert (back.end("requestor"), back.end("acceptor")) == (ARCHIVE, MODALITY)


def test_blindness_is_asked_by_direction() -> None:
    forge = TrafficForge()
    forge.association(blind=(Blind.HOLE_TO_REQUESTOR,))
    forge.association(blind=(Blind.TO_ACCEPTOR, Blind.REQUEST))
    forge.association(blind=(Blind.REQUEST, Blind.END))
    asked = [(a.blind_towards(OUT), a.blind_towards(BACK)) for a in forge.traffic().associations]
    assert asked == [(False, True), (True, False), (False, False)]


def test_contexts_are_found_by_id_and_titles_are_none_without_a_request() -> None:
    forge = TrafficForge()
    forge.association(calling="CT01", called="PACS")
    [association] = forge.traffic().associations
    found = association.context(1)
    assert found is not None and found.accepted and association.context(99) is None
    late = replace(association, request=None)
    assert (association.calling_ae, late.calling_ae, late.called_ae) == ("CT01", None, None)


def test_the_first_abort_counts() -> None:
    forge = TrafficForge()
    forge.association(aborts=(("acceptor", 2, 1), ("requestor", 0, 0)))
    forge.association()
    first, second = forge.traffic().associations
    assert first.abort is first.aborts[0] and second.abort is None


def test_the_last_packet_of_all_captures_is_the_last() -> None:
    traffic = TrafficForge().capture(last_ns=5).capture(last_ns=9).capture(last_ns=None).traffic()
    assert traffic.last_ns == 9
