"""Segments sent again: what is counted, what is kept, what recovery cost."""

from dicomsniff.tcp.resends import FIRST, LAST, Resends
from tests.tcp.test_stream import SLOW, Sender

MS = 1_000_000


def test_holes_and_repetitions_are_told_apart() -> None:
    sender = Sender().send(0, 10).send(20, 30).send(10, 20, after_ns=SLOW).send(0, 10, after_ns=SLOW)
    again = sender.stream.resends
    assert again is not None
    assert (again.filled_holes, again.seen_twice) == (1, 1)
    assert [(r.start, r.end, r.hole) for r in again.resent] == [(10, 20, True), (0, 10, False)]
    assert again.resent[0].time_ns - again.resent[0].since_ns == SLOW
    assert sum(again.hole_times.values()) == 1


def test_reordering_keep_alives_probes_and_copies_are_not_resent() -> None:
    sender = Sender().send(0, 10).send(20, 30).send(10, 20).send(20, 30).send(29, 30, after_ns=SLOW).send(29, 40)
    assert sender.stream.resends is None


def test_a_segment_that_is_sent_again_with_new_bytes_behind_it_counts_once() -> None:
    sender = Sender().send(0, 10).send(5, 20, after_ns=SLOW)
    assert sender.stream.resends is not None
    assert (sender.stream.resends.seen_twice, len(sender.stream.resends.resent)) == (1, 1)


def test_a_segment_that_waits_behind_a_hole_and_comes_again_was_sent_again() -> None:
    sender = Sender().send(0, 10).send(20, 30).send(20, 30, after_ns=SLOW)
    assert sender.stream.resends is not None
    assert (sender.stream.resends.seen_twice, sender.stream.resends.filled_holes) == (1, 0)


def test_recovery_that_overlaps_is_counted_once() -> None:
    again = Resends()
    again.add(0, 10, 1, 0, 200 * MS, hole=True)
    again.add(10, 20, 2, 100 * MS, 300 * MS, hole=True)
    again.add(20, 30, 3, 250 * MS, 260 * MS, hole=True)
    assert again.recovery_ns == 300 * MS


def test_the_first_and_the_last_are_kept() -> None:
    again = Resends()
    for number in range(200):
        again.add(number, number + 1, number, 0, number, hole=False)
    assert again.seen_twice == 200
    numbers = [each.packet for each in again.resent]
    assert numbers == [*range(FIRST), *range(200 - LAST, 200)]
