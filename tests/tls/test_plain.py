"""The applications' stream: its offsets, its packets, and what a receiver can have read."""

from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tls.plain import PlainStream
from dicomsniff.tls.records import Trace
from tests.forge.wire import BACK, OUT


def stream(*segments: tuple[int, int]) -> PlainStream:
    """Packets that begin at these offsets of the encrypted stream, by number."""
    trace = Trace()
    for start, number in segments:
        trace.add(Chunk(1, OUT, start, b"x", [start], [number], [10 * number], [50 * number]))
    return PlainStream(1, OUT, trace)


def test_a_record_is_placed_in_the_packets_that_carried_it() -> None:
    plain = stream((0, 1), (100, 2), (200, 3))
    plain.add(bytes(150), 5, 171)
    plain.add(bytes(20), 176, 220)
    [chunk] = plain.take(PlainStream(1, BACK, Trace()))
    assert isinstance(chunk, Chunk) and chunk.start == 0 and len(chunk.data) == 170
    assert list(zip(chunk.starts, chunk.numbers, strict=True)) == [(0, 1), (95, 2), (150, 2), (169, 3)]


def test_the_packet_that_completed_a_record_is_that_of_its_last_byte() -> None:
    plain = stream((0, 1), (100, 2))
    plain.add(bytes(90), 5, 111)  # the last 16 bytes authenticate the record
    [chunk] = plain.take(PlainStream(1, BACK, Trace()))
    assert isinstance(chunk, Chunk) and (chunk.starts, chunk.numbers) == ([0, 89], [1, 2])


def test_a_receiver_has_read_whole_records_only() -> None:
    plain = stream((0, 1))
    plain.add(bytes(80), 5, 101)
    plain.add(bytes(80), 106, 202)
    assert [plain.translated(at) for at in (-1, 0, 100, 101, 201, 202, 999)] == [-1, 0, 0, 80, 80, 160, 160]


def test_a_loss_is_a_gap_and_offsets_go_on_behind_it() -> None:
    plain = stream((0, 1), (300, 4))
    plain.add(bytes(80), 5, 101)
    plain.lose(40, 160, GapCause.LOST, 4, 40)
    plain.add(bytes(10), 300, 326)
    first, gap, last = plain.take(PlainStream(1, BACK, Trace()))
    assert (gap, last.start) == (Gap(1, OUT, 80, 40, GapCause.LOST, 4, 40), 120)
    assert isinstance(first, Chunk) and len(first.data) == 80
