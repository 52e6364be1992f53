"""Connections without a byte of data beyond the limit: counted, and a conversation among them is whole all the same."""

from dataclasses import replace

import pytest

from dicomsniff.core import LIMITS, Limits
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import Connection, End
from tests.forge.wire import ACK, BACK, OUT, RST, SYN, Frame, Wire
from tests.tcp.assembling import blocks

FEW = replace(LIMITS, empty_connections=20, empty_packets=400)


def _knock(number: int, flags: int = SYN) -> bytes:
    """A packet without data from an address of its own."""
    return Wire((f"10.7.{number >> 8}.{number & 255}", 1024 + number)).frame(OUT, flags)


def _flood(count: int, flags: int = SYN) -> list[Frame]:
    return [(number * 1000, _knock(number, flags)) for number in range(count)]


def _talk() -> list[Frame]:
    wire = Wire(isn=(7, 9)).connect()
    wire.send(OUT, b"request")
    wire.send(BACK, b"answer")
    return wire.close().frames


def _mixed(talk: list[Frame], flood: list[Frame], every: int) -> list[Frame]:
    """The packets of a conversation with `every` packets of the flood before each."""
    frames = []
    for place, (_, data) in enumerate(talk):
        frames += [frame for _, frame in flood[place * every : (place + 1) * every]] + [data]
    frames += [frame for _, frame in flood[len(talk) * every :]]
    return [(number * 1000, frame) for number, frame in enumerate(frames)]


def _run(frames: list[Frame], size: int | None, limits: Limits = FEW) -> tuple[Assembler, list[Connection]]:
    assembler, events = Assembler(limits), []
    for block in blocks(frames, size):
        events += assembler.feed(block)
    events += assembler.finish()
    return assembler, [event.facts for event in events if isinstance(event, End)]


@pytest.mark.parametrize("size", [1, 7, 50, None])
def test_a_conversation_in_the_middle_of_a_flood_is_found_whole(size: int | None) -> None:
    talk, flood = _talk(), _flood(300)
    assembler, found = _run(_mixed(talk, flood, 20), size)
    [real] = [c for c in found if c.to_responder.bytes]
    assert (real.to_responder.bytes, real.to_initiator.bytes) == (7, 6)
    assert (real.opened, real.closed, real.rtt_ns is not None) == ("handshake", "fin", True)
    assert real.syn_packets == (21,)
    assert real.tcp_stream == 20  # as Wireshark counts: every SYN before it opened a stream
    assert len(found) + assembler.unlisted == 301


@pytest.mark.parametrize("size", [7, 50, None])
def test_streams_after_the_flood_are_numbered_as_if_every_one_had_been_followed(size: int | None) -> None:
    frames = [*_flood(100), *((200_000 + time % 1000, data) for time, data in _talk())]
    _, found = _run(frames, size)
    assert [c.tcp_stream for c in found if c.to_responder.bytes] == [100]


@pytest.mark.parametrize("size", [1, 7, None])
@pytest.mark.parametrize("flags", [SYN, SYN | ACK, ACK, RST])
def test_what_is_beyond_the_limit_is_counted(flags: int, size: int | None) -> None:
    assembler, found = _run(_flood(150, flags), size)
    assert len(found) <= FEW.empty_connections
    assert len(found) + assembler.unlisted == 150


def test_a_flood_that_the_server_answers_is_bounded_too() -> None:
    frames: list[Frame] = []
    for number in range(200):
        wire = Wire((f"10.7.{number >> 8}.{number & 255}", 1024 + number))
        frames += [(0, wire.frame(OUT, SYN)), (0, wire.frame(BACK, SYN | ACK))]
    assembler, found = _run(frames, 10)
    assert (len(found), assembler.unlisted) == (20, 180)


def test_a_syn_sent_again_later_is_the_same_connection() -> None:
    frames = _flood(100)
    assembler, found = _run([*frames, *((3_000_000_000 + time, data) for time, data in frames)], 25)
    assert len(found) + assembler.unlisted == 100


def test_the_packets_kept_are_bounded() -> None:
    assembler, _ = _run(_flood(2000), 100)
    assert len(assembler._flows.backlog._pair) == FEW.empty_packets


def test_many_conversations_with_data_are_all_followed() -> None:
    frames: list[Frame] = []
    for number in range(100):
        wire = Wire(("10.0.0.1", 20_000 + number)).connect()
        wire.send(OUT, b"x")
        frames += wire.close().frames
    assembler, found = _run(frames, 11)
    assert (len(found), assembler.unlisted) == (100, 0)


def _attempts(count: int, answer: int = 0) -> list[Frame]:
    """One socket that tries again and again, each time with another sequence number."""
    frames: list[Frame] = []
    for number in range(count):
        wire = Wire(isn=(number * 100_003, 7))
        frames.append((number * 10_000, wire.frame(OUT, SYN)))
        wire.seq[OUT] += 1
        if answer:
            frames.append((number * 10_000 + 10, wire.frame(BACK, answer, seq=0)))
    return frames


@pytest.mark.parametrize("size", [1, 7, 50, None])
@pytest.mark.parametrize("answer", [0, RST | ACK, SYN | ACK])
def test_attempts_of_one_socket_beyond_the_limit_are_counted(answer: int, size: int | None) -> None:
    assembler, found = _run(_attempts(150, answer), size)
    assert len(found) <= FEW.empty_connections + 1
    assert len(found) + assembler.unlisted == 150
    assert [c.id for c in found] == sorted(c.id for c in found)
    assert {c.id for c in found} == set(range(1, len(found) + 1))


@pytest.mark.parametrize("size", [1, 7, 50, None])
def test_a_conversation_after_many_attempts_of_its_socket_is_whole(size: int | None) -> None:
    talk = Wire(isn=(77_000_000, 9)).connect().send(OUT, b"request").send(BACK, b"answer")
    frames = [*_attempts(100), *talk.close().frames, *_flood(100)]
    frames = [(number * 1000, data) for number, (_, data) in enumerate(frames)]
    assembler, found = _run(frames, size)
    [real] = [c for c in found if c.to_responder.bytes]
    assert (real.opened, real.closed, real.to_responder.bytes, real.to_initiator.bytes) == ("handshake", "fin", 7, 6)
    assert real.syn_packets == (101,)
    assert real.tcp_stream == 100
    assert len(found) + assembler.unlisted == 201
