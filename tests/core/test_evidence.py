"""What evidence says of packets and lengths, and how two pieces become one."""

from dicomsniff.core import Direction, Evidence

FIRST = Evidence(Direction.TO_RESPONDER, 100, 160, 7, 9, 1_000, 3_000)


def test_length_is_end_minus_start() -> None:
    assert FIRST.length == 60


def test_a_range_in_one_packet_names_it_once() -> None:
    assert FIRST.packets == (7, 9)
    assert FIRST._replace(last_packet=7).packets == (7,)


def test_through_spans_both_ranges() -> None:
    later = Evidence(Direction.TO_RESPONDER, 160, 200, 9, 12, 3_000, 5_000)
    assert FIRST.through(later) == Evidence(Direction.TO_RESPONDER, 100, 200, 7, 12, 1_000, 5_000)


def test_through_keeps_the_packet_that_completed_the_earlier_range_if_that_came_last() -> None:
    reordered = FIRST._replace(last_packet=20, last_ns=9_000)
    spanned = reordered.through(Evidence(Direction.TO_RESPONDER, 160, 200, 9, 12, 3_000, 5_000))
    assert (spanned.last_packet, spanned.last_ns) == (20, 9_000)
