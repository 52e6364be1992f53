"""Whole blocks: long runs and single packets give the same, whatever the block size; ends come when they should."""

import random

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

from dicomsniff.tcp import assembler as module
from dicomsniff.tcp.assembler import RUN, Assembler
from dicomsniff.tcp.connection import LINGER_NS, Tracker
from dicomsniff.tcp.events import Chunk, End, GapCause, Unreachable
from dicomsniff.tcp.runs import Runs
from tests.forge.wire import ACK, BACK, FIN, OUT, RST, SYN, Frame, Wire
from tests.tcp import wrappings
from tests.tcp.assembling import Outcome, assemble, blocks, both_ways

BULK = random.Random(7).randbytes(300_000)
REPLY = b"stored" * 40


def _bulk(wire: Wire | None = None) -> Wire:
    return (wire or Wire()).connect().send(OUT, BULK).send(BACK, REPLY).close()


def _slowly(frames: list[Frame], monkeypatch: pytest.MonkeyPatch, size: int | None = None) -> Outcome:
    """Without the way for long runs."""
    with monkeypatch.context() as patch:
        patch.setattr(module, "RUN", 1 << 60)
        patch.setattr(Runs, "follow", lambda *_: 0)
        return assemble(frames, size)


@pytest.mark.parametrize("size", [None, RUN - 1, RUN, 50, 97])
def test_long_runs_give_what_single_packets_give(size: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = _bulk().frames
    outcome = assemble(frames, size)
    assert outcome == _slowly(frames, monkeypatch)
    assert (outcome.data(OUT), outcome.data(BACK)) == (BULK, REPLY)


def test_bulk_data_really_takes_the_way_for_long_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    real = Runs.follow

    def counted(runs: Runs, place: int, tracker: Tracker, up: bool) -> int:
        taken.append(real(runs, place, tracker, up))
        return taken[-1]

    monkeypatch.setattr(Runs, "follow", counted)
    assemble(_bulk().frames, 50)
    assert len(taken) >= 3
    assert set(taken) == {-1}


def _spoilt(name: str) -> list[Frame]:
    """Bulk traffic with one thing that a run must not pass over."""
    wire = Wire().connect().send(OUT, BULK[:100_000])
    match name:
        case "zero window":
            wire.packet(BACK, ACK, window=0)
        case "keep-alive":
            wire.packet(OUT, ACK, seq=wire.seq[OUT] - 1)
        case "old acknowledgement":
            wire.seq[OUT] -= 20_000
            wire.packet(BACK, ACK)
            wire.seq[OUT] += 20_000
        case "early acknowledgement":
            wire.seq[OUT] += 30_000
            wire.packet(BACK, ACK)
            wire.seq[OUT] -= 30_000
        case "wild acknowledgement":
            wire.seq[OUT] += 1 << 30
            wire.packet(BACK, ACK)
            wire.seq[OUT] -= 1 << 30
        case "retransmission":
            wire.packet(OUT, ACK, BULK[98_000:99_000], seq=1001 + 98_000)
        case "loss":
            wire.frames.pop(-5)
        case "half-close":
            wire.packet(BACK, FIN | ACK)
        case "reset":
            wire.packet(BACK, RST | ACK)
        case "SYN":
            wire.packet(OUT, SYN, seq=1000)
    return wire.send(OUT, BULK[100_000:]).close().frames


SPOILT = [
    "zero window",
    "keep-alive",
    "old acknowledgement",
    "early acknowledgement",
    "wild acknowledgement",
    "retransmission",
    "loss",
    "half-close",
    "reset",
    "SYN",
]


@pytest.mark.parametrize("name", SPOILT)
def test_what_spoils_a_run_gives_the_same_in_blocks_of_any_size(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = _spoilt(name)
    slowly = _slowly(frames, monkeypatch)
    for size in (None, 1, 7, 29, 64):
        assert assemble(frames, size) == slowly
    assert slowly.only.to_responder.acknowledged == len(BULK)
    if name != "loss":
        assert slowly.data(OUT) == BULK


def test_every_frame_captured_twice_gives_the_same_streams_without_retransmissions() -> None:
    frames = [(time + late, frame) for time, frame in _bulk().frames for late in (0, 3_000)]
    outcome = both_ways(frames)
    assert (outcome.data(OUT), outcome.data(BACK)) == (BULK, REPLY)
    for facts in (outcome.only.to_responder, outcome.only.to_initiator):
        assert (facts.retransmitted_bytes, facts.out_of_order, facts.lost_bytes) == (0, 0, 0)
        assert facts.duplicates >= facts.data_packets


def test_copies_from_a_second_port_that_lags_behind_are_copies_too(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = _bulk().frames
    frames = sorted(frames + [(time + 500_000, frame) for time, frame in frames])
    outcome = both_ways(frames)
    assert outcome == _slowly(frames, monkeypatch, 41)
    assert outcome.only.to_responder.retransmitted_bytes == 0
    assert outcome.only.to_responder.duplicates * 2 >= outcome.only.to_responder.data_packets


def test_copies_of_a_run_in_a_later_block_are_copies() -> None:
    wire = Wire(step_ns=1000).connect().send(OUT, BULK[:60_000])
    copies = [(time + 100_000, frame) for time, frame in wire.frames[-20:]]
    outcome = assemble(wire.frames + copies, len(wire.frames))
    assert outcome == assemble(wire.frames + copies)
    assert outcome.only.to_responder.retransmitted_bytes == 0
    assert outcome.only.to_responder.duplicates == sum(len(frame) > 60 for _, frame in copies)


def test_a_closed_connection_ends_once_no_packet_of_it_can_come() -> None:
    frames = _bulk().frames
    other = Wire(("10.0.0.9", 5), start_ns=frames[-1][0] + LINGER_NS // 2)
    other.packet(OUT, ACK)
    other.wait(LINGER_NS / 1e9).packet(OUT, ACK)
    assembler = Assembler()
    events = [assembler.feed(block) for block in blocks(frames + other.frames, len(frames))]
    ends = [[e.connection for e in part if isinstance(e, End)] for part in events]
    assert ends == [[], [1]]
    assert [e.connection for e in assembler.finish() if isinstance(e, End)] == [2]


def test_the_clock_runs_on_packets_of_any_kind() -> None:
    frames = _bulk().frames
    arp = (frames[-1][0] + LINGER_NS * 2, bytes(12) + b"\x08\x06" + bytes(46))
    assembler = Assembler()
    events = [event for block in blocks([*frames, arp], None) for event in assembler.feed(block)]
    assert isinstance(events[-1], End)
    assert assembler.finish() == []


def test_times_that_go_back_change_nothing() -> None:
    rng, frames = random.Random(27), []
    for number in range(40):
        wire = Wire(("10.0.0.1", 40000 + number % 7), isn=(rng.randrange(1 << 32), rng.randrange(1 << 32)))
        frames += wire.wait(rng.random() * 100).connect().send(OUT, b"x" * rng.randrange(3000)).close().frames
    frames = [frame for frame in sorted(frames) if rng.random() < 0.85]
    frames = [(time + rng.randrange(-3, 3) * LINGER_NS // 4, frame) for time, frame in frames]
    assert len(both_ways(frames).connections) >= 30


def test_a_packet_stamped_before_a_closing_expired_but_captured_after_comes_too_late() -> None:
    wire = _bulk()
    closed = wire.frames[-2][0]
    other = Wire(("10.0.0.9", 5)).frame(OUT, ACK)
    late = [(closed + LINGER_NS + 9, other), (closed + LINGER_NS - 9, wire.frame(OUT, ACK, b"too late"))]
    outcome = both_ways(wire.frames + late)
    assert outcome.data(OUT) == BULK
    assert outcome.ends[1].last_packet == len(wire.frames)


def test_a_capture_without_times_is_followed() -> None:
    frames = [(-1, frame) for _, frame in _bulk().frames]
    outcome = both_ways(frames)
    assert (outcome.data(OUT), outcome.only.closed) == (BULK, "fin")


def test_an_ignored_connection_is_silent_but_its_facts_go_on() -> None:
    frames = _bulk().frames
    assembler, outcome = Assembler(), Outcome()
    for number, block in enumerate(blocks(frames, 40)):
        events = assembler.feed(block)
        if number:
            assert not any(isinstance(event, Chunk) for event in events)
        outcome.add(events)
        assembler.ignore(1)
    outcome.add(assembler.finish())
    assert (outcome.only.to_responder.bytes, outcome.only.to_initiator.bytes) == (len(BULK), len(REPLY))
    assert BULK.startswith(outcome.data(OUT))


def test_facts_are_known_while_a_connection_runs() -> None:
    frames = _bulk().frames
    assembler = Assembler()
    assembler.feed(blocks(frames, 100)[0])
    facts = assembler.facts(1)
    assert (facts.opened, facts.closed, facts.last_packet) == ("handshake", "open", 100)


def test_packets_of_an_unknown_link_layer_are_counted() -> None:
    assert assemble([(0, b"anything"), (1, b"")], link_type=147).not_decoded == 2


def test_an_empty_capture_gives_nothing() -> None:
    assert both_ways([]) == Outcome()


def _icmp(quoted: bytes, time: int, code: int = 1) -> Frame:
    message = IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(type=3, code=code) / Raw(quoted[14:])
    return time, bytes(wrappings.ethernet() / message)


def test_an_unreachable_message_belongs_to_the_connection_whose_syn_it_quotes() -> None:
    wire = Wire()
    wire.packet(OUT, SYN)
    time, syn = wire.frames[0]
    outcome = both_ways([(time, syn), _icmp(syn, time + 10, code=13), _icmp(syn, time + 20)])
    assert outcome.only.unreachable == Unreachable("10.0.0.254", 3, 13, 2, time + 10)


def test_an_unreachable_message_about_data_is_not_about_the_syn() -> None:
    wire = Wire().connect().send(OUT, b"abc")
    time, data = wire.frames[-1]
    assert both_ways([*wire.frames, _icmp(data, time + 10)]).only.unreachable is None


def test_an_unreachable_message_finds_the_right_one_of_two_connections_on_a_4_tuple() -> None:
    first, second = Wire(isn=(5, 9)), Wire(isn=(5_000_000, 9)).wait(5)
    first.packet(OUT, SYN)
    second.connect().send(OUT, b"abc")
    time, syn = first.frames[0]
    outcome = both_ways([(time, syn), _icmp(syn, time + 10), *second.frames])
    assert [c.unreachable is not None for c in outcome.connections] == [True, False]


def test_an_unreachable_message_about_nobody_known_is_passed_over() -> None:
    wire = Wire()
    wire.packet(OUT, SYN)
    time, syn = wire.frames[0]
    assert both_ways([_icmp(syn, time)]).connections == []


def test_loss_in_both_directions_is_marked_where_it_was() -> None:
    frames = _bulk().frames
    lost = {10, 11, 40, len(frames) - 6}
    outcome = both_ways([frame for number, frame in enumerate(frames) if number not in lost])
    position = 0
    for part in outcome.parts(OUT):
        if isinstance(part, bytes):
            assert BULK[position : position + len(part)] == part
            position += len(part)
        else:
            assert (part[0], part[2]) == (position, GapCause.LOST)
            position += part[1]
    assert position == len(BULK)
