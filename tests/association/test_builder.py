"""Associations from conversations: how they end, what was not seen of them, who is who, what is odd."""

from pathlib import Path

import pytest

from dicomsniff.association.values import Association, Blind, ExchangeOutcome, Outcome, Traffic
from dicomsniff.core import AnomalyCode, Direction
from tests.association.dialogue import CT, EXPLICIT, Dialogue, p_data, read
from tests.forge import messages, pdus
from tests.forge.wire import BACK, OUT, Frame, Wire


def sent_by(frame: Frame, port: int) -> bool:
    """Whether a frame (IPv4, no options) was sent from this port."""
    return int.from_bytes(frame[1][34:36], "big") == port


def only(traffic: Traffic) -> Association:
    [association] = traffic.associations
    return association


def one(tmp_path: Path, dialogue: Dialogue) -> Association:
    return only(read(tmp_path / "c.pcap", dialogue))


def codes(association: Association) -> list[AnomalyCode]:
    return [anomaly.code for anomaly in association.anomalies]


def asked(dialogue: Dialogue | None = None) -> Dialogue:
    """TCP and an A-ASSOCIATE-RQ."""
    dialogue = dialogue or Dialogue()
    dialogue.wire.connect()
    return dialogue.say(pdus.request())


def closed(dialogue: Dialogue, first: Direction = OUT) -> Dialogue:
    dialogue.wire.close(first)
    return dialogue


def test_a_whole_association_is_released_with_all_its_facts(tmp_path: Path) -> None:
    a = one(tmp_path, Dialogue().open().store("1.2.3", b"12345678").release())
    assert (a.outcome, a.blind, a.anomalies, a.broken, a.aborts) == (Outcome.RELEASED, frozenset(), (), (), ())
    assert (a.calling_ae, a.called_ae) == ("MODALITY", "ARCHIVE")
    assert (str(a.requestor), str(a.acceptor)) == ("10.0.0.1:40000", "10.0.0.2:104")
    assert a.request and a.accept and a.release_request and a.release_response and a.reject is None
    [exchange] = a.exchanges
    assert (exchange.requested_by, exchange.transfer_syntax, exchange.sop_class) == ("requestor", EXPLICIT, CT)
    assert [(c.id, c.accepted, c.exchanges) for c in a.contexts] == [(1, True, 1)]
    assert a.pdu_counts == {(0, 1): 1, (1, 2): 1, (0, 4): 2, (1, 4): 1, (0, 5): 1, (1, 6): 1}


@pytest.mark.parametrize("by", [OUT, BACK])
def test_closed_without_release(by: Direction, tmp_path: Path) -> None:
    a = one(tmp_path, closed(Dialogue().open().echo(), by))
    assert (a.outcome, a.closed_by, a.blind) == (Outcome.CLOSED, by, frozenset())


def test_reset_without_release(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo(status=None)
    dialogue.wire.reset(BACK)
    a = one(tmp_path, dialogue)
    assert (a.outcome, a.closed_by) == (Outcome.CLOSED, BACK)
    assert a.exchanges[0].outcome is ExchangeOutcome.UNANSWERED


def test_rejected(tmp_path: Path) -> None:
    a = one(tmp_path, closed(asked().say(pdus.rejection(2, 1, 3), BACK)))
    assert a.outcome is Outcome.REJECTED and a.reject is not None
    assert (a.reject.result, a.reject.source, a.reject.reason) == (2, 1, 3)


@pytest.mark.parametrize(("by", "role"), [(OUT, "requestor"), (BACK, "acceptor")])
def test_aborted_and_the_first_abort_counts(by: Direction, role: str, tmp_path: Path) -> None:
    a = one(tmp_path, closed(Dialogue().open().echo().say(pdus.abort(0, 0), by).say(pdus.abort(2, 2), by.opposite)))
    assert a.outcome is Outcome.ABORTED and a.abort is not None
    assert (a.role(a.abort.evidence.direction), a.abort.source, len(a.aborts)) == (role, 0, 2)


def test_an_abort_after_the_release_does_not_undo_it(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo().say(pdus.release_request()).say(pdus.release_response(), BACK)
    a = one(tmp_path, closed(dialogue.say(pdus.abort(2, 2))))
    assert (a.outcome, len(a.aborts)) == (Outcome.RELEASED, 1)


def test_an_abort_instead_of_the_answer_to_a_release_is_an_abort(tmp_path: Path) -> None:
    a = one(tmp_path, closed(Dialogue().open().echo().say(pdus.release_request()).say(pdus.abort(), BACK)))
    assert a.outcome is Outcome.ABORTED


def test_an_abort_before_the_answer_to_a_release_is_an_abort(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo().say(pdus.release_request()).say(pdus.abort())
    a = one(tmp_path, closed(dialogue.say(pdus.release_response(), BACK)))
    assert a.outcome is Outcome.ABORTED


def test_a_request_that_nobody_answers_before_the_connection_ends_is_unanswered(tmp_path: Path) -> None:
    assert one(tmp_path, closed(asked())).outcome is Outcome.UNANSWERED


def test_a_request_still_unanswered_when_the_capture_ends_is_open(tmp_path: Path) -> None:
    a = one(tmp_path, asked())
    assert (a.outcome, set(a.blind)) == (Outcome.OPEN, {Blind.END})


def test_an_association_under_way_when_the_capture_ends_is_open(tmp_path: Path) -> None:
    a = one(tmp_path, Dialogue().open().store("1.2.3", bytes(1000), status=None))
    assert (a.outcome, set(a.blind), a.exchanges[0].outcome) == (Outcome.OPEN, {Blind.END}, ExchangeOutcome.UNANSWERED)


def test_the_end_of_the_capture_inside_a_pdu_is_not_held_against_its_sender(tmp_path: Path) -> None:
    dialogue = Dialogue().open().store("1.2.3", bytes(10_000), status=None)
    del dialogue.wire.frames[-3:]
    a = one(tmp_path, dialogue)
    assert (codes(a), a.exchanges[0].outcome) == ([], ExchangeOutcome.INCOMPLETE)


def test_the_end_of_the_connection_inside_a_pdu_is(tmp_path: Path) -> None:
    dialogue = Dialogue().open().say(p_data(1, messages.store_rq(1), bytes(10_000))[:5000])
    a = one(tmp_path, closed(dialogue))
    assert codes(a) == [AnomalyCode.PDU_TRUNCATED]
    assert [b.reason for b in a.broken] == ["cut"]


def test_released_but_not_closed_is_released_and_nothing_is_missing(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo().say(pdus.release_request()).say(pdus.release_response(), BACK)
    a = one(tmp_path, dialogue)
    assert (a.outcome, a.blind) == (Outcome.RELEASED, frozenset())


def test_two_associations_on_one_connection_are_two(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo().say(pdus.release_request()).say(pdus.release_response(), BACK)
    first, second = read(
        tmp_path / "c.pcap", dialogue.negotiate(calling=b"OTHER").store("1.2.3", bytes(10)).release()
    ).associations
    assert (first.calling_ae, first.outcome, [e.service for e in first.exchanges]) == (
        "MODALITY",
        Outcome.RELEASED,
        ["C-ECHO"],
    )
    assert (second.calling_ae, second.outcome, [e.service for e in second.exchanges]) == (
        "OTHER",
        Outcome.RELEASED,
        ["C-STORE"],
    )
    assert first.last_packet < second.first_packet
    assert first.closed_by is None and second.closed_by is OUT


def test_what_the_first_association_left_unfinished_is_not_the_second_ones(tmp_path: Path) -> None:
    unfinished = pdus.p_data(pdus.pdv(messages.store_rq(9), command=True)) + pdus.p_data(
        pdus.pdv(bytes(99), last=False)
    )
    dialogue = Dialogue().open().say(unfinished).say(pdus.abort()).negotiate(calling=b"OTHER").echo()
    first, second = read(tmp_path / "c.pcap", dialogue.release()).associations
    assert [(e.service, e.outcome) for e in first.exchanges] == [("C-STORE", ExchangeOutcome.INCOMPLETE)]
    assert [(e.service, e.outcome) for e in second.exchanges] == [("C-ECHO", ExchangeOutcome.COMPLETED)]
    assert second.anomalies == ()


def test_an_acceptance_captured_before_its_request_is_still_its_answer(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo().release()
    frames = dialogue.wire.frames
    places = [place for place, (_, frame) in enumerate(frames) if len(frame) > 150][:2]
    first, second = places
    times = frames[first][0], frames[second][0]
    frames[first], frames[second] = (times[0], frames[second][1]), (times[1], frames[first][1])
    a = one(tmp_path, dialogue)
    assert (a.outcome, a.calling_ae, a.accept is not None, codes(a)) == (Outcome.RELEASED, "MODALITY", True, [])


def test_without_its_beginning_the_request_is_not_seen_and_nothing_is_odd(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo(1).echo(2).echo(3).release()
    begin = next(place for place, (_, frame) in enumerate(dialogue.wire.frames) if len(frame) > 54 + 60 and place > 6)
    del dialogue.wire.frames[:begin]
    a = one(tmp_path, dialogue)
    assert a.request is None and Blind.REQUEST in a.blind
    assert (a.outcome, a.calling_ae, codes(a)) == (Outcome.RELEASED, None, [])
    assert [(c.id, c.inferred, str(c.result)) for c in a.contexts] == [(1, True, "unanswered")]


def test_with_only_the_requests_nothing_is_called_unanswered_by_mistake(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo().release()
    dialogue.wire.frames[:] = [f for f in dialogue.wire.frames if sent_by(f, 40000)]
    a = one(tmp_path, dialogue)
    assert {Blind.TO_REQUESTOR, Blind.ANSWER} <= a.blind
    assert a.outcome is Outcome.RELEASED and a.blind_towards(BACK) and not a.blind_towards(OUT)


def test_with_only_the_responses_they_are_orphans_but_not_odd(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo().release()
    dialogue.wire.frames[:] = [f for f in dialogue.wire.frames if sent_by(f, 104)]
    a = one(tmp_path, dialogue)
    assert {Blind.REQUEST, Blind.TO_ACCEPTOR} <= a.blind
    assert [e.outcome for e in a.exchanges] == [ExchangeOutcome.ORPHAN_RESPONSE] and codes(a) == []
    assert (str(a.requestor), str(a.acceptor)) == ("10.0.0.1:40000", "10.0.0.2:104")


def test_a_hole_where_the_answer_must_have_been_is_said(tmp_path: Path) -> None:
    dialogue = asked()
    dialogue.wire.seq[BACK] += 200  # an answer that was acknowledged but not captured
    dialogue.wire.acknowledge(BACK)
    a = one(tmp_path, closed(dialogue))
    assert {Blind.ANSWER, Blind.HOLE_TO_REQUESTOR} <= a.blind and a.outcome is Outcome.CLOSED


def test_midstream_the_side_that_asks_is_the_requestor_whatever_the_ports(tmp_path: Path) -> None:
    wire = Wire(client=("10.0.0.1", 104), server=("10.0.0.2", 104))
    dialogue = Dialogue(wire)
    for number in (1, 2, 3):
        dialogue.say(p_data(1, messages.echo_rq(number)), BACK)
        dialogue.say(p_data(1, messages.response(0x8030, number)), OUT)
    a = one(tmp_path, dialogue)
    assert str(a.requestor.ip) == "10.0.0.2" and {e.requested_by for e in a.exchanges} == {"requestor"}


def test_midstream_stores_of_a_get_do_not_make_their_sender_the_requestor(tmp_path: Path) -> None:
    dialogue = Dialogue(Wire(client=("10.0.0.1", 4000), server=("10.0.0.2", 4001)))
    for number in (1, 2):
        dialogue.store(f"1.2.{number}", bytes(100), direction=BACK)
    dialogue.say(p_data(1, messages.response(0x8010, 7)), BACK)
    a = one(tmp_path, dialogue)
    assert a.requestor.ip == "10.0.0.1"
    assert [(e.service, e.requested_by) for e in a.exchanges] == [("C-STORE", "acceptor")] * 2 + [
        ("C-GET", "requestor")
    ]


def test_the_end_that_opened_tcp_is_the_requestor_even_without_a_readable_request(tmp_path: Path) -> None:
    dialogue = Dialogue()
    dialogue.wire.connect()
    dialogue.wire.seq[OUT] += 300  # neither the request nor its answer was captured
    dialogue.wire.seq[BACK] += 300
    for number in range(3):
        dialogue.store(f"1.2.{number}", bytes(10), direction=BACK)
    assert one(tmp_path, dialogue).requestor.ip == "10.0.0.1"


def test_messages_out_of_phase_are_odd(tmp_path: Path) -> None:
    a = one(tmp_path, closed(asked().say(p_data(1, messages.echo_rq()))))
    assert codes(a)[0] is AnomalyCode.PDU_OUT_OF_PHASE


def test_a_pdu_longer_than_its_receiver_announced_is_odd_once(tmp_path: Path) -> None:
    long = pdus.p_data(pdus.pdv(messages.store_rq(1), command=True)) + pdus.p_data(pdus.pdv(bytes(20_000)))
    a = one(tmp_path, Dialogue().open().say(long).say(long).release())
    assert codes(a) == [AnomalyCode.PDU_TOO_LONG]
    assert "20006 bytes" in a.anomalies[0].detail and "16384" in a.anomalies[0].detail


def test_use_of_a_refused_context_is_odd_once_a_context(tmp_path: Path) -> None:
    a = one(tmp_path, Dialogue().open(result=3).store("1.2.3", bytes(10)).store("1.2.4", bytes(10)).release())
    assert codes(a) == [AnomalyCode.CONTEXT_NOT_ACCEPTED]
    assert [e.transfer_syntax for e in a.exchanges] == [None, None]


def test_a_response_to_nothing_is_odd(tmp_path: Path) -> None:
    a = one(tmp_path, Dialogue().open().say(p_data(1, messages.response(0x8001, 5)), BACK).release())
    assert codes(a) == [AnomalyCode.RESPONSE_WITHOUT_REQUEST] and "message ID 5" in a.anomalies[0].detail


def test_the_second_acceptance_does_not_replace_the_first(tmp_path: Path) -> None:
    dialogue = Dialogue().open().say(pdus.acceptance(pdus.answered_context(1, 3, None)), BACK)
    a = one(tmp_path, dialogue.echo().release())
    assert a.accept is not None and a.accept.contexts[0].result == 0
    assert AnomalyCode.PDU_OUT_OF_PHASE in codes(a)


def test_garbage_after_the_negotiation_is_broken_and_the_rest_is_not_judged_by_the_table(tmp_path: Path) -> None:
    a = one(tmp_path, closed(Dialogue().open().echo().say(b"\xee" * 500)))
    assert a.broken and AnomalyCode.PDU_OUT_OF_PHASE not in codes(a)
    assert [e.outcome for e in a.exchanges] == [ExchangeOutcome.COMPLETED]
