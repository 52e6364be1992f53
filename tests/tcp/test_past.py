"""Connections that are over: almost nothing of them is kept, and their late packets are still known as theirs."""

from dicomsniff.tcp.assembler import Assembler
from tests.forge.wire import ACK, BACK, OUT, RST, Frame, Wire
from tests.tcp.assembling import Outcome, assemble, block, blocks

SECOND = 1_000_000_000
FIRST_NS = 1_700_000_000 * SECOND


def _talk(wire: Wire) -> Wire:
    wire.connect().send(OUT, b"request")
    return wire.send(BACK, b"answer").close()


def _whatever_the_block(frames: list[Frame]) -> Outcome:
    whole = assemble(frames)
    for size in (1, 3, 7):
        assert assemble(frames, size) == whole
    return whole


def _other(seconds: int, port: int) -> list[Frame]:
    """Another conversation, so that time goes on."""
    return _talk(Wire(("10.0.0.9", port), start_ns=FIRST_NS + seconds * SECOND)).frames


def test_late_packets_of_a_closed_connection_open_no_other() -> None:
    wire = _talk(Wire())
    before = len(wire.frames)
    wire.wait(10).packet(BACK, ACK)
    wire.packet(OUT, RST)
    wire.packet(OUT, ACK, b"request", seq=1001)
    outcome = _whatever_the_block([*wire.frames[:before], *_other(5, 1), *wire.frames[before:], *_other(20, 2)])
    assert [c.tcp_stream for c in outcome.connections] == [0, 1, 2]


def test_data_long_after_the_closing_are_another_connection_in_the_same_stream() -> None:
    wire = _talk(Wire())
    before = len(wire.frames)
    wire.wait(90).send(OUT, b"more").send(BACK, b"yes")
    outcome = _whatever_the_block([*wire.frames[:before], *_other(5, 1), *wire.frames[before:], *_other(200, 2)])
    assert [(c.tcp_stream, c.opened) for c in outcome.connections] == [
        (0, "handshake"),
        (1, "handshake"),
        (0, "midstream"),
        (2, "handshake"),
    ]
    assert outcome.data(OUT, 3) == b"more"


def test_a_syn_on_a_4_tuple_of_long_ago_begins_another_stream() -> None:
    again = _talk(Wire(isn=(77, 99), start_ns=FIRST_NS + 30 * SECOND))
    outcome = _whatever_the_block([*_talk(Wire()).frames, *_other(5, 1), *again.frames])
    assert [c.tcp_stream for c in outcome.connections] == [0, 1, 2]
    assert outcome.connections[2].isns == (77, 99)


def test_closed_connections_leave_no_tracker_behind() -> None:
    assembler = Assembler()
    frames = [frame for number in range(50) for frame in _other(5 * number, 1000 + number)]
    for each in blocks(frames, 20):
        assembler.feed(each)
    assert len(assembler._flows.flows) == len(assembler._flows.trackers) == 1
    late = Wire(("10.0.0.9", 1003), start_ns=FIRST_NS + 500 * SECOND)
    late.packet(OUT, ACK)
    assert assembler.feed(block(late.frames, first=len(frames) + 1))
    assert not assembler._flows.flows
