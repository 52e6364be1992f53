"""Which packets make one connection, and that stream numbers are those tshark gives."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.forge.wire import ACK, BACK, FIN, OUT, RST, SYN, Frame, Wire, write_pcap
from tests.tcp.assembling import Outcome, assemble, both_ways


def _talk(text: bytes, isn: int = 1000, at: float = 0.0, port: int = 40000) -> list[Frame]:
    wire = Wire(("10.0.0.1", port), isn=(isn, isn + 70_000)).wait(at)
    return wire.connect().send(OUT, text).send(BACK, text[::-1]).close().frames


def _reset(isn: int = 1000, at: float = 0.0) -> list[Frame]:
    return Wire(isn=(isn, isn + 9)).wait(at).connect().send(OUT, b"abc" * 900).reset(OUT).frames


def _refused(times: int) -> list[Frame]:
    wire = Wire()
    for _ in range(times):
        wire.packet(OUT, SYN, seq=1000)
        wire.seq[OUT] = 1001
        wire.packet(BACK, RST | ACK, seq=0)
        wire.wait(0.5)
    return wire.frames


def _first_moved(frames: list[Frame], place: int) -> list[Frame]:
    """The bytes of the first packet captured `place` packets later, times left in order."""
    data = [packet for _, packet in frames]
    data.insert(place, data.pop(0))
    return [(time, packet) for (time, _), packet in zip(frames, data, strict=True)]


ONE, TWO = b"one" * 1000, b"two" * 1000
CAPTURES: dict[str, list[Frame]] = {
    "two at once": sorted(_talk(ONE) + _talk(TWO, port=40001)),
    "reused": _talk(ONE) + _talk(TWO, 5_000_000, 100),
    "reused at once": _talk(ONE) + _talk(TWO, 5_000_000, 0.01),
    "reused after a reset": _reset() + _talk(TWO, 5_000_000, 1),
    "reused with nothing closed": _talk(ONE)[:-3] + _talk(TWO, 5_000_000, 1),
    "reused, SYN lost": _talk(ONE) + _talk(TWO, 5_000_000, 10)[1:] + _talk(b"x", 9_000_000, 20, 40001),
    "reused, handshake lost": _talk(ONE) + _talk(TWO, 5_000_000, 100)[3:] + _talk(b"x", 9_000_000, 120, 40001),
    "refused three times": _refused(3) + _talk(TWO, 5_000_000, 10, 40001),
    "SYN repeated": Wire().wait(-1).connect().frames[:1] + _talk(ONE),
    "SYN sent anew": Wire(isn=(500, 1)).wait(-1).connect().frames[:1] + _talk(ONE) + _talk(TWO, port=40001, at=1),
    "SYN after its answer": _first_moved(_talk(ONE), 1) + _talk(TWO, port=40001, at=1),
    "SYN after data": _first_moved(_talk(ONE), 3) + _talk(TWO, port=40001, at=1),
    "SYN after more data": _first_moved(_talk(ONE)[:1] + _talk(ONE)[4:], 2) + _talk(TWO, port=40001, at=1),
    "late reset": _talk(ONE) + Wire().wait(100).reset(BACK).frames + _talk(TWO, port=40001, at=101),
    "joined late": _talk(ONE)[4:] + _talk(TWO, 5_000_000, 1),
    "data after the end": _talk(ONE) + _talk(TWO, 5_000_000, 1, 40001) + _talk(b"x", port=40002, at=2),
}


def _tshark_streams(frames: list[Frame], directory: Path) -> list[int]:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    path = write_pcap(directory / "forged.pcap", frames)
    command = [tshark, "-r", str(path), "-T", "fields", "-e", "tcp.stream"]
    return [int(line) for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]


@pytest.mark.parametrize("name", CAPTURES)
def test_stream_numbers_are_those_of_tshark(name: str, tmp_path: Path) -> None:
    frames = CAPTURES[name]
    streams = _tshark_streams(frames, tmp_path)
    outcome = both_ways(frames)
    for connection in outcome.connections:
        assert connection.tcp_stream == streams[connection.last_packet - 1]
    assert {c.tcp_stream for c in outcome.connections} | {0} == set(streams)


def test_stream_numbers_of_many_small_connections_are_those_of_tshark(tmp_path: Path) -> None:
    rng, frames = random.Random(3), []
    for number in range(60):
        at = rng.random() * 20
        make = rng.choice((_talk, _talk, lambda text, isn, at, port: _reset(isn, at)))
        frames += make(b"x" * rng.randrange(3000), number * 1_000_000, at, 40000 + rng.randrange(8))
    frames = [frame for frame in sorted(frames) if rng.random() < 0.9]
    streams = _tshark_streams(frames, tmp_path)
    connections = both_ways(frames).connections
    assert len(connections) > 30
    assert all(c.tcp_stream == streams[c.first_packet - 1] for c in connections)


def test_a_port_filter_keeps_the_numbers_of_the_whole_capture() -> None:
    frames = sorted(_talk(ONE) + _talk(TWO, port=40001) + _talk(b"last", port=40002, at=1))
    outcome = assemble(frames, ports=frozenset({40002}))
    assert (outcome.only.id, outcome.only.tcp_stream, outcome.data(OUT)) == (1, 2, b"last")
    assert [c.tcp_stream for c in assemble(frames, ports=frozenset({104, 9})).connections] == [0, 1, 2]


def _texts(outcome: Outcome) -> list[bytes]:
    return [outcome.data(OUT, connection.id) for connection in outcome.connections]


def test_a_4_tuple_used_again_is_a_new_connection() -> None:
    assert _texts(both_ways(CAPTURES["reused"])) == [ONE, TWO]
    assert _texts(both_ways(CAPTURES["reused at once"])) == [ONE, TWO]
    assert _texts(both_ways(CAPTURES["reused with nothing closed"])) == [ONE, TWO]


def test_after_a_reset_the_4_tuple_is_free() -> None:
    outcome = both_ways(CAPTURES["reused after a reset"])
    assert _texts(outcome) == [b"abc" * 900, TWO]
    assert [c.closed for c in outcome.connections] == ["rst", "fin"]


def test_a_new_connection_whose_syn_was_not_captured_is_not_mixed_with_the_old_one() -> None:
    assert _texts(both_ways(CAPTURES["reused, SYN lost"])) == [ONE, TWO, b"x"]
    outcome = both_ways(CAPTURES["reused, handshake lost"])
    assert _texts(outcome) == [ONE, TWO, b"x"]
    assert [c.opened for c in outcome.connections] == ["handshake", "midstream", "handshake"]


def test_a_refused_port_tried_again_from_the_same_port_is_one_connection() -> None:
    connection, _ = both_ways(CAPTURES["refused three times"]).connections
    assert (connection.opened, connection.syn_packets) == ("refused", (1, 3, 5))


@pytest.mark.parametrize("name", ["SYN after its answer", "SYN after data", "SYN after more data"])
def test_a_syn_captured_late_belongs_to_its_connection(name: str) -> None:
    outcome = both_ways(CAPTURES[name])
    assert [c.opened for c in outcome.connections] == ["handshake", "handshake"]
    assert outcome.data(BACK, 1) == ONE[::-1]


@pytest.mark.parametrize("place", [3, 14, 15, 16, 17, 30])
def test_how_late_a_syn_may_come_does_not_depend_on_the_block(place: int) -> None:
    wire = Wire(("10.0.0.1", 104), ("10.0.0.2", 40000)).connect().send(OUT, ONE * 20).send(BACK, TWO)
    outcome = both_ways(_first_moved(wire.frames[:1] + wire.frames[3:], place))
    assert outcome.only.initiator.port == (104 if place < 16 else 40000)


def test_without_a_syn_the_service_port_is_the_responder() -> None:
    for port, client in ((104, 60000), (11112, 1025), (5000, 50000)):
        wire = Wire(("10.0.0.1", client), ("10.0.0.2", port))
        wire.packet(BACK, ACK, b"answer")
        assert both_ways(wire.frames).only.responder.port == port


def test_a_syn_ack_alone_names_its_sender_as_the_responder() -> None:
    wire = Wire(("10.0.0.1", 104), ("10.0.0.2", 40000))
    wire.packet(BACK, SYN | ACK)
    assert both_ways(wire.frames).only.responder.port == 40000


def test_a_host_that_talks_to_itself_from_port_to_port_is_followed() -> None:
    wire = Wire(("127.0.0.1", 40000), ("127.0.0.1", 104)).connect().send(OUT, ONE).close()
    assert both_ways(wire.frames).data(OUT) == ONE


def test_both_ends_on_one_socket_do_not_raise() -> None:
    wire = Wire(("127.0.0.1", 104), ("127.0.0.1", 104)).connect().send(OUT, ONE).send(BACK, TWO).close()
    assert len(both_ways(wire.frames).connections) >= 1


def test_more_than_32768_addresses_do_not_mix_connections() -> None:
    ends = [(f"10.1.{n >> 8}.{n & 255}", f"10.2.{n >> 8}.{n & 255}") for n in range(16_500)]
    wires = [Wire((one, 40000), (other, 104)) for one, other in ends]
    frames = [(n, wire.frame(OUT, ACK, b"%05d" % n)) for n, wire in enumerate(wires)]
    outcome = assemble(frames)
    assert _texts(outcome) == [b"%05d" % n for n in range(16_500)]


def test_a_fin_never_opens_what_a_closing_left() -> None:
    wire = Wire()
    wire.packet(OUT, FIN | ACK)
    wire.packet(BACK, FIN | ACK)
    wire.wait(10).packet(OUT, ACK)
    assert len(both_ways(wire.frames).connections) == 1


def test_a_number_changes_at_its_packet_and_not_for_what_the_block_held_before() -> None:
    wire = Wire(step_ns=0)
    wire.packet(OUT, SYN, seq=1000)
    wire.packet(BACK, RST | ACK)
    wire.packet(OUT, SYN | ACK, seq=5000)
    wire.wait(70).packet(OUT, SYN, seq=5000)
    assert [c.tcp_stream for c in both_ways(wire.frames).connections] == [0, 1]
