"""Associations cut by closing the connection."""

from dataclasses import replace

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.transport.closed_association import RULE
from dicomsniff.tcp.events import Closing, Gap, GapCause
from dicomsniff.tcp.segment_facts import Header, PathFacts, Reset
from tests.forge.dialogue import ECHO, Dialogue
from tests.forge.pdus import VERIFICATION, abort, echo_request, item, user_identity
from tests.forge.reading import traffic_of
from tests.forge.traffic import CT, IMPLICIT, SECOND, TrafficForge
from tests.forge.wire import ACK, BACK, FIN, OUT, RST, Wire
from tests.rules.judging import found, only, verdict

UNANSWERED = ((CT, (IMPLICIT,), None),)


def cut(
    closed_by: str = "acceptor", status: int | None = None, end_after: float = 0.0, sent_bytes: int | None = None
) -> Traffic:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.CLOSED, closed_by=closed_by, end_after=end_after)
    forge.exchange(association, "C-STORE", status=status, sent_bytes=sent_bytes)
    return forge.traffic()


def released() -> Traffic:
    forge = TrafficForge()
    forge.exchange(forge.association(closed_by="acceptor"), "C-STORE", status=0)
    return forge.traffic()


def cut_behind_a_hole() -> Traffic:
    forge = TrafficForge()
    line = forge.connection(gaps=[Gap(1, Direction.TO_RESPONDER, 1_000_000, 10, GapCause.LOST, 99, 0)])
    forge.exchange(forge.association(line, outcome=Outcome.CLOSED, closed_by="requestor"), "C-STORE", status=0)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, cut()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, released()) is Verdict.CLEAR


def test_is_inconclusive() -> None:
    assert verdict(RULE, cut_behind_a_hole()) is Verdict.INCONCLUSIVE


def test_a_server_that_dies_owing_an_answer_is_an_error_naming_the_request() -> None:
    finding = only(RULE, cut())
    assert finding.severity is Severity.ERROR
    assert finding.facts["case"] == "b"
    assert finding.message.startswith(
        "PACS (10.0.0.2:104) cut the association with CT01 (10.0.0.1) while it owed an answer"
    )
    assert "1 request unanswered: C-STORE 1 of CT Image Storage" in finding.message
    assert (finding.act, finding.exchange) == (Side.ACCEPTOR, 1)


def test_who_must_look_where_and_when_is_told() -> None:
    assert only(RULE, cut()).fix.startswith("Look into the log of PACS (10.0.0.2:104) at 22:13:2")
    waited = only(RULE, cut("requestor", end_after=30))
    assert waited.act is Side.ACCEPTOR
    assert waited.fix.endswith("on: CT01 (10.0.0.1) had waited for its answer.")
    assert only(RULE, cut("requestor", status=0)).fix.startswith("Let CT01 (10.0.0.1) release the association")


def test_nobody_is_named_who_may_have_closed_upon_what_was_not_captured() -> None:
    forge = TrafficForge()
    line = forge.connection(to_responder={"truncated_bytes": 100})
    forge.exchange(forge.association(line, outcome=Outcome.CLOSED, closed_by="acceptor"), "C-STORE")
    finding = only(RULE, forge.traffic())
    assert (finding.act, finding.actor) == (Side.UNKNOWN, None)


def test_a_client_that_leaves_idle_is_only_warned() -> None:
    finding = only(RULE, cut("requestor", status=0))
    assert (finding.severity, finding.facts["case"], finding.act) == (Severity.WARNING, "a", Side.REQUESTOR)


def test_an_unfinished_message_is_the_moment() -> None:
    finding = only(RULE, cut(sent_bytes=5000))
    assert finding.facts["case"] == "c"
    assert "in the middle of C-STORE 1 of CT Image Storage" in finding.message
    assert "after 5000 data set bytes" in finding.message


def test_an_unfinished_pdu_is_told_with_its_lengths() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.CLOSED, closed_by="requestor")
    forge.broken(association, "cut", type=4, length=1000, seen=300)
    finding = only(RULE, forge.traffic())
    assert "a PDU of which 300 of 1006 bytes were sent" in finding.message


def test_leaving_right_after_the_acceptance_is_told_with_the_contexts() -> None:
    forge = TrafficForge()
    contexts = ((CT, (IMPLICIT,), 0), (CT, (IMPLICIT,), 4))
    forge.association(outcome=Outcome.CLOSED, closed_by="requestor", contexts=contexts)
    finding = only(RULE, forge.traffic())
    assert finding.facts["case"] == "d"
    assert "1 of 2 contexts accepted" in finding.message


def test_closing_instead_of_answering_is_the_acceptors() -> None:
    forge = TrafficForge()
    forge.association(contexts=UNANSWERED, outcome=Outcome.CLOSED, closed_by="acceptor")
    finding = only(RULE, forge.traffic())
    assert (finding.facts["case"], finding.act) == ("negotiating", Side.ACCEPTOR)


@pytest.mark.parametrize(("closed_by", "seconds"), [("requestor", 4), ("acceptor", 60)])
def test_a_wait_for_an_answer_that_never_came_is_told_by_another_rule(closed_by: str, seconds: float) -> None:
    forge = TrafficForge()
    forge.association(contexts=UNANSWERED, outcome=Outcome.UNANSWERED, closed_by=closed_by, end_after=seconds)
    assert found(RULE, forge.traffic()) == ()


def test_a_client_that_gives_up_after_a_round_time_points_at_the_server() -> None:
    finding = only(RULE, cut("requestor", end_after=30))
    assert "30 s looks like a time-out." in finding.message
    assert finding.act is Side.ACCEPTOR


@pytest.mark.parametrize("outcome", [Outcome.ABORTED, Outcome.REJECTED, Outcome.OPEN])
def test_other_ends_are_not_reported(outcome: Outcome) -> None:
    forge = TrafficForge()
    line = forge.connection(closed="rst")
    forge.association(line, outcome=outcome, closed_by=None if outcome is Outcome.OPEN else "acceptor")
    assert found(RULE, forge.traffic()) == ()


def test_a_hole_before_what_was_seen_last_hides_no_release() -> None:
    forge = TrafficForge()
    line = forge.connection(gaps=[Gap(1, Direction.TO_RESPONDER, 300, 100, GapCause.LOST, 9, 0)])
    forge.exchange(forge.association(line, outcome=Outcome.CLOSED, closed_by="requestor"), "C-STORE", status=0)
    assert len(found(RULE, forge.traffic())) == 1


def test_one_direction_alone_proves_no_missing_release() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.CLOSED, closed_by="requestor", blind=[Blind.TO_REQUESTOR])
    forge.exchange(association, "C-STORE")
    assert verdict(RULE, forge.traffic()) is Verdict.INCONCLUSIVE


def test_a_fin_that_the_capture_missed_leaves_open_who_closed_first() -> None:
    forge = TrafficForge()
    line = forge.connection(closed="rst", to_responder={"acknowledged": 1_000_000})
    forge.exchange(forge.association(line, outcome=Outcome.CLOSED, closed_by="acceptor"), "C-STORE")
    assert verdict(RULE, forge.traffic()) is Verdict.INCONCLUSIVE


def test_an_answer_that_a_hole_may_hide_is_not_called_missing() -> None:
    forge = TrafficForge()
    blind = [Blind.HOLE_TO_REQUESTOR]
    association = forge.association(outcome=Outcome.CLOSED, closed_by="acceptor", blind=blind)
    forge.exchange(association, "C-STORE")
    finding = only(RULE, forge.traffic())
    assert (finding.severity, finding.facts["unanswered"]) == (Severity.WARNING, [])
    assert "whether 1 request got an answer was not captured" in finding.message


def test_the_same_untidy_ending_again_and_again_is_one_finding_but_lost_requests_are_not() -> None:
    untidy, losing = TrafficForge(), TrafficForge()
    for forge, status in ((untidy, 0), (losing, None)):
        for _ in range(4):
            forge.exchange(forge.association(outcome=Outcome.CLOSED, closed_by="requestor"), "C-STORE", status=status)
    assert only(RULE, untidy.traffic()).count == 4
    assert len(found(RULE, losing.traffic())) == 4


def test_a_reset_that_the_host_cannot_have_sent_is_not_held_against_it() -> None:
    def reset(ttl: int, *others: int) -> Traffic:
        forge = TrafficForge()
        made = Reset(Direction.TO_INITIATOR, 6, forge.now_ns, Header(ttl, 0, True), others)
        closing = Closing(Direction.TO_INITIATOR, "rst", 6, forge.now_ns + SECOND, None)
        line = forge.connection(closed="rst", closings=(closing,), path=PathFacts(resets=(made,)))
        forge.association(line, outcome=Outcome.CLOSED, closed_by="acceptor")
        return forge.traffic()

    box, host, either = only(RULE, reset(63, 64)), only(RULE, reset(64, 64)), only(RULE, reset(64))
    assert box.message.startswith("A device that answers for PACS (10.0.0.2:104) cut the association")
    assert "The TTL of the reset (63) is not that of the host's other packets (64)" in box.message
    assert (box.act, box.actor, host.act) == (Side.NETWORK, None, Side.ACCEPTOR)
    assert "firewalls and load balancers" in box.fix and "Look into the log of PACS (10.0.0.2:104) at" in host.fix
    assert either.act is Side.UNKNOWN  # nothing else of that host was captured


def test_an_answer_that_came_behind_half_a_close_was_still_owed_at_that_time() -> None:
    whole = cut("requestor", status=0)
    assert "with nothing left to answer" in only(RULE, whole).message
    [exchange], [line] = whole.exchanges, whole.conversations
    assert exchange.final is not None
    end = line.tcp.closings[0].packet
    late = replace(exchange, final=exchange.final._replace(first_packet=end + 1, last_packet=end + 1))
    association = replace(whole.associations[0], exchanges=(late,))
    later = replace(whole, exchanges=(late,), associations=(association,))
    assert "without A-RELEASE, and C-STORE 1 of CT Image Storage" in only(RULE, later).message
    assert "was answered after that" in only(RULE, later).message


def test_is_inconclusive_where_nothing_that_the_closing_side_said_was_captured() -> None:
    """An abort may have been before its FIN."""
    talk = Dialogue(Wire(), "CT01", "PACS", (CT, (IMPLICIT,), 0)).request().accept()
    talk.ask(ECHO, CT).wire.send(BACK, abort()).close(BACK)
    frames = talk.wire.frames
    heard = [f for f in frames[4:] if len(f[1]) <= 54 or f[1][26:30] == b"\x0a\0\0\x01"]
    assert verdict(RULE, traffic_of(heard)) is not Verdict.FINDING


def test_a_pdu_begun_after_the_closing_was_not_cut_but_shows_that_there_was_more_to_send() -> None:
    wire = Wire()
    Dialogue(wire, "CT01", "PACS", (VERIFICATION, (IMPLICIT,), 0)).request().accept().echo()
    wire.packet(BACK, FIN | ACK)
    wire.seq[BACK] += 1
    wire.send(OUT, echo_request(2)[:12])
    wire.packet(BACK, RST)
    finding = only(RULE, traffic_of(wire.frames))
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.ACCEPTOR)
    assert "without A-RELEASE when CT01 (10.0.0.1) had more to send (FIN in packet" in finding.message


def test_optional_items_of_the_request_are_named_where_the_acceptor_closed_at_once() -> None:
    def closed(*items: bytes, wait: float = 0.0) -> str:
        wire = Wire()
        dialogue = Dialogue(wire, "CT01", "PACS", (VERIFICATION, (IMPLICIT,), 0)).request(*items).accept()
        dialogue.ask(ECHO, VERIFICATION).wire.wait(wait).close(BACK)
        return only(RULE, traffic_of(wire.frames)).message

    window, identity = item(0x53, b"\0\x08\0\0"), user_identity(1, b"anna")
    assert "The A-ASSOCIATE-RQ carried an asynchronous operations window (8/0) and a user identity;" in closed(
        window, identity
    )
    assert "A-ASSOCIATE-RQ" not in closed(item(0x53, b"\0\1\0\1"))
    assert "A-ASSOCIATE-RQ" not in closed(window, wait=20)
