"""What single packets tell: options, sizes, silences, resets and ICMP messages, the same whatever the block."""

import random

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.segment_facts import Header, Silence
from dicomsniff.tcp.watch import SILENCE_NS, SILENCES, header_at
from tests.forge.field import behind_router
from tests.forge.wire import ACK, BACK, OUT, RST, SYN, Frame, Wire
from tests.tcp import wrappings
from tests.tcp.assembling import assemble, both_ways

BULK = random.Random(3).randbytes(200_000)
OPTIONS = bytes.fromhex("020405b401030307"), bytes.fromhex("02040564")


def _only(frames: list[Frame]) -> Connection:
    return both_ways(frames).only


def test_the_options_of_both_syns_are_kept() -> None:
    there, back = _only(Wire(options=OPTIONS).connect().send(OUT, b"abc").close().frames).segments
    assert there.syn is not None and back.syn is not None
    assert (there.syn.mss, there.syn.window_scale, back.syn.mss, back.syn.window_scale) == (1460, 7, 1380, None)


def test_options_that_the_snap_length_cut_off_are_not_held_against_their_sender() -> None:
    frames = Wire(options=OPTIONS).connect().frames
    there = both_ways(frames, snap=14 + 20 + 20 + 4).only.segments[OUT]
    assert there.syn is not None
    assert (there.syn.mss, there.syn.window_scale, there.syn.whole) == (1460, None, False)


def test_no_syn_no_options() -> None:
    wire = Wire()
    assert [facts.syn for facts in _only(wire.send(OUT, b"abc").send(BACK, b"def").frames).segments] == [None, None]


@pytest.mark.parametrize("size", [None, 30, 64])
def test_segments_are_measured_in_runs_as_one_by_one(size: int | None) -> None:
    wire = Wire(mss=500).connect().send(OUT, BULK[:20_000])
    wire.mss = 1448
    frames = wire.send(OUT, BULK).send(OUT, BULK[:1448]).send(BACK, BULK[:300]).close().frames
    there, back = assemble(frames, size).only.segments
    assert [(large.start, large.length, large.dont_fragment) for large in there.growing] == [
        (0, 500, True),
        (20_000, 1448, True),
    ]
    assert there.full == len(BULK) // 1448 + 1
    assert (there.largest, there.largest_before(20_000), there.largest_before(300)) == (1448, 500, 0)
    assert (back.largest, back.full) == (0, 0)
    assert (there, back) == assemble(frames, 1).only.segments


def test_long_silences_are_kept_with_what_ended_them() -> None:
    wire = Wire().connect().send(OUT, b"abc").acknowledge(OUT)
    last = len(wire.frames), wire.frames[-1][0]
    wire.wait(9).send(OUT, b"def").acknowledge(OUT)
    assert _only(wire.frames).path.silences == ()
    wire = Wire().connect().send(OUT, b"abc").acknowledge(OUT).wait(300).send(BACK, b"defg").acknowledge(BACK)
    [silence] = _only(wire.frames).path.silences
    assert silence == Silence(*last, last[0] + 1, wire.frames[last[0]][0], BACK, 0, 4)
    assert silence.duration_ns > 300e9


@pytest.mark.parametrize("size", [None, 30, 97])
def test_silences_inside_bulk_data_are_found_whatever_the_block(size: int | None) -> None:
    wire = Wire().connect()
    for _ in range(4):
        wire.send(OUT, BULK[:80_000]).wait(20)
    path = assemble(wire.frames, size).only.path
    assert len(path.silences) == 3
    assert path == assemble(wire.frames, 1).only.path


def test_of_many_silences_the_longest_and_the_last_are_kept() -> None:
    wire = Wire().connect()
    for seconds in [60, *[20] * 40, 11]:
        wire.wait(seconds).send(OUT, b"x").acknowledge(OUT)
    silences = _only(wire.frames).path.silences
    assert len(silences) == SILENCES
    assert silences[0].duration_ns > 60e9 > silences[-1].duration_ns > SILENCE_NS


def test_a_reset_with_another_ttl_is_told_from_one_of_the_host() -> None:
    for ttl, foreign in ((64, False), (63, True)):
        wire = Wire().connect().send(OUT, b"abc").send(BACK, b"def")
        wire.packet(BACK, RST, ttl=ttl)
        [reset] = _only(wire.frames).path.resets
        assert (reset.direction, reset.header, reset.other_ttls) == (BACK, Header(ttl, 1, True), (64,))
        assert reset.foreign is foreign


def test_a_reset_proves_nothing_where_the_ttl_of_its_sender_changes() -> None:
    wire = Wire().connect()
    wire.packet(BACK, ACK, b"x" * 500, ttl=61)
    wire.packet(BACK, RST, ttl=128)
    [reset] = _only(wire.frames).path.resets
    assert set(reset.other_ttls) == {64, 61} and not reset.foreign


def test_a_reset_proves_nothing_where_only_other_packets_were_captured_behind_a_router() -> None:
    wire = Wire().connect().send(BACK, b"x" * 500)
    frames = behind_router(wire.frames)
    wire.frames.clear()
    wire.packet(BACK, RST)
    [reset] = assemble([*frames, *wire.frames]).only.path.resets
    assert reset.other_ttls == () and not reset.foreign


def test_a_syn_that_comes_late_turns_everything_round() -> None:
    wire = Wire(client=("10.0.0.2", 104), server=("10.0.0.1", 40000), options=OPTIONS).connect().send(OUT, b"x" * 600)
    frames = [wire.frames[-1], *wire.frames[:-1]]
    there, back = _only([(time, data) for (time, _), (_, data) in zip(wire.frames, frames, strict=True)]).segments
    assert there.syn is not None and back.syn is not None
    assert (there.syn.mss, back.syn.mss, there.largest, back.largest) == (1460, 1380, 600, 0)


def test_a_message_that_a_packet_was_too_big_belongs_to_the_segment_it_quotes() -> None:
    wire = Wire().connect().send(OUT, b"a" * 300).send(OUT, b"b" * 1448)
    time, data = wire.frames[-2]
    message = IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(type=3, code=4, nexthopmtu=1400) / Raw(data[14:42])
    tcp = _only([*wire.frames, (time + 10, bytes(wrappings.ethernet() / message))])
    [quote] = tcp.path.too_big
    assert (quote.sender, quote.mtu, quote.direction, quote.start) == ("10.0.0.254", 1400, OUT, 300)
    assert (quote.packet, quote.time_ns) == (len(wire.frames) + 1, time + 10)
    assert tcp.unreachable is None


def test_the_last_packet_of_each_direction_is_known() -> None:
    frames = Wire().connect().send(OUT, b"abc").acknowledge(OUT).frames
    facts = _only(frames).segments
    assert [(f.last_packet, f.last_ns) for f in facts] == [(4, frames[3][0]), (5, frames[4][0])]


def test_a_header_that_is_not_whole_says_nothing() -> None:
    assert header_at(-1, memoryview(b"\x45" * 40)) is None
    assert header_at(35, memoryview(b"\x45" * 40)) is None
    assert header_at(0, memoryview(b"\x60" + bytes(6) + b"\x40" + bytes(32))) == Header(64, None, True)


def test_a_syn_is_notable_whatever_its_length() -> None:
    wire = Wire()
    wire.packet(OUT, SYN, options=OPTIONS[0])
    assert _only(wire.frames).segments[Direction.TO_RESPONDER].syn_options == OPTIONS[0]
