"""Releases that come too early, are never confirmed, collide, or are followed by data."""

from pathlib import Path

from dicomsniff.association.values import Blind, Traffic
from dicomsniff.rules.dimse import unanswered_request
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation import application_abort
from dicomsniff.rules.negotiation.untimely_release import RULE
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport import closed_association
from tests.association.dialogue import Dialogue, read
from tests.forge import messages, pdus
from tests.forge.dialogue import ECHO
from tests.forge.dialogue import Dialogue as Spoken
from tests.forge.traffic import IMPLICIT, STUDY_MOVE, TrafficForge
from tests.forge.wire import ACK, BACK, FIN, OUT
from tests.rules import spoken
from tests.rules.judging import found, only, verdict


def early(blind: Blind | None = None) -> Traffic:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_MOVE, [IMPLICIT], 0)], blind=[blind] if blind else [], end_after=2)
    forge.exchange(association, "C-MOVE", pending=2, unseen=blind is not None)
    return forge.traffic()


def unconfirmed(path: Path, wait: float, by: str) -> Traffic:
    """A release that is acknowledged and not answered until its sender gives up."""
    talk = Dialogue().open(abstract=pdus.VERIFICATION).echo().say(pdus.release_request())
    talk.wire.acknowledge(OUT).wait(wait)
    if by == "abort":
        talk.wire.send(OUT, pdus.abort())
    talk.wire.close()
    return read(path / "unconfirmed.pcap", talk)


def test_fires() -> None:
    finding = only(RULE, early())
    assert "CT01 (10.0.0.1) asked to release with 1 request unanswered: C-MOVE 1" in finding.message
    assert (finding.severity, finding.act, finding.exchange) == (Severity.WARNING, Side.REQUESTOR, 1)


def test_is_quiet_after_the_final_response() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0)
    assert verdict(RULE, forge.traffic()) is Verdict.CLEAR


def test_is_quiet_where_the_response_may_have_been_missed() -> None:
    assert found(RULE, early(Blind.HOLE_TO_REQUESTOR)) == ()


def test_is_inconclusive_where_the_confirmation_may_have_been_missed() -> None:
    def unanswered(*blind: Blind) -> Traffic:
        forge = TrafficForge()
        forge.association(forge.connection(closed="open"), blind=blind, release_response=None)
        forge.traffic()  # settles the end, before time goes on
        return forge.wait(60).traffic()

    assert verdict(RULE, unanswered(Blind.HOLE_TO_REQUESTOR)) is Verdict.INCONCLUSIVE
    assert verdict(RULE, unanswered()) is Verdict.FINDING


def test_a_request_that_was_waited_for_long_enough_is_the_performers_fault() -> None:
    forge = TrafficForge()
    association = forge.association(end_after=60)
    forge.exchange(association, "C-STORE")
    traffic = forge.traffic()
    assert found(RULE, traffic) == ()
    assert only(unanswered_request.RULE, traffic).act is Side.ACCEPTOR


def test_the_unanswered_request_follows_from_the_early_release() -> None:
    (root,) = judge(early(), fence=False, rules=(RULE, unanswered_request.RULE)).findings
    assert (root.rule, [child.rule for child in root.children]) == ("DS-ASSOC-014", ["DS-DIMSE-001"])


def test_who_asks_to_release_a_connection_that_the_other_side_closed_expects_no_answer() -> None:
    def released(closed: bool) -> Traffic:
        def speak(talk: Spoken) -> None:
            wire = talk.ask(ECHO, pdus.VERIFICATION).wire.acknowledge(OUT).wait(0.02)
            if closed:
                wire.packet(BACK, FIN | ACK)
                wire.seq[BACK] += 1
            wire.send(OUT, pdus.release_request()).wait(0.02).close()

        return spoken.traffic_of(speak, end="")

    assert "asked to release with 1 request unanswered" in only(RULE, released(False)).message
    assert not found(RULE, released(True))


def test_a_release_that_is_never_confirmed_is_the_other_sides_fault(tmp_path: Path) -> None:
    for by in ("abort", "close"):
        traffic = unconfirmed(tmp_path, 20, by)
        rules = (RULE, application_abort.RULE, closed_association.RULE)
        (root,) = judge(traffic, fence=False, rules=rules).findings
        assert root.rule == "DS-ASSOC-014" and root.act is Side.ACCEPTOR
        assert "never confirmed the release" in root.message and "20 s" in root.message
        assert all(child.act is Side.ACCEPTOR for child in root.children)


def test_a_sender_that_closes_at_once_does_not_wait_for_a_confirmation(tmp_path: Path) -> None:
    assert found(RULE, unconfirmed(tmp_path, 0.2, "close")) == ()


def test_data_behind_the_own_release_are_told_and_those_of_the_peer_are_not(tmp_path: Path) -> None:
    late = Dialogue().open(abstract=pdus.VERIFICATION).echo()
    late.say(pdus.release_request())
    late.wire.wait(1)
    late.say(pdus.echo_request(2)).say(pdus.release_response(), BACK)
    late.wire.close()
    finding = only(RULE, read(tmp_path / "late.pcap", late))
    assert "sent data after its own A-RELEASE-RQ" in finding.message and finding.act is Side.REQUESTOR
    peer = Dialogue().open(abstract=pdus.VERIFICATION).echo().say(pdus.release_request())
    peer.say(pdus.p_data(pdus.pdv(messages.response(0x8030, 1), command=True)), BACK).say(pdus.release_response(), BACK)
    peer.wire.close()
    assert found(RULE, read(tmp_path / "peer.pcap", peer)) == ()


def test_a_collision_is_told_unless_both_sides_answered(tmp_path: Path) -> None:
    def collided(*answers: tuple[str, bytes]) -> Traffic:
        talk = Dialogue().open(abstract=pdus.VERIFICATION).echo()
        talk.say(pdus.release_request()).say(pdus.release_request(), BACK)
        for side, answer in answers:
            talk.wire.wait(0.1)
            talk.say(answer, OUT if side == "requestor" else BACK)
        talk.wire.wait(0.1).close()
        return read(tmp_path / "collision.pcap", talk)

    answer = pdus.release_response()
    assert found(RULE, collided(("requestor", answer), ("acceptor", answer))) == ()
    half = only(RULE, collided(("requestor", answer)))
    assert (half.severity, half.act) == (Severity.NOTE, Side.ACCEPTOR) and "one was answered" in half.message
    none = only(RULE, collided())
    assert (none.severity, none.act) == (Severity.WARNING, Side.REQUESTOR)


def test_answers_that_the_capture_exchanged_with_the_release_are_not_late() -> None:
    def answered(after_ms: int) -> Traffic:
        forge = TrafficForge()
        association = forge.association(end_after=0)
        forge.exchange(association, "C-ECHO", status=0)
        traffic = forge.traffic()
        release, exchange = traffic.associations[0].release_request, traffic.exchange(1)
        assert release is not None and exchange.final is not None
        at = release.evidence.last_ns + after_ms * 1_000_000
        packet = release.evidence.last_packet + 1
        moved = exchange.final._replace(first_ns=at, last_ns=at, first_packet=packet, last_packet=packet)
        exchange.final = exchange.first_response = exchange.last_response = moved
        return traffic

    assert found(RULE, answered(1)) == ()
    assert "came all the same, too late" in only(RULE, answered(5000)).message
