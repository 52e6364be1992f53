"""Segments sent again: what is counted, what is kept, what recovery cost."""

import pytest

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.marks import UNMARKED, Mark
from dicomsniff.tcp.resends import ASKED, FIRST, LAST, REORDER_NS, TIMEOUT_NS, Filled, Resends, filled
from dicomsniff.tcp.segment_facts import SegmentFacts
from tests.forge.wire import ACK, BACK, OUT, Wire
from tests.tcp.assembling import assemble
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


OLD, NEW, NEWEST = Mark(1, 10), Mark(2, 20), Mark(3, 30)
FORGETFUL = 50 * MS


@pytest.mark.parametrize("open_ns", [0, REORDER_NS, FORGETFUL, 10 * TIMEOUT_NS])
def test_the_clock_of_the_sender_decides_however_long_a_hole_was_open(open_ns: int) -> None:
    assert filled(open_ns, 0, NEWEST, OLD, NEW) is Filled.RESENT
    assert filled(open_ns, 9, OLD, NEW, NEWEST) is Filled.OVERTAKEN


def test_what_waits_right_behind_the_hole_may_have_been_sent_again_itself() -> None:
    assert filled(FORGETFUL, 0, NEW, NEWEST, OLD) is Filled.RESENT


def test_within_one_tick_of_the_clock_the_count_of_packets_decides() -> None:
    one, two, three = (Mark(7, number) for number in (10, 11, 12))
    assert filled(FORGETFUL, 0, one, two, three) is Filled.OVERTAKEN
    assert filled(FORGETFUL, 0, three, one, two) is Filled.RESENT


def test_a_sender_that_repeats_a_packet_under_its_number_is_known_by_the_time() -> None:
    one, two = Mark(-1, 10), Mark(-1, 11)
    assert filled(FORGETFUL, 0, one, two, two) is Filled.OVERTAKEN
    assert filled(TIMEOUT_NS, 0, one, two, two) is Filled.LATE


@pytest.mark.parametrize("mark", [UNMARKED, Mark(7, 0), Mark(-1, 1), Mark(7, 1)])
def test_where_no_mark_tells_the_receiver_or_the_time_does(mark: Mark) -> None:
    assert filled(REORDER_NS - 1, 0, mark, mark, mark) is Filled.OVERTAKEN
    assert filled(FORGETFUL, ASKED - 1, mark, mark, mark) is Filled.UNCLEAR
    assert filled(FORGETFUL, ASKED, mark, mark, mark) is Filled.LATE
    assert filled(TIMEOUT_NS, 0, mark, mark, mark) is Filled.LATE


def test_what_is_unclear_costs_nothing_and_is_told() -> None:
    again = Resends()
    again.fill(0, 10, 1, 0, 50 * MS, Filled.UNCLEAR)
    again.fill(10, 20, 2, 0, 70 * MS, Filled.UNCLEAR)
    assert (again.unclear, again.unclear_ns) == (2, 70 * MS)
    assert not (again.filled_holes or again.recovery_ns or again.recoveries or again.resent)


def test_what_a_sender_proves_is_not_asked_how_long_it_took() -> None:
    again = Resends()
    again.fill(0, 10, 1, 0, MS, Filled.RESENT)
    again.fill(10, 20, 2, 0, 70 * MS, Filled.LATE)
    assert (again.filled_holes, sum(again.hole_times.values()), again.recovery_ns) == (2, 1, 70 * MS)


def late(
    after_ms: int, *, stamp: int | None = None, number: int = 0, asked: int = 0, window: int = 65535
) -> Connection:
    """A connection on which the second of six segments is captured last, with this time stamp and IP identification; the
    others count up from 100 and from 1000. `asked`: so often the receiver said meanwhile that it waits for it."""
    wire = Wire().connect()

    def packet(place: int, stamp: int | None, number: int) -> None:
        options = b"" if stamp is None else (0x0101080A << 64 | stamp << 32 | 1).to_bytes(12, "big")
        wire.packet(OUT, ACK, b"x" * 100, seq=first + 100 * place, options=options)
        time_ns, data = wire.frames[-1]
        wire.frames[-1] = time_ns, data[:18] + number.to_bytes(2, "big") + data[20:]

    first = wire.seq[OUT]
    for place in (0, 2, 3, 4, 5):
        packet(place, None if stamp is None else 100 + place, 1000 + place if number else 0)
    wire.seq[OUT] = first + 100
    for _ in range(asked):
        wire.packet(BACK, ACK, window=window)
        window += 0 if window == 65535 else 100
    wire.now += after_ms * MS
    packet(1, stamp, number)
    wire.seq[OUT] = first + 600
    wire.acknowledge(OUT).close()
    return assemble(wire.frames).ends[1]


def counts(connection: Connection) -> tuple[int, int, int]:
    """Sent again, unclear, out of order."""
    facts: SegmentFacts = connection.segments[Direction.TO_RESPONDER]
    return facts.filled_holes, facts.unclear, connection.to_responder.out_of_order


def test_a_packet_captured_late_is_known_by_its_time_stamp_and_its_number() -> None:
    assert counts(late(50, stamp=101)) == counts(late(50, number=1001)) == (0, 0, 1)
    assert counts(late(50, stamp=107)) == counts(late(50, number=1007)) == (1, 0, 0)
    assert counts(late(50)) == (0, 1, 0)


def test_a_receiver_that_asked_three_times_missed_it() -> None:
    assert counts(late(50, asked=3)) == (1, 0, 0)
    assert counts(late(50, asked=2)) == (0, 1, 0)
    assert counts(late(50, asked=5, window=1000)) == (0, 1, 0)  # each of them said something else: its window


@pytest.mark.parametrize("size", [1, 2, 5, None])
def test_it_is_known_whatever_the_blocks(size: int | None) -> None:
    wire = Wire().connect()
    first = wire.seq[OUT]
    for place, stamp in ((0, 1), (2, 3), (3, 4), (1, 2)):
        options = (0x0101080A << 64 | stamp << 32 | 1).to_bytes(12, "big")
        wire.packet(OUT, ACK, b"x" * 100, seq=first + 100 * place, options=options)
        wire.now += 30 * MS
    assert counts(assemble(wire.frames, size).ends[1]) == (0, 0, 1)


@pytest.mark.parametrize("answered", [False, True])
def test_what_a_receiver_answers_that_its_window_is_still_shut_is_not_resent(answered: bool) -> None:
    sender = Sender().send(0, 10)
    sender.stream.window(True, 0)
    sender.send(10, 20, after_ns=SLOW)
    if answered:
        sender.stream.window(True, SLOW)
    sender.send(10, 20, after_ns=SLOW)
    assert (sender.stream.resends is None) is answered
