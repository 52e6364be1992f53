"""One connection from its SYN to its end: roles, starts of streams, round trips, closings, windows."""

import pytest

from dicomsniff.core import Direction, Endpoint
from dicomsniff.tcp.connection import LINGER_NS, REUSE_NS, SETTLE_PACKETS
from dicomsniff.tcp.events import Closing, GapCause
from tests.forge.wire import ACK, BACK, FIN, OUT, RST, SYN, Frame, Wire
from tests.tcp.assembling import Outcome, both_ways

CLIENT, SERVER = Endpoint("10.0.0.1", 40000), Endpoint("10.0.0.2", 104)
ASK, ANSWER = b"request " * 500, b"response" * 300


def _talk(wire: Wire | None = None) -> Wire:
    return (wire or Wire()).connect().send(OUT, ASK).send(BACK, ANSWER).acknowledge(BACK)


def _whole(outcome: Outcome) -> None:
    assert (outcome.data(OUT), outcome.data(BACK)) == (ASK, ANSWER)
    assert (outcome.only.initiator, outcome.only.responder) == (CLIENT, SERVER)


def _swapped(frames: list[Frame], one: int, other: int) -> list[Frame]:
    """The bytes of two packets exchanged, the times left in order."""
    data = [packet for _, packet in frames]
    data[one], data[other] = data[other], data[one]
    return [(time, packet) for (time, _), packet in zip(frames, data, strict=True)]


def test_a_connection_from_handshake_to_fin() -> None:
    outcome = both_ways(_talk().close().frames)
    _whole(outcome)
    connection = outcome.only
    assert (connection.opened, connection.closed) == ("handshake", "fin")
    assert (connection.first_packet, connection.last_packet) == (1, len(_talk().close().frames))
    assert (connection.syn_packets, connection.syn_ack_packet) == ((1,), 2)
    assert (connection.to_responder.acknowledged, connection.to_initiator.acknowledged) == (len(ASK), len(ANSWER))
    assert connection.to_responder.lost_bytes == connection.to_initiator.lost_bytes == 0


@pytest.mark.parametrize("isn", [(2**32 - 1, 2**32 - 2), (2**32 - 2, 5), (2**32 - 2000, 2**32 - 1000), (0, 2**31)])
def test_sequence_numbers_wrap_in_the_handshake_or_the_transfer(isn: tuple[int, int]) -> None:
    outcome = both_ways(_talk(Wire(isn=isn)).close().frames)
    _whole(outcome)
    assert outcome.only.to_responder.acknowledged == len(ASK)


def test_connections_over_ipv6_are_the_same() -> None:
    wire = _talk(Wire(("2001:db8::1", 40000), ("2001:db8::2", 104)))
    outcome = both_ways(wire.close().frames)
    assert outcome.data(OUT) == ASK
    assert str(outcome.only.responder) == "[2001:db8::2]:104"


@pytest.mark.parametrize("places", [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (0, 5)])
def test_packets_of_the_handshake_may_come_in_any_order(places: tuple[int, int]) -> None:
    outcome = both_ways(_swapped(_talk().frames, *places))
    _whole(outcome)
    assert outcome.only.opened == "handshake"


def test_a_syn_that_comes_after_data_says_who_began() -> None:
    wire = Wire(("10.0.0.1", 104), ("10.0.0.2", 40000))
    frames = _swapped(wire.connect().send(OUT, ASK).send(BACK, ANSWER).frames, 0, 4)
    outcome = both_ways(frames)
    assert (outcome.only.initiator.ip, outcome.data(OUT)) == ("10.0.0.1", ASK)
    assert outcome.only.to_responder.packets == sum(f[26:30] == b"\x0a\0\0\x01" for _, f in frames)


def test_a_slow_answer_to_the_syn_is_waited_for_where_packets_are_out_of_order() -> None:
    wire = Wire(round_trip_ns=800_000_000).connect().send(OUT, b"there" * 9).send(BACK, b"back" * 9).close()
    data = [packet for _, packet in wire.frames]
    data.insert(4, data.pop(1))  # the answer to the SYN behind the first bytes of both
    outcome = both_ways([(time_ns, packet) for (time_ns, _), packet in zip(wire.frames, data, strict=True)])
    assert (outcome.only.opened, outcome.only.to_initiator.bytes) == ("handshake", 36)
    assert outcome.data(BACK) == b"back" * 9


def test_two_syns_at_once_leave_the_first_as_the_initiator() -> None:
    wire = Wire()
    wire.packet(OUT, SYN)
    wire.packet(BACK, SYN)
    wire.packet(OUT, SYN | ACK)
    wire.seq = [1001, 9001]
    outcome = both_ways(wire.send(OUT, ASK).frames)
    assert (outcome.only.initiator, outcome.data(OUT)) == (CLIENT, ASK)


def test_a_repeated_syn_belongs_to_the_same_connection() -> None:
    wire = Wire()
    wire.packet(OUT, SYN)
    wire.wait(1).packet(OUT, SYN)
    outcome = both_ways(_talk(wire.wait(2)).frames)
    _whole(outcome)
    assert (outcome.only.syn_packets, outcome.only.syn_ack_packet) == ((1, 2, 3), 4)
    assert outcome.only.rtt_responder_ns == 1_020_000


def test_a_repeated_syn_ack_does_not_lengthen_the_round_trip() -> None:
    wire = Wire()
    wire.packet(OUT, SYN)
    wire.seq[OUT] += 1
    wire.packet(BACK, SYN | ACK)
    wire.wait(1).packet(BACK, SYN | ACK)
    wire.seq[BACK] += 1
    wire.packet(OUT, ACK)
    outcome = both_ways(wire.send(OUT, ASK).frames)
    assert (outcome.only.rtt_initiator_ns, outcome.only.syn_ack_packet, outcome.data(OUT)) == (20_000, 2, ASK)


def test_a_syn_captured_twice_was_sent_once() -> None:
    wire = Wire(step_ns=3000)
    wire.packet(OUT, SYN)
    wire.packet(OUT, SYN)
    connection = both_ways(wire.frames).only
    assert (connection.syn_packets, connection.opened) == ((1,), "unanswered")


def test_nobody_answers() -> None:
    wire = Wire()
    for seconds in (1, 2, 4):
        wire.packet(OUT, SYN)
        wire.wait(seconds)
    connection = both_ways(wire.frames).only
    assert (connection.opened, connection.closed, connection.syn_packets) == ("unanswered", "open", (1, 2, 3))
    assert [time - connection.first_ns for time in connection.syn_times] == [0, 1_000_020_000, 3_000_040_000]


def test_the_port_is_closed() -> None:
    wire = Wire()
    wire.packet(OUT, SYN)
    wire.seq[OUT] += 1
    wire.packet(BACK, RST | ACK, seq=0)
    connection = both_ways(wire.frames).only
    assert (connection.opened, connection.closed, connection.refused_packet) == ("refused", "rst", 2)
    assert connection.refused_ns == wire.frames[1][0]
    assert connection.closings == (Closing(BACK, "rst", 2, wire.frames[1][0], None, 0),)


@pytest.mark.parametrize("apart", [0.0, 1.5, 3.0, 90.0])
@pytest.mark.parametrize("port", [104, 60000])
def test_a_refusal_captured_before_its_syn_is_one(port: int, apart: float) -> None:
    wire = Wire(server=("10.0.0.2", port))
    wire.seq[OUT] += 1
    wire.packet(BACK, RST | ACK, seq=0)
    wire.wait(apart).packet(OUT, SYN, seq=1000)
    *_, last = both_ways(wire.frames).connections  # two of them where the first was over before the SYN came
    assert (last.initiator.port, last.responder.port) == (40000, port)
    assert (last.opened, last.closed, last.refused_packet) == ("refused", "rst", 1)
    assert last.refused_ns == wire.frames[0][0]


@pytest.mark.parametrize("apart", [0.0, 1.5, 3.0])
def test_the_refusal_of_another_syn_refuses_nothing(apart: float) -> None:
    wire = Wire()
    wire.seq[OUT] = 5000
    wire.packet(BACK, RST | ACK, seq=0)
    wire.wait(apart).packet(OUT, SYN, seq=1000)
    assert not [c for c in both_ways(wire.frames).connections if c.opened == "refused"]


def test_a_second_refusal_captured_before_its_syn_is_found() -> None:
    wire = Wire()
    for isn in (1000, 700_000):
        wire.seq[OUT] = isn + 1
        wire.packet(OUT, SYN, seq=isn)
        wire.packet(BACK, RST | ACK, seq=0)
        wire.wait(4)
    frames = wire.frames[:2] + wire.frames[3:] + wire.frames[2:3]
    frames = [(time_ns, data) for (time_ns, _), (_, data) in zip(wire.frames, frames, strict=True)]
    assert [c.refused_packet for c in both_ways(frames).connections if c.opened == "refused"] == [2, 3]


def test_a_reset_behind_a_handshake_that_was_not_captured_is_no_refusal() -> None:
    frames = Wire().connect().reset(BACK).frames
    connection = both_ways([frames[0], frames[3]]).only
    assert (connection.opened, connection.established, connection.refused_packet) == ("handshake", False, None)
    assert both_ways([frames[0], *frames[2:]]).only.established


def test_a_reset_after_the_handshake_is_no_refusal() -> None:
    connection = both_ways(Wire().connect().reset(BACK).frames).only
    assert (connection.opened, connection.closed, connection.refused_packet) == ("handshake", "rst", None)


def test_bytes_on_the_syn_are_the_first_of_the_stream() -> None:
    wire = Wire()
    wire.packet(OUT, SYN, b"early")
    wire.seq[OUT] += 6
    wire.packet(BACK, SYN | ACK)
    wire.seq[BACK] += 1
    outcome = both_ways(wire.send(OUT, b" bird").frames)
    assert outcome.data(OUT) == b"early bird"


@pytest.mark.parametrize("direction", [OUT, BACK])
def test_one_side_may_close_and_the_other_go_on(direction: int) -> None:
    side = (OUT, BACK)[direction]
    wire = _talk()
    wire.packet(side, FIN | ACK)
    wire.seq[side] += 1
    wire.send(side.opposite, b"more" * 3000).acknowledge(side.opposite)
    outcome = both_ways(wire.frames)
    assert outcome.data(side.opposite).endswith(b"more" * 3000)
    assert (outcome.only.closed, len(outcome.only.closings)) == ("fin", 1)


def test_both_sides_may_close_at_once() -> None:
    wire = _talk()
    wire.packet(OUT, FIN | ACK)
    wire.packet(BACK, FIN | ACK)
    wire.seq = [each + 1 for each in wire.seq]
    wire.packet(OUT, ACK)
    wire.packet(BACK, ACK)
    outcome = both_ways(wire.frames)
    _whole(outcome)
    connection = outcome.only
    assert [(c.direction, c.kind, c.offset) for c in connection.closings] == [(OUT, "fin", 4000), (BACK, "fin", 2400)]
    assert (connection.to_responder.acknowledged, connection.to_initiator.acknowledged) == (4000, 2400)
    assert connection.last_packet == len(wire.frames)


@pytest.mark.parametrize("first", [OUT, BACK])
def test_who_closed_first_is_told_by_the_numbers_of_the_fins(first: Direction) -> None:
    frames = Wire().connect().send(OUT, b"there").send(BACK, b"back").close(first).frames
    frames[-2], frames[-3] = frames[-3], frames[-2]
    closings = both_ways(frames).only.closings
    assert [c.direction for c in closings] == [first, first.opposite]
    assert [c.packet for c in closings] == [len(frames) - 1, len(frames) - 2]


def test_a_fin_on_the_last_bytes_ends_behind_them() -> None:
    wire = _talk()
    wire.packet(OUT, FIN | ACK, b"bye")
    outcome = both_ways(wire.frames)
    assert outcome.data(OUT) == ASK + b"bye"
    assert outcome.only.closings[0].offset == len(ASK) + 3


def test_a_fin_captured_before_the_last_bytes_loses_nothing() -> None:
    frames = Wire().connect().send(OUT, ASK).close().frames
    last = max(n for n, (_, frame) in enumerate(frames) if len(frame) > 60)
    _outcome = both_ways(_swapped(frames, last, next(n for n in range(last, len(frames)) if frames[n][1][47] & FIN)))
    assert _outcome.data(OUT) == ASK


def test_a_reset_after_both_fins_changes_nothing() -> None:
    connection = both_ways(_talk().close().reset(BACK).frames).only
    assert (connection.closed, [c.kind for c in connection.closings]) == ("fin", ["fin", "fin", "rst"])


def test_a_reset_after_one_fin_is_a_reset() -> None:
    wire = _talk()
    wire.packet(OUT, FIN | ACK)
    connection = both_ways(wire.reset(BACK).frames).only
    assert connection.closed == "rst"


def test_a_repeated_fin_is_one_closing() -> None:
    wire = _talk()
    for _ in range(3):
        wire.packet(OUT, FIN | ACK)
        wire.wait(0.3)
    assert [c.packet for c in both_ways(wire.frames).only.closings] == [len(wire.frames) - 2]


def test_the_text_of_a_reset_is_no_byte_of_the_stream() -> None:
    wire = _talk()
    wire.packet(BACK, RST | ACK, b"no listener")
    assert both_ways(wire.frames).data(BACK) == ANSWER


@pytest.mark.parametrize("skip", [1, 2, 3, 4, 6])
def test_a_connection_joined_late_begins_with_the_first_byte_seen(skip: int) -> None:
    frames = _talk().close().frames[skip:]
    outcome = both_ways(frames)
    assert outcome.only.opened == ("handshake" if skip == 1 else "midstream")
    assert ASK.endswith(outcome.data(OUT)) and outcome.data(BACK) == ANSWER
    assert (outcome.only.initiator, outcome.only.responder) == (CLIENT, SERVER)


def test_joined_late_the_first_packets_may_be_out_of_order() -> None:
    frames = _talk().frames[3:]
    outcome = both_ways(_swapped(frames, 0, 1))
    assert outcome.data(OUT) == ASK


@pytest.mark.parametrize("probe", [b"", b"?"])
def test_joined_at_a_keep_alive_the_stream_begins_behind_it(probe: bytes) -> None:
    wire = _talk()
    wire.frames.clear()
    wire.packet(OUT, ACK, probe, seq=wire.seq[OUT] - 1)
    wire.packet(BACK, ACK)
    outcome = both_ways(wire.wait(30).send(OUT, ASK).frames)
    assert outcome.data(OUT) == ASK


def test_a_keep_alive_in_the_middle_leaves_no_trace() -> None:
    wire = _talk()
    for probe in (b"", b"\0"):
        wire.wait(75).packet(OUT, ACK, probe, seq=wire.seq[OUT] - 1)
        wire.packet(BACK, ACK)
    outcome = both_ways(wire.wait(75).send(OUT, b"again").frames)
    assert outcome.data(OUT) == ASK + b"again"
    assert outcome.only.to_responder.retransmitted_bytes == outcome.only.to_responder.duplicates == 0


@pytest.mark.parametrize("kept", [OUT, BACK])
def test_with_one_direction_captured_the_other_is_one_way(kept: int) -> None:
    direction = (OUT, BACK)[kept]
    address = bytes([10, 0, 0, 1 + kept])
    frames = [frame for frame in _talk().close().frames if frame[1][26:30] == address]
    outcome = both_ways(frames)
    texts = {OUT: ASK, BACK: ANSWER}
    assert outcome.data(direction) == texts[direction]
    missing = (0, len(texts[direction.opposite]), GapCause.ONE_WAY)
    parts = outcome.parts(direction.opposite)
    assert parts in ([missing], [(0, missing[1] + 1, GapCause.ONE_WAY)])  # its FIN cannot be told from a byte
    assert outcome.only.facts(direction.opposite).packets == 0


def test_the_snap_length_leaves_holes_and_later_bytes_in_place() -> None:
    outcome = both_ways(_talk().close().frames, snap=154)
    position = 0
    for part in outcome.parts(OUT):
        if isinstance(part, bytes):
            assert ASK[position : position + len(part)] == part
            position += len(part)
        else:
            assert (part[0], part[2]) == (position, GapCause.SNAPLEN)
            position += part[1]
    assert position == len(ASK)
    assert outcome.only.to_responder.truncated_bytes == len(ASK) - outcome.only.to_responder.bytes


def test_a_snap_length_that_leaves_only_headers_still_gives_the_facts() -> None:
    outcome = both_ways(_talk().close().frames, snap=54)
    assert outcome.parts(BACK) == [(0, 1448, GapCause.SNAPLEN), (1448, len(ANSWER) - 1448, GapCause.SNAPLEN)]
    assert (outcome.only.closed, outcome.only.to_initiator.acknowledged) == ("fin", len(ANSWER))


def test_a_closed_window_is_timed_until_it_opens() -> None:
    wire = _talk()
    wire.packet(BACK, ACK, window=0)
    wire.wait(0.5).packet(BACK, ACK, window=0)
    wire.wait(0.5).packet(BACK, ACK, window=500)
    connection = both_ways(wire.send(OUT, b"x").frames).only
    assert connection.to_responder.zero_window_ns == 1_000_040_000
    assert connection.to_initiator.zero_window_ns == 0


def test_a_window_that_never_opens_counts_to_the_end() -> None:
    wire = _talk()
    wire.packet(BACK, ACK, window=0)
    wire.wait(2).packet(OUT, ACK)
    assert both_ways(wire.frames).only.to_responder.zero_window_ns == 2_000_020_000


def test_the_zero_window_of_a_syn_fin_or_reset_is_no_stall() -> None:
    wire = Wire()
    wire.packet(OUT, SYN, window=0)
    wire.packet(BACK, SYN | ACK, window=0)
    wire.wait(1).packet(OUT, FIN | ACK, window=0)
    wire.wait(1).packet(BACK, RST | ACK, window=0)
    connection = both_ways(wire.frames).only
    assert connection.to_responder.zero_window_ns == connection.to_initiator.zero_window_ns == 0


def test_packets_long_after_the_closing_are_not_counted() -> None:
    wire = _talk().close()
    last = len(wire.frames)
    wire.wait(LINGER_NS / 1e9 + 1).reset(BACK)
    wire.wait(REUSE_NS / 1e9).reset(OUT)
    connection = both_ways(wire.frames).only
    assert (connection.last_packet, len(connection.closings)) == (last, 2)


def test_a_byte_sent_again_long_after_the_closing_opens_nothing() -> None:
    wire = _talk().close()
    wire.wait(3).packet(OUT, FIN | ACK, ASK[-500:], seq=wire.seq[OUT] - 501)
    assert len(both_ways(wire.frames).connections) == 1


def test_a_false_reset_does_not_silence_what_follows() -> None:
    wire = _talk()
    wire.packet(BACK, RST | ACK, seq=77)
    outcome = both_ways(wire.wait(1).send(OUT, b"more").wait(5).send(OUT, b"and more").frames)
    assert outcome.data(OUT, 1) == ASK + b"more"
    assert outcome.data(OUT, 2) == b"and more"
    assert [c.tcp_stream for c in outcome.connections] == [0, 0]


def test_a_connection_of_few_packets_without_syn_is_settled_at_the_end() -> None:
    wire = _talk()
    wire.frames.clear()
    outcome = both_ways(wire.send(BACK, b"tail").frames)
    assert outcome.data(BACK) == b"tail"
    assert len(wire.frames) < SETTLE_PACKETS


def test_a_responder_that_remembers_the_conversation_before_spoils_nothing() -> None:
    wire = Wire(isn=(777_777, 9_000))
    wire.packet(OUT, SYN)
    wire.packet(BACK, ACK, seq=424_242)  # as RFC 9293 §3.10.7.4 wants it of who knows the ports otherwise
    wire.packet(OUT, RST, seq=31_337)
    outcome = both_ways(_talk(wire.wait(1)).close().frames)
    _whole(outcome)
    assert (outcome.only.opened, outcome.only.closed) == ("handshake", "fin")
    assert outcome.only.to_initiator.lost_bytes == 0


def test_the_numbers_of_a_reset_tell_of_bytes_that_were_not_captured() -> None:
    frames = Wire().connect().send(OUT, b"there").send(BACK, b"back").send(OUT, b"again").reset(BACK).frames
    whole = both_ways(frames).only
    assert whole.to_responder.lost_bytes == whole.to_initiator.lost_bytes == 0
    connection = both_ways(frames[:4] + frames[-1:]).only
    assert (connection.to_responder.lost_bytes, connection.to_initiator.lost_bytes) == (5, 4)


def test_a_reset_behind_a_fin_that_was_not_captured_tells_of_no_bytes() -> None:
    wire = Wire().connect().send(OUT, b"there").send(BACK, b"back")
    wire.packet(BACK, FIN | ACK)
    wire.seq[BACK] += 1
    frames = wire.reset(BACK).frames
    for kept in (frames, frames[:-2] + frames[-1:]):
        connection = both_ways(kept).only
        assert connection.to_responder.lost_bytes == connection.to_initiator.lost_bytes == 0
