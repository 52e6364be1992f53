"""DS-DIMSE-001: requests that arrived and were not answered."""

from dataclasses import replace
from typing import Any

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.rules.dimse.unanswered_request import RULE
from dicomsniff.rules.finding import Severity, Side
from tests.forge.traffic import IMPLICIT, STUDY_MOVE, TrafficForge
from tests.rules.applying import doubts, hits, is_quiet, only

SERVER_ABORT = [("acceptor", 0, 0)]


def _traffic(
    end_after: float = 60.0,
    to_responder: dict[str, Any] | None = None,
    exchange: dict[str, Any] | None = None,
    **fields: Any,
) -> Traffic:
    """A C-STORE without an answer, in an association that ends `end_after` seconds later."""
    forge = TrafficForge()
    connection = forge.connection(to_responder=to_responder or {})
    association = forge.association(connection, end_after=end_after, **fields)
    forge.exchange(association, "C-STORE", **(exchange or {}))
    return forge.traffic()


def test_fires_when_the_requestor_waited_in_vain() -> None:
    hit = only(RULE, _traffic(outcome=Outcome.ABORTED))
    assert "received C-STORE 1 (CT Image Storage) completely and never answered" in hit.message
    assert "CT01 (10.0.0.1) aborted after 60 s" in hit.message
    assert hit.severity is Severity.ERROR and hit.act is Side.ACCEPTOR


def test_fires_when_the_performer_aborted_at_once() -> None:
    hit = only(RULE, _traffic(0.01, outcome=Outcome.ABORTED, aborts=SERVER_ABORT))
    assert "PACS (10.0.0.2:104) aborted" in hit.message and hit.severity is Severity.ERROR


def test_fires_as_a_warning_at_the_requestor_that_gave_up_early() -> None:
    hit = only(RULE, _traffic(0.5, outcome=Outcome.ABORTED))
    assert hit.severity is Severity.WARNING and hit.act is Side.REQUESTOR
    assert (hit.fix or "").startswith("Find out why CT01 (10.0.0.1) did not wait")


def test_who_must_look_where_and_when_is_told() -> None:
    hit = only(RULE, _traffic(outcome=Outcome.ABORTED))
    assert (hit.fix or "").startswith("Look into the log of PACS (10.0.0.2:104) from 22:13:2")


def test_an_archive_without_a_word_to_a_move_may_be_sending_elsewhere() -> None:
    forge = TrafficForge()
    association = forge.association(end_after=60, outcome=Outcome.ABORTED, contexts=[(STUDY_MOVE, [IMPLICIT], 0)])
    forge.exchange(association, "C-MOVE")
    hit = only(RULE, forge.traffic())
    assert hit.severity is Severity.ERROR and (hit.act, hit.actor) == (Side.UNKNOWN, None)


def test_nobody_is_impatient_where_the_end_was_captured_before_what_it_came_after() -> None:
    traffic = _traffic(outcome=Outcome.ABORTED)
    [exchange] = traffic.exchanges
    assert exchange.request is not None
    late_ns = exchange.request.last_ns + 70_000_000_000
    exchange.request = exchange.request._replace(last_ns=late_ns)
    hit = only(RULE, traffic)
    assert "aborted after an unknown time" in hit.message and hit.act is Side.UNKNOWN


def test_fires_when_only_pending_responses_came() -> None:
    traffic = _traffic(outcome=Outcome.CLOSED, exchange={"pending": 3})
    assert "beyond 3 pending" in only(RULE, traffic).message


def test_fires_at_the_end_of_the_capture_after_the_waiting_time() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(outcome=Outcome.OPEN, blind=[Blind.END]), "C-ECHO")
    forge.wait(31).tick()
    assert "the capture ended after 31 s" in only(RULE, forge.traffic()).message


def test_is_quiet_when_every_request_was_answered() -> None:
    assert is_quiet(RULE, _traffic(exchange={"status": 0xA700}))


def test_is_quiet_about_a_request_that_was_not_sent_to_its_end() -> None:
    assert is_quiet(RULE, _traffic(outcome=Outcome.ABORTED, exchange={"sent_bytes": 100}))


def test_is_inconclusive_when_the_answer_may_have_been_lost_in_the_capture() -> None:
    traffic = _traffic(outcome=Outcome.ABORTED, blind=[Blind.HOLE_TO_REQUESTOR])
    assert doubts(RULE, traffic) and not hits(RULE, traffic)


def test_is_inconclusive_when_tcp_did_not_acknowledge_the_request() -> None:
    traffic = _traffic(outcome=Outcome.ABORTED, to_responder={"acknowledged": 300})
    assert "network" in doubts(RULE, traffic)[0] and not hits(RULE, traffic)


def test_is_inconclusive_at_the_end_of_the_capture_before_the_waiting_time() -> None:
    traffic = _traffic(1.0, outcome=Outcome.OPEN, blind=[Blind.END])
    assert doubts(RULE, traffic) and not hits(RULE, traffic)


def test_is_inconclusive_where_nobody_was_seen_to_end_an_association_that_is_over() -> None:
    """Of a release only the answer was captured."""
    traffic = _traffic(end_after=0.2)
    [association] = traffic.associations
    over = replace(association, release_request=None, aborts=(), closed_by=None)
    assert doubts(RULE, replace(traffic, associations=(over,))) == [
        "who ended the association before an answer could be expected was not captured"
    ]
