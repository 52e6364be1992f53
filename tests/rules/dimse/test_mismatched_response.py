"""DS-DIMSE-002: responses that no request waits for."""

from dataclasses import replace

import pytest

from dicomsniff.association.values import Outcome
from dicomsniff.core import AnomalyCode, Direction
from dicomsniff.rules.dimse.mismatched_response import RULE
from dicomsniff.rules.dimse.unanswered_request import RULE as UNANSWERED
from dicomsniff.rules.finding import Side, Verdict
from dicomsniff.rules.negotiation.untimely_release import RULE as RELEASE
from dicomsniff.rules.runner import judge
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.dialogue import ECHO, STORE, Dialogue
from tests.forge.traffic import TrafficForge
from tests.rules.applying import hits, only
from tests.rules.judging import verdict
from tests.rules.spoken import ALL, traffic_of


def test_fires_for_a_response_to_a_message_id_that_was_never_used() -> None:
    def talk(d: Dialogue) -> None:
        d.ask(ECHO, ALL[0]).answer(ECHO, ALL[0], 0, MessageIDBeingRespondedTo=9)

    hit = only(RULE, traffic_of(talk))
    assert "a C-ECHO response to message 9, which" in hit.message and "had not sent" in hit.message
    assert hit.severity == "error" and hit.act == "acceptor"


def test_fires_for_a_response_of_another_service() -> None:
    def talk(d: Dialogue) -> None:
        d.ask(ECHO, ALL[0]).answer(STORE, ALL[0], 0)

    assert "but message 1 was a C-ECHO" in only(RULE, traffic_of(talk)).message


def test_a_request_that_it_was_meant_for_is_not_held_against_anybody_else() -> None:
    def answered_once(d: Dialogue) -> None:
        d.ask(ECHO, ALL[0]).answer(ECHO, ALL[0], 0, MessageIDBeingRespondedTo=9)

    def not_at_all(d: Dialogue) -> None:
        d.ask(ECHO, ALL[0]).ask(ECHO, ALL[0], MessageID=2)
        d.answer(ECHO, ALL[0], 0, MessageIDBeingRespondedTo=9)

    rules = (RULE, UNANSWERED, RELEASE)
    [found] = judge(traffic_of(answered_once), rules=rules, fence=False).findings
    assert found.rule == RULE.id and {child.act for child in found.children} == {Side.ACCEPTOR}
    assert len(judge(traffic_of(not_at_all), rules=rules, fence=False).findings) > 1


def test_fires_for_a_second_final_response() -> None:
    def talk(d: Dialogue) -> None:
        d.echo().answer(ECHO, ALL[0], 0)

    assert "which had been answered already" in only(RULE, traffic_of(talk)).message


def test_a_response_that_names_another_class_is_a_warning_where_all_went_well() -> None:
    forge = TrafficForge()
    association = forge.association()
    forge.exchange(association, "C-STORE", status=0)
    detail = "the C-STORE response to message ID 1: it names Verification SOP Class, the request CT Image Storage"
    final = forge.traffic().exchange(1).final
    forge.anomaly(association, AnomalyCode.RESPONSE_DIFFERS, detail, "acceptor", evidence=final)
    hit = only(RULE, forge.traffic())
    assert hit.severity == "warning" and "it names Verification SOP Class" in hit.message


@pytest.mark.parametrize(("behind", "known"), [(0, False), (-1, False), (-10, True)])
def test_is_inconclusive_where_another_request_may_be_in_a_hole(behind: int, known: bool) -> None:
    forge = TrafficForge()
    line = forge.connection()
    association = forge.association(line)
    forge.exchange(association, "C-STORE", status=0)
    exchange = forge.traffic().exchange(1)
    assert exchange.request is not None
    forge.anomaly(association, AnomalyCode.RESPONSE_DIFFERS, "another instance", "acceptor", evidence=exchange.final)
    hole = Gap(1, Direction.TO_RESPONDER, exchange.request.end + behind, 10, GapCause.LOST, 99, 0)
    traffic = forge.traffic()
    [only_one] = traffic.conversations
    holed = replace(traffic, conversations=(replace(only_one, gaps=(hole,)),))
    assert verdict(RULE, holed) is (Verdict.FINDING if known else Verdict.INCONCLUSIVE)


def test_is_quiet_about_message_ids_that_are_used_again_after_their_answer() -> None:
    def talk(d: Dialogue) -> None:
        for _ in range(3):
            d.ask(ECHO, ALL[0], MessageID=1).answer(ECHO, ALL[0], 0, MessageIDBeingRespondedTo=1)

    assert not hits(RULE, traffic_of(talk))


def test_who_aborted_upon_it_did_not_bear_with_it() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)])
    forge.exchange(association, "C-STORE", status=0)
    final = forge.traffic().exchange(1).final
    forge.anomaly(association, AnomalyCode.RESPONSE_DIFFERS, "another class", "acceptor", evidence=final)
    assert only(RULE, forge.traffic()).severity == "error"
