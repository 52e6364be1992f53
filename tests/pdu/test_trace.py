"""Offsets to packets, in order and not, across chunks and after forgetting."""

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import Direction
from dicomsniff.pdu.trace import PacketTrace


def trace(*segments: tuple[list[int], list[int], list[int]]) -> PacketTrace:
    made = PacketTrace(Direction.TO_INITIATOR)
    for starts, numbers, times in segments:
        made.add(starts, numbers, times)
    return made


def test_a_range_names_its_first_and_last_packet() -> None:
    evidence = trace(([0, 10, 20], [5, 7, 8], [50, 70, 80])).evidence(3, 20)
    assert evidence == (Direction.TO_INITIATOR, 3, 20, 5, 7, 50, 70, -1)


def test_a_range_knows_what_the_sender_of_its_first_packet_had_received() -> None:
    made = PacketTrace(Direction.TO_INITIATOR)
    made.add([0, 10], [5, 7], [50, 70], [100, 200])
    made.add([20], [8], [80])
    made.forget(10)
    assert [made.evidence(*ends).heard for ends in ((10, 30), (12, 15), (20, 30))] == [200, 200, -1]


def test_the_completing_packet_is_the_latest_not_the_last_in_the_stream() -> None:
    evidence = trace(([0, 10, 20], [5, 9, 8], [50, 90, 80])).evidence(0, 30)
    assert (evidence.last_packet, evidence.last_ns) == (9, 90)


def test_a_chunk_that_arrived_late_spoils_no_later_answer() -> None:
    made = trace(([0], [9], [90]), ([10, 20], [5, 6], [50, 60]))
    assert made.evidence(0, 30).last_packet == 9
    assert made.evidence(10, 30).last_packet == 6


def test_the_lists_of_a_chunk_are_never_changed() -> None:
    starts, numbers, times = [0, 10], [1, 2], [10, 20]
    made = trace((starts, numbers, times), ([20], [3], [30]))
    made.forget(10)
    made.add([30], [4], [40])
    assert (starts, numbers, times) == ([0, 10], [1, 2], [10, 20])
    assert made.evidence(12, 35).packets == (2, 4)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 99)), min_size=1, max_size=40), st.data())
def test_forgetting_what_lies_before_changes_no_answer(segments: list[tuple[int, int]], data: st.DataObject) -> None:
    starts = [sum(length for length, _ in segments[:index]) for index in range(len(segments))]
    numbers = [number for _, number in segments]
    end = starts[-1] + segments[-1][0]
    start = data.draw(st.integers(0, end - 1))
    made, kept = trace((starts, numbers, numbers)), trace((starts, numbers, numbers))
    for offset in sorted(data.draw(st.lists(st.integers(0, start), max_size=4))):
        kept.forget(offset)
    assert kept.evidence(start, end) == made.evidence(start, end)
    inside = [number for at, number in zip([*starts[1:], end], numbers, strict=True) if at > start]
    assert made.evidence(start, end).last_packet == max(inside)
