"""Requests and responses paired, whichever half comes first and however message IDs are used."""

from collections.abc import Iterable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.association.pairing import Pairing
from dicomsniff.association.values import Exchange, ExchangeOutcome
from dicomsniff.core import Direction, Evidence, Limits
from dicomsniff.dimse.command import CommandSet
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.payload import Payload, PayloadStore

OUT, BACK = Direction.TO_RESPONDER, Direction.TO_INITIATOR
STORE, GET, FIND, MOVE, ECHO, CANCEL = 0x0001, 0x0010, 0x0020, 0x0021, 0x0030, 0x0FFF
DONE, WARNED, FAILED = ExchangeOutcome.COMPLETED, ExchangeOutcome.WARNING, ExchangeOutcome.FAILED
CANCELLED, UNANSWERED = ExchangeOutcome.CANCELLED, ExchangeOutcome.UNANSWERED
INCOMPLETE, ORPHAN = ExchangeOutcome.INCOMPLETE, ExchangeOutcome.ORPHAN_RESPONSE


def message(
    at: int, direction: Direction, field: int, id: int | None = 1, status: int | None = None, *,
    context: int = 1, payload: Payload | None = None, finished: bool = True, **elements: object,
) -> Message:  # fmt: skip
    """One message in packet `at`, at second `at`."""
    ids = {"message_id_being_responded_to" if field & 0x8000 or field == CANCEL else "message_id": id}
    command = CommandSet(field, status=status, **(ids | elements))  # type: ignore[arg-type]
    seen = Evidence(direction, at * 10, at * 10 + 10, at, at, at * 10**9, at * 10**9)
    return Message(direction, context, command, payload, seen, finished, finished)


def rq(at: int, field: int = ECHO, id: int | None = 1, direction: Direction = OUT, **more: object) -> Message:
    return message(at, direction, field, id, **more)  # type: ignore[arg-type]


def rsp(
    at: int, field: int = ECHO, id: int | None = 1, status: int | None = 0, direction: Direction = BACK, **more: object
) -> Message:
    return message(at, direction, field | 0x8000, id, status, **more)  # type: ignore[arg-type]


def pair(messages: Iterable[Message], limits: Limits | None = None) -> list[Exchange]:
    pairing = Pairing(limits or Limits())
    for one in messages:
        pairing.add(one)
    pairing.finish()
    return pairing.exchanges


def payload(data: bytes = b"data") -> Payload:
    writer = PayloadStore().writer(100)
    writer.write(data)
    return writer.finish(True)


def test_a_request_and_its_response_are_one_exchange() -> None:
    asked, answered = rq(1), rsp(2)
    [exchange] = pair([asked, answered])
    assert (exchange.service, exchange.message_id, exchange.outcome) == ("C-ECHO", 1, DONE)
    assert (exchange.request, exchange.first_response, exchange.final) == (
        asked.evidence,
        answered.evidence,
        answered.evidence,
    )
    assert (exchange.responses, exchange.pending, exchange.status, exchange.status_class) == (1, 0, 0, "success")


@pytest.mark.parametrize(
    ("status", "outcome"), [(0, DONE), (0xB000, WARNED), (0xA700, FAILED), (0xFE00, CANCELLED), (0x0110, FAILED)]
)
def test_the_outcome_is_that_of_the_status(status: int, outcome: ExchangeOutcome) -> None:
    [exchange] = pair([rq(1, STORE), rsp(2, STORE, status=status)])
    assert (exchange.outcome, exchange.status) == (outcome, status)


def test_a_response_before_its_request_in_the_order_of_reading_finds_it() -> None:
    [exchange] = pair([rsp(2), rq(1)])
    assert (exchange.outcome, exchange.responses) == (DONE, 1)


def test_pending_responses_are_counted_and_their_data_sets_kept() -> None:
    found = [rsp(at, FIND, status=0xFF00, payload=payload()) for at in (2, 3, 4)]
    [exchange] = pair([rq(1, FIND), *found, rsp(5, FIND)])
    assert (exchange.pending, exchange.responses, len(exchange.answers), exchange.outcome) == (3, 4, 3, DONE)
    assert exchange.first_response == found[0].evidence


def test_only_so_many_data_sets_of_responses_are_kept() -> None:
    found = [rsp(at, FIND, status=0xFF01, payload=payload()) for at in range(2, 12)]
    [exchange] = pair([rq(1, FIND), *found], Limits(pending_payloads=4))
    assert (exchange.pending, len(exchange.answers), exchange.outcome) == (10, 4, UNANSWERED)


def test_a_request_without_response_is_unanswered() -> None:
    [exchange] = pair([rq(1)])
    assert (exchange.outcome, exchange.status, exchange.final) == (UNANSWERED, None, None)


def test_a_request_that_was_cut_off_is_incomplete_until_it_is_answered() -> None:
    assert pair([rq(1, STORE, finished=False)])[0].outcome is INCOMPLETE
    assert pair([rq(1, STORE, finished=False), rsp(2, STORE)])[0].outcome is DONE


def test_a_response_that_nobody_asked_for_is_an_orphan() -> None:
    [exchange] = pair([rsp(1, STORE, 7, 0xA700, affected_sop_instance_uid="1.2.3")])
    assert (exchange.outcome, exchange.request, exchange.status) == (ORPHAN, None, 0xA700)
    assert (exchange.direction, exchange.message_id, exchange.sop_instance) == (OUT, 7, "1.2.3")


def test_pending_responses_of_a_query_begun_before_the_capture_are_one_orphan() -> None:
    [exchange] = pair([rsp(1, FIND, status=0xFF00), rsp(2, FIND, status=0xFF00), rsp(3, FIND)])
    assert (exchange.outcome, exchange.pending, exchange.responses) == (ORPHAN, 2, 3)


def test_a_second_final_response_is_an_orphan() -> None:
    first, second = pair([rq(1), rsp(2), rsp(3, status=0x0110)])
    assert (first.outcome, first.status, second.outcome, second.status) == (DONE, 0, ORPHAN, 0x0110)


def test_the_same_message_id_again_is_another_exchange() -> None:
    exchanges = pair([rq(1), rsp(2), rq(3), rsp(4, status=0x0122)])
    assert [(e.outcome, e.status) for e in exchanges] == [(DONE, 0), (FAILED, 0x0122)]


def test_a_response_belongs_to_the_latest_request_of_its_id_that_it_can_have_followed() -> None:
    first, second = pair([rq(1), rq(3), rsp(4, status=0x0110)])  # the response to the first one was not captured
    assert (first.outcome, first.status) == (UNANSWERED, None)
    assert (second.outcome, second.status) == (FAILED, 0x0110)


def test_requests_read_before_their_responses_get_each_its_own_by_time() -> None:
    exchanges = pair([rq(1), rq(3), rq(5), rsp(2, status=0), rsp(4, status=0x0110), rsp(6, status=0x0122)])
    assert [e.status for e in exchanges] == [0, 0x0110, 0x0122]


def test_responses_read_before_their_requests_get_each_its_own_by_time() -> None:
    exchanges = pair([rsp(2, status=0), rsp(4, status=0x0110), rsp(6, status=0x0122), rq(1), rq(3), rq(5)])
    assert [e.status for e in exchanges] == [0, 0x0110, 0x0122]


def test_requests_under_way_together_are_told_apart_by_their_ids() -> None:
    exchanges = pair([rq(1, id=1), rq(2, id=2), rsp(3, id=2, status=0x0110), rsp(4, id=1)])
    assert [e.status for e in exchanges] == [0, 0x0110]


def test_both_sides_may_use_the_same_id_at_once() -> None:
    exchanges = pair([rq(1), rq(2, direction=BACK), rsp(3, direction=OUT, status=0x0110), rsp(4, direction=BACK)])
    assert [(e.direction, e.status) for e in exchanges] == [(OUT, 0), (BACK, 0x0110)]


def test_a_response_of_another_service_does_not_fit() -> None:
    echo, orphan = pair([rq(1, ECHO), rsp(2, STORE)])
    assert (echo.outcome, orphan.outcome, orphan.service) == (UNANSWERED, ORPHAN, "C-STORE")


def test_of_two_requests_with_one_id_the_one_on_the_same_context_is_answered() -> None:
    first, second = pair([rq(1, context=1), rq(2, context=3), rsp(3, context=1, status=0x0110)])
    assert (first.status, second.status) == (0x0110, None)


def test_a_response_on_a_wrong_context_is_still_the_response() -> None:
    [exchange] = pair([rq(1, context=1), rsp(2, context=3)])
    assert exchange.outcome is DONE


def test_a_cancel_is_noted_on_its_query_and_is_no_exchange() -> None:
    cancel = message(3, OUT, CANCEL)
    [exchange] = pair([rq(1, FIND), rsp(2, FIND, status=0xFF00), cancel, rsp(4, FIND, status=0xFE00)])
    assert (exchange.cancel, exchange.outcome) == (cancel.evidence, CANCELLED)


def test_a_cancel_without_query_is_nothing() -> None:
    assert pair([message(1, OUT, CANCEL)]) == []


def test_stores_of_the_other_side_during_a_get_are_its_sub_operations() -> None:
    during = [
        rq(2, STORE, 1, BACK),
        rsp(3, STORE, 1, direction=OUT),
        rq(4, STORE, 2, BACK),
        rsp(5, STORE, 2, direction=OUT),
    ]
    exchanges = pair([rq(1, GET), *during, rsp(6, GET, completed_suboperations=2)])
    assert (exchanges[0].children, [e.parent for e in exchanges]) == ([1, 2], [None, 0, 0])
    assert exchanges[0].suboperations is not None and exchanges[0].suboperations.completed == 2


def test_sub_operations_read_before_their_get_find_it() -> None:
    exchanges = pair([rq(2, STORE, 1, BACK), rq(1, GET), rsp(6, GET)])
    assert [(e.service, e.parent, e.children) for e in exchanges] == [("C-STORE", 1, []), ("C-GET", None, [0])]


def test_stores_before_or_after_a_get_or_of_its_own_side_are_not_its_sub_operations() -> None:
    strangers = [rq(1, STORE, 1, BACK), rq(3, STORE, 2, OUT), rq(9, STORE, 3, BACK)]
    exchanges = pair([strangers[0], rq(2, GET, 9), strangers[1], rsp(4, GET, 9), strangers[2]])
    assert [e.parent for e in exchanges] == [None] * 4


def test_each_get_has_its_own_sub_operations() -> None:
    exchanges = pair([rq(1, GET), rq(2, STORE, 1, BACK), rsp(3, GET), rq(4, GET), rq(5, STORE, 1, BACK), rsp(6, GET)])
    assert [e.children for e in exchanges if e.service == "C-GET"] == [[1], [3]]


def test_words_of_the_responses_are_kept() -> None:
    failed = rsp(2, STORE, 1, 0xA700, error_comment="disk full", offending_elements=(0x00100020,), error_id=7)
    [exchange] = pair([rq(1, STORE), failed])
    assert (exchange.error_comment, exchange.offending_elements, exchange.error_id) == ("disk full", (0x00100020,), 7)
    assert exchange.status_text and "resources" in exchange.status_text


def test_what_only_requests_say_is_kept() -> None:
    sent = rq(1, MOVE, move_destination="WS1", affected_sop_class_uid="1.2.3", payload=payload())
    [exchange] = pair([sent])
    assert (exchange.move_destination, exchange.sop_class, exchange.payload) == ("WS1", "1.2.3", sent.payload)


def test_counters_of_every_response_are_kept_up_to_a_limit_and_always_the_last() -> None:
    responses = [rsp(2 + n, MOVE, status=0xFF00, remaining_suboperations=9 - n) for n in range(9)]
    last = rsp(20, MOVE, completed_suboperations=9)
    for kept, limits in (([9, 8, 7, 6, 5, 4, 3, 2, 1, None], Limits()), ([9, 8, None], Limits(progress=3))):
        [exchange] = pair([rq(1, MOVE), *responses, last], limits)
        assert [one.counts.remaining for one in exchange.progress] == kept
        assert exchange.progress[-1].evidence == exchange.final


def test_a_response_without_status_fails_and_says_so() -> None:
    [exchange] = pair([rq(1), rsp(2, status=None)])
    assert (exchange.outcome, exchange.status, exchange.status_class) == (FAILED, None, None)
    assert exchange.status_text == "the response carries no status"


def test_messages_without_an_id_are_paired_all_the_same() -> None:
    [exchange] = pair([rq(1, id=None), rsp(2, id=None)])
    assert (exchange.message_id, exchange.outcome) == (None, DONE)


def test_whichever_way_two_directions_are_interleaved_the_exchanges_are_the_same() -> None:
    requests = [rq(1), rq(3), rq(5)]
    responses = [rsp(2, status=1), rsp(4, status=2), rsp(6, status=3)]
    for picks in set(permutations([0] * 3 + [1] * 3)):
        sides = [iter(requests), iter(responses)]
        exchanges = pair(next(sides[pick]) for pick in picks)
        assert [e.status for e in exchanges] == [1, 2, 3], picks


FIELDS = st.sampled_from([STORE, GET, FIND, MOVE, ECHO, CANCEL, 0x8001, 0x8010, 0x8020, 0x8030, 0x1234, 0xFFFF])
ANY = st.builds(
    message, st.integers(1, 50), st.sampled_from(Direction), FIELDS, st.sampled_from([None, 1, 2]),
    st.sampled_from([None, 0, 0xFF00, 0xFE00, 0xA700, 0x1111]), finished=st.booleans(),
)  # fmt: skip


@given(st.lists(ANY, max_size=40))
def test_whatever_comes_every_request_is_an_exchange_and_every_response_is_in_one(messages: list[Message]) -> None:
    exchanges = pair(messages)
    wanted = [m for m in messages if not m.command.is_response and m.command.command_field != CANCEL]
    assert [e.request for e in exchanges if e.request] == [m.evidence for m in wanted]
    assert sum(e.responses for e in exchanges) == sum(m.command.is_response for m in messages)
    for place, exchange in enumerate(exchanges):
        assert all(exchanges[child].parent == place for child in exchange.children)
        assert (exchange.outcome is ORPHAN) == (exchange.request is None)


def test_a_response_on_another_context_or_of_another_class_is_odd() -> None:
    pairing = Pairing()
    pairing.add(rq(1, STORE, affected_sop_class_uid="1.2"))
    pairing.add(rsp(2, STORE, affected_sop_class_uid="1.3"))
    pairing.add(rq(3, STORE, 2, affected_sop_class_uid="1.2"))
    pairing.add(rsp(4, STORE, 2, context=3, affected_sop_class_uid="1.2"))
    pairing.add(rq(5, STORE, 3, affected_sop_class_uid="1.2"))
    pairing.add(rsp(6, STORE, 3))
    assert [o.evidence.first_packet for o in pairing.odd] == [2, 4]
    assert "it names 1.3" in pairing.odd[0].detail and "context 3" in pairing.odd[1].detail


def test_a_response_to_a_store_that_names_another_instance_is_odd() -> None:
    pairing = Pairing()
    for at, told in ((1, "1.2.4"), (3, "1.2.3"), (5, None)):
        pairing.add(rq(at, STORE, at, affected_sop_instance_uid="1.2.3"))
        pairing.add(rsp(at + 1, STORE, at, affected_sop_instance_uid=told))
    [odd] = pairing.odd
    assert "it names the instance 1.2.4, the request 1.2.3" in odd.detail


def test_responses_after_a_cancel_are_timed_whichever_direction_is_read_first() -> None:
    asked, cancel = rq(1, FIND), message(4, OUT, CANCEL, 1)
    answers = [rsp(at, FIND, status=0xFF00) for at in (2, 3, 5, 6)]
    last = rsp(7, FIND, status=0xFE00)
    for order in ([asked, *answers, last, cancel], [*answers, last, asked, cancel], [asked, cancel, *answers, last]):
        (exchange,) = pair(order)
        assert exchange.cancel == cancel.evidence
        assert exchange.pending_after_cancel_ns == (5 * 10**9, 6 * 10**9)
        assert exchange.pending == exchange.pending_without_data == 4 and not exchange.final_has_data


def test_what_its_sender_had_heard_tells_which_responses_followed_a_cancel() -> None:
    asked, cancel = rq(1, FIND), message(2, OUT, CANCEL, 1)
    heard = cancel.evidence.start, cancel.evidence.end, cancel.evidence.end
    answers = [rsp(at, FIND, status=0xFF00) for at in (3, 4, 5)]
    answers = [a._replace(evidence=a.evidence._replace(heard=h)) for a, h in zip(answers, heard, strict=True)]
    (exchange,) = pair([asked, *answers, cancel])
    assert exchange.pending_after_cancel_ns == (4 * 10**9, 5 * 10**9)


def test_an_origin_without_a_title_and_a_message_is_none() -> None:
    for title, origin in (("WS1", ("WS1", 0)), ("", (None, None))):
        [exchange] = pair([rq(1, STORE, move_originator_ae=title, move_originator_message_id=0)])
        assert (exchange.move_originator_ae, exchange.move_originator_message_id) == origin
