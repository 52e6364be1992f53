"""How associations come to their end."""

from typing import Any

import pytest

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.core import Direction
from dicomsniff.rules.endings import (
    closing,
    deaf,
    doubtful,
    last_heard,
    must_act,
    request_name,
    tail_unseen,
    timer,
    unanswered,
)
from tests.forge.traffic import TrafficForge


def cut(**fields: object) -> TrafficForge:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.CLOSED, closed_by="acceptor", **fields)  # type: ignore[arg-type]
    forge.exchange(association, "C-ECHO", status=0)
    forge.exchange(association, "C-STORE")
    return forge


def test_who_closed_is_the_first_fin_of_that_side() -> None:
    traffic = cut().traffic()
    cut_by = closing(traffic.association(1), traffic)
    assert cut_by is not None
    assert traffic.association(1).role(cut_by.direction) == "acceptor"


def test_an_answered_request_is_not_outstanding_and_a_hidden_answer_doubtful() -> None:
    association = cut().traffic().association(1)
    assert [request_name(e) for e in unanswered(association)] == ["C-STORE 2 of CT Image Storage 1.2.826.0.1.2"]
    blind = cut(blind=[Blind.HOLE_TO_REQUESTOR]).traffic().association(1)
    assert (unanswered(blind), doubtful(blind)) == ((), 1)


def test_the_last_thing_heard_before_a_moment_is_found() -> None:
    association = cut().traffic().association(1)
    store = association.exchanges[1].request
    assert store is not None
    assert last_heard(association, association.last_ns) == store
    assert last_heard(association, store.last_ns - 1) == association.exchanges[0].final


@pytest.mark.parametrize(("seconds", "round_s"), [(30.2, 30), (59.6, 60), (7.0, None), (0.2, None), (4.6, 5)])
def test_a_round_number_of_seconds_is_a_timer(seconds: float, round_s: int | None) -> None:
    assert timer(int(seconds * 1e9)) == round_s


def test_who_gave_up_on_the_other_is_not_the_one_to_act() -> None:
    traffic = cut().traffic()
    association = traffic.association(1)
    assert must_act("requestor", association, traffic, 30 * 10**9) == "acceptor"
    assert must_act("requestor", association, traffic, 10**6) == "requestor"
    assert must_act("acceptor", association, traffic, 30 * 10**9) == "acceptor"


def test_an_acceptor_that_waited_in_vain_for_the_next_request_is_not_the_one_to_act() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(outcome=Outcome.ABORTED, aborts=[("acceptor", 0, 0)]), "C-ECHO", status=0)
    traffic = forge.traffic()
    association = traffic.association(1)
    assert must_act("acceptor", association, traffic, 60 * 10**9) is None
    assert must_act("requestor", association, traffic, 60 * 10**9) == "requestor"
    assert must_act("acceptor", association, traffic, 10**6) == "acceptor"


def test_who_waited_for_a_move_may_have_waited_for_what_went_elsewhere() -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)])
    forge.exchange(association, "C-MOVE")
    traffic = forge.traffic()
    assert must_act("requestor", traffic.association(1), traffic, 30 * 10**9) is None


def test_who_ended_it_may_have_done_so_upon_what_was_not_captured() -> None:
    def deaf_to(**fields: Any) -> bool:
        forge = TrafficForge()
        line = forge.connection(to_responder=fields.pop("to_responder", {}))
        association = forge.association(line, outcome=Outcome.CLOSED, closed_by="acceptor", **fields)
        if not fields.get("blind"):
            forge.exchange(association, "C-ECHO", status=0)
        traffic = forge.traffic()
        return deaf(traffic.association(1), Direction.TO_INITIATOR, 0, traffic)

    assert not deaf_to()
    assert deaf_to(blind=[Blind.HOLE_TO_ACCEPTOR])
    assert deaf_to(blind=[Blind.REQUEST])
    assert deaf_to(to_responder={"truncated_bytes": 10})
    traffic = cut().traffic()
    sent = traffic.conversation(1).tcp.facts(Direction.TO_RESPONDER).bytes
    assert deaf(traffic.association(1), Direction.TO_INITIATOR, sent + 2, traffic)
    assert not deaf(traffic.association(1), Direction.TO_INITIATOR, sent + 1, traffic)


@pytest.mark.parametrize("ender", ["requestor", "acceptor"])
def test_what_held_the_rest_of_a_request_up_for_long_may_be_the_way(ender: str) -> None:
    forge = TrafficForge()
    association = forge.association(outcome=Outcome.ABORTED, aborts=[(ender, 0, 0)])
    forge.exchange(association, "C-STORE", sent_bytes=4096)
    traffic = forge.traffic()
    assert must_act(ender, traffic.association(1), traffic, 20 * 10**9) is None
    assert must_act(ender, traffic.association(1), traffic, 10**6) == ender


def test_where_the_time_or_the_answer_is_not_known_nobody_is_to_act() -> None:
    assert must_act("requestor", cut().traffic().association(1), cut().traffic(), None) is None
    traffic = cut(blind=[Blind.HOLE_TO_REQUESTOR]).traffic()
    hidden = traffic.association(1)
    assert doubtful(hidden)
    assert must_act("requestor", hidden, traffic, 30 * 10**9) is None
    assert must_act("requestor", hidden, traffic, 10**6) == "requestor"


def test_without_a_hole_the_tail_was_seen() -> None:
    traffic = cut().traffic()
    assert not tail_unseen(traffic.association(1), traffic)
    blind = cut(blind=[Blind.TO_ACCEPTOR]).traffic()
    assert tail_unseen(blind.association(1), blind)


def test_who_waited_for_what_was_not_captured_is_not_accused() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)], blind=[Blind.HOLE_TO_ACCEPTOR])
    traffic = forge.traffic()
    association = traffic.association(1)
    assert must_act("requestor", association, traffic, 30 * 10**9) is None
    assert must_act("requestor", association, traffic, 10**6) == "requestor"
