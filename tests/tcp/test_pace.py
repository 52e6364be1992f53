"""Pauses between segments with data: when they begin and end, what was confirmed meanwhile."""

from dicomsniff.core import Direction
from dicomsniff.tcp.pace import PAUSES, Pace
from dicomsniff.tcp.segments import ACK, SYN

OUT, BACK = Direction.TO_RESPONDER, Direction.TO_INITIATOR
MS = 1_000_000
Row = tuple[Direction, int, int, int, int]  # direction, time in ms, seq, ack, length


def shown(*rows: Row, window: int = 100) -> Pace:
    pace = Pace()
    for number, (direction, time, seq, ack, length) in enumerate(rows, 1):
        pace.see(direction, number, time * MS, seq, ack, ACK, window, length)
    return pace


def test_a_small_piece_that_waits_for_its_acknowledgement() -> None:
    [pause] = shown((BACK, 0, 0, 9, 1), (OUT, 1, 9, 1, 12), (BACK, 41, 1, 21, 0), (OUT, 42, 21, 1, 90)).pauses
    assert (pause.direction, pause.turn, pause.again) == (OUT, False, False)
    assert (pause.since_packet, pause.packet, pause.before, pause.flight) == (2, 4, 12, 12)
    assert (pause.acked_ns, pause.last_ack_ns, pause.duration_ns) == (41 * MS, 41 * MS, 41 * MS)


def test_a_late_answer_ends_a_pause_that_is_a_turn() -> None:
    [pause] = shown((OUT, 0, 0, 5, 100), (BACK, 30, 5, 100, 0), (BACK, 1500, 5, 100, 60)).pauses
    assert (pause.direction, pause.turn, pause.acked_ns) == (BACK, True, 30 * MS)


def test_what_is_sent_again_says_so() -> None:
    [pause] = shown((OUT, 0, 0, 5, 100), (OUT, 210, 0, 5, 100)).pauses
    assert pause.again and pause.acked_ns is None


def test_a_probe_of_a_shut_window_ends_no_pause_and_the_time_it_was_shut_counts() -> None:
    pace = Pace()
    pace.see(OUT, 1, 0, 0, 5, ACK, 100, 100)
    pace.see(BACK, 2, 10 * MS, 5, 100, ACK, 0, 0)
    pace.see(OUT, 3, 200 * MS, 99, 5, ACK, 100, 1)
    pace.see(BACK, 4, 700 * MS, 5, 100, ACK, 80, 0)
    pace.see(OUT, 5, 701 * MS, 100, 5, ACK, 100, 100)
    [pause] = pace.pauses
    assert (pause.duration_ns, pause.closed_ns) == (701 * MS, 690 * MS)


def test_the_new_byte_of_a_probe_is_not_sent_again_when_it_goes_once_the_window_is_open() -> None:
    pace = Pace()
    pace.see(OUT, 1, 0, 0, 5, ACK, 100, 100)
    pace.see(BACK, 2, 10 * MS, 5, 100, ACK, 0, 0)
    for number, at in ((3, 300), (5, 900), (7, 2100)):  # as Windows asks: the receiver takes nothing
        pace.see(OUT, number, at * MS, 100, 5, ACK, 100, 1)
        pace.see(BACK, number + 1, (at + 1) * MS, 5, 100, ACK, 0, 0)
    pace.see(BACK, 9, 4000 * MS, 5, 100, ACK, 80, 0)
    pace.see(OUT, 10, 4001 * MS, 100, 5, ACK, 100, 100)
    assert [(pause.again, pause.closed_ns) for pause in pace.pauses] == [(False, 290 * MS), (False, 3699 * MS)]


def test_a_whole_segment_that_asks_for_the_window_is_not_sent_again() -> None:
    for window, again in ((0, False), (500, True)):
        pace = Pace()
        pace.see(OUT, 1, 0, 0, 5, ACK, 100, 100)
        pace.see(BACK, 2, 10 * MS, 5, 100, ACK, window, 0)
        for number, at in ((3, 300), (5, 900), (7, 2100)):
            pace.see(OUT, number, at * MS, 100, 5, ACK, 100, 1448)
            pace.see(BACK, number + 1, (at + 1) * MS, 5, 100, ACK, window, 0)
        assert [pause.again for pause in pace.pauses] == [False, again, again]


def test_neither_a_syn_nor_quick_data_is_a_pause() -> None:
    pace = Pace()
    pace.see(OUT, 1, 0, 0, 0, SYN, 100, 0)
    pace.see(OUT, 2, 900 * MS, 1, 1, ACK, 100, 10)
    pace.see(OUT, 3, 901 * MS, 11, 1, ACK, 100, 10)
    assert not pace.pauses


def test_pauses_are_bounded() -> None:
    rows = [(OUT, 5 * n, 10 * n, 0, 10) for n in range(PAUSES + 10)]
    assert len(shown(*rows).pauses) == PAUSES
