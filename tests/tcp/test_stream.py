"""One direction: order, overlap, copies, loss and snap length, segment by segment."""

import pytest

from dicomsniff.core import LIMITS, Direction, Limits
from dicomsniff.tcp.copies import COPY_NS, RECENT
from dicomsniff.tcp.events import Chunk, DirectionFacts, Gap, GapCause
from dicomsniff.tcp.holes import PROVED_LOST
from dicomsniff.tcp.resends import TIMEOUT_NS
from dicomsniff.tcp.stream import FARTHEST, UNKNOWN, WRAP, Stream
from tests.tcp.assembling import Hole, Line

TEXT = bytes(range(256)) * 4
SLOW = TIMEOUT_NS + COPY_NS


class Sender:
    """Sends ranges of TEXT, one a microsecond unless told otherwise."""

    def __init__(self, base: int = 100, limits: Limits = LIMITS) -> None:
        self.line = Line()
        self.stream = Stream(1, Direction.TO_RESPONDER, self._emit, limits)
        self.stream.base = base
        self.now = self.number = 0

    def _emit(self, event: Chunk | Gap) -> None:
        self.line.add(event)

    def send(self, start: int, stop: int, *, after_ns: int = 1000, captured: int | None = None) -> "Sender":
        self.now += after_ns
        self.number += 1
        self.stream.packets += 1
        base = self.stream.base or 0
        payload = memoryview(TEXT[start:stop])[:captured]
        self.stream.add((base + start) % WRAP, stop - start, payload, self.number, self.now)
        self.stream.flush()
        return self

    def ack(self, offset: int) -> "Sender":
        self.stream.acknowledge(((self.stream.base or 0) + offset) % WRAP)
        return self

    def finish(self, fin: int | None = None) -> list[bytes | Hole]:
        self.stream.finish(self.number, self.now, fin)
        return self.line.parts

    @property
    def facts(self) -> DirectionFacts:
        return self.stream.facts()


def test_segments_in_order_are_delivered_at_once() -> None:
    sender = Sender().send(0, 10).send(10, 30)
    assert sender.line.segments == [(0, 1, 1000), (10, 2, 2000)]
    assert sender.line.data == TEXT[:30]


def test_a_first_segment_that_comes_again_took_no_time_that_anybody_saw() -> None:
    sender = Sender()
    sender.stream.next = 40
    sender.send(10, 20, after_ns=1_700_000_000_000_000_000)
    assert sender.stream.resends is not None and sender.stream.resends.recovery_ns == 0


def test_a_reordered_segment_waits_for_the_one_before() -> None:
    sender = Sender().send(0, 10).send(20, 30).send(10, 20)
    assert sender.line.segments == [(0, 1, 1000), (10, 3, 3000), (20, 2, 2000)]
    assert (sender.line.data, sender.facts.out_of_order, sender.facts.retransmitted_bytes) == (TEXT[:30], 1, 0)


def test_a_hole_filled_late_was_sent_again() -> None:
    sender = Sender().send(0, 10).send(20, 30).send(10, 20, after_ns=SLOW)
    assert (sender.line.data, sender.facts.out_of_order, sender.facts.retransmitted_bytes) == (TEXT[:30], 0, 10)


def test_a_hole_filled_with_bytes_that_were_confirmed_before_proves_the_capture_out_of_order() -> None:
    assert Sender().send(0, 10).send(20, 30).ack(30).send(10, 20, after_ns=SLOW).facts.early == 1
    assert Sender().send(0, 10).send(20, 30).ack(10).send(10, 20, after_ns=SLOW).ack(30).facts.early == 0


def test_each_hole_knows_since_when_it_is_open() -> None:
    sender = Sender().send(20, 30).send(40, 50).send(0, 20, after_ns=SLOW).send(30, 40)
    assert (sender.line.data, sender.facts.out_of_order, sender.facts.retransmitted_bytes) == (TEXT[:50], 0, 30)


def test_a_hole_filled_from_behind_stays_as_old_as_it_is() -> None:
    sender = Sender().send(30, 40).send(20, 30, after_ns=SLOW).send(10, 20).send(0, 10)
    assert (sender.line.data, sender.facts.out_of_order, sender.facts.retransmitted_bytes) == (TEXT[:40], 0, 30)


def test_a_later_hole_filled_first_counts_by_its_own_age() -> None:
    sender = Sender().send(10, 20).send(30, 40, after_ns=SLOW).send(20, 30).send(0, 10)
    assert (sender.line.data, sender.facts.out_of_order, sender.facts.retransmitted_bytes) == (TEXT[:40], 1, 10)


def test_what_was_delivered_counts_as_sent_again() -> None:
    sender = Sender().send(0, 40).send(10, 30, after_ns=SLOW)
    assert (sender.line.data, sender.facts.retransmitted_bytes, sender.facts.duplicates) == (TEXT[:40], 20, 0)


def test_a_retransmission_with_other_boundaries_gives_only_what_is_new() -> None:
    sender = Sender().send(0, 20).send(10, 40, after_ns=SLOW).send(5, 60, after_ns=SLOW)
    assert (sender.line.data, sender.facts.retransmitted_bytes, sender.facts.bytes) == (TEXT[:60], 10 + 35, 60)


def test_what_waits_and_comes_again_with_other_boundaries_counts_what_was_seen() -> None:
    sender = Sender().send(10, 20).send(30, 40).send(10, 50, after_ns=SLOW)
    assert sender.facts.retransmitted_bytes == 10 + 10 + 10
    assert sender.send(0, 10).line.data == TEXT[:50]
    assert sender.facts.retransmitted_bytes == 40


def test_a_segment_that_fills_a_hole_and_goes_on_counts_the_seen_part() -> None:
    sender = Sender().send(10, 20).send(0, 30, after_ns=SLOW)
    assert (sender.line.data, sender.facts.retransmitted_bytes) == (TEXT[:30], 10 + 10)


def test_the_same_segment_within_a_millisecond_is_a_copy_made_by_the_capture() -> None:
    sender = Sender().send(0, 10).send(0, 10).send(10, 20).send(10, 20)
    assert (sender.facts.duplicates, sender.facts.retransmitted_bytes, sender.line.data) == (2, 0, TEXT[:20])


def test_copies_may_come_after_other_segments() -> None:
    sender = Sender().send(0, 10).send(10, 20).send(20, 30).send(0, 10).send(10, 20).send(20, 30)
    assert (sender.facts.duplicates, sender.facts.retransmitted_bytes) == (3, 0)


def test_copies_of_what_waits_are_copies_too() -> None:
    sender = Sender().send(10, 20).send(10, 20).send(0, 10).send(0, 10)
    assert (sender.facts.duplicates, sender.facts.retransmitted_bytes, sender.facts.out_of_order) == (2, 0, 1)


def test_the_same_segment_after_more_than_a_millisecond_was_sent_again() -> None:
    for between in (0, 5):
        sender = Sender().send(0, 10)
        for at in range(between):
            sender.send(10 + at, 11 + at, after_ns=COPY_NS)
        sender.send(0, 10, after_ns=COPY_NS + 1)
        assert (sender.facts.duplicates, sender.facts.retransmitted_bytes) == (0, 10)


def test_other_boundaries_within_a_millisecond_are_no_copy() -> None:
    sender = Sender().send(0, 10).send(10, 20).send(0, 20).send(5, 10)
    assert (sender.facts.duplicates, sender.facts.retransmitted_bytes) == (0, 25)


def test_copies_of_cut_segments_are_copies() -> None:
    sender = Sender().send(0, 10, captured=4).send(0, 10, captured=4).send(10, 20, captured=0).send(10, 20, captured=0)
    assert (sender.facts.duplicates, sender.facts.retransmitted_bytes, sender.facts.truncated_bytes) == (2, 0, 16)


def test_copies_are_told_apart_where_bytes_are_ignored() -> None:
    sender = Sender()
    sender.stream.ignored = True
    sender.send(0, 10).send(0, 10).send(0, 10, after_ns=SLOW)
    assert (sender.facts.duplicates, sender.facts.retransmitted_bytes, sender.line.parts) == (1, 10, [])


def test_a_keep_alive_is_no_retransmission() -> None:
    sender = Sender().send(0, 10).send(9, 10, after_ns=SLOW).send(9, 10, after_ns=SLOW).send(10, 20)
    assert (sender.line.data, sender.facts.retransmitted_bytes, sender.facts.duplicates) == (TEXT[:20], 0, 0)


@pytest.mark.parametrize("base", [WRAP - 1, WRAP - 15, WRAP - 25, 0])
def test_sequence_numbers_wrap_in_the_middle(base: int) -> None:
    sender = Sender(base).send(0, 10).send(20, 30).send(10, 20).ack(30).send(15, 40, after_ns=SLOW).ack(40)
    assert (sender.line.data, sender.facts.acknowledged) == (TEXT[:40], 40)


def test_a_cut_segment_leaves_a_gap_and_what_follows_is_in_place() -> None:
    sender = Sender().send(0, 100, captured=30).send(100, 200, captured=30)
    gap = GapCause.SNAPLEN
    assert sender.line.parts == [TEXT[:30], (30, 70, gap), TEXT[100:130], (130, 70, gap)]
    assert (sender.facts.bytes, sender.facts.truncated_bytes, sender.facts.lost_bytes) == (60, 140, 0)


def test_cut_segments_out_of_order_are_in_place_too() -> None:
    sender = Sender().send(100, 200, captured=30).send(0, 100, captured=30)
    assert sender.line.parts[::2] == [TEXT[:30], TEXT[100:130]]


def test_a_confirmed_hole_is_given_up_after_64_packets() -> None:
    sender = Sender().send(0, 10).send(20, 30).ack(30)
    for _ in range(PROVED_LOST - 1):
        sender.stream.passed()
    assert sender.line.parts == [TEXT[:10]]
    sender.stream.passed()
    sender.stream.flush()
    assert sender.line.parts == [TEXT[:10], (10, 10, GapCause.LOST), TEXT[20:30]]
    assert sender.facts.lost_bytes == 10


def test_each_hole_is_given_up_64_packets_after_its_own_confirmation() -> None:
    sender = Sender().send(0, 10)
    for start in range(20, 200, 20):
        sender.send(start, start + 10).ack(start + 10).stream.passed()
    for _ in range(PROVED_LOST - 1):
        sender.stream.passed()
    sender.stream.flush()
    assert sum(isinstance(part, tuple) for part in sender.line.parts) == 9
    assert sender.facts.lost_bytes == 90


def test_packets_before_the_confirmation_do_not_count() -> None:
    sender = Sender().send(0, 10).send(20, 30)
    for _ in range(10 * PROVED_LOST):
        sender.stream.passed()
    sender.ack(30).stream.passed()
    assert sender.send(10, 20).line.data == TEXT[:30]


def test_a_hole_that_nobody_confirmed_waits_until_the_end() -> None:
    sender = Sender().send(0, 10).send(20, 30).ack(10)
    for _ in range(10 * PROVED_LOST):
        sender.stream.passed()
    assert sender.line.parts == [TEXT[:10]]
    assert sender.finish() == [TEXT[:10], (10, 10, GapCause.LOST), TEXT[20:30]]


def test_a_gap_names_the_packet_behind_it() -> None:
    gaps: list[Chunk | Gap] = []
    stream = Stream(4, Direction.TO_INITIATOR, gaps.append, LIMITS)
    stream.base = 0
    stream.add(5, 3, memoryview(b"abc"), 17, 900)
    stream.finish(20, 1000, None)
    assert gaps[0] == Gap(4, Direction.TO_INITIATOR, 0, 5, GapCause.LOST, 17, 900)


def test_what_was_confirmed_but_not_seen_is_lost() -> None:
    sender = Sender().send(0, 10).ack(25)
    assert sender.finish() == [TEXT[:10], (10, 15, GapCause.LOST)]
    assert (sender.facts.lost_bytes, sender.facts.acknowledged) == (15, 25)


def test_one_confirmed_byte_at_the_end_may_be_a_fin() -> None:
    assert Sender().send(0, 10).ack(11).finish() == [TEXT[:10]]


def test_a_fin_that_was_seen_takes_no_byte_of_the_stream() -> None:
    sender = Sender().send(0, 10).ack(11)
    assert sender.finish(fin=10) == [TEXT[:10]]
    assert sender.facts.acknowledged == 10


def test_with_the_fin_seen_one_missing_byte_is_missing() -> None:
    assert Sender().send(0, 10).ack(12).finish(fin=11) == [TEXT[:10], (10, 1, GapCause.LOST)]


def test_without_acknowledgements_the_fin_tells_what_is_missing() -> None:
    assert Sender().send(0, 10).finish(fin=30) == [TEXT[:10], (10, 20, GapCause.LOST)]
    assert Sender().send(0, 10).finish(fin=10 + 2 * FARTHEST) == [TEXT[:10]]


def test_bytes_behind_a_confirmed_fin_are_none() -> None:
    assert Sender().send(0, 10).send(500, 600).ack(11).finish(fin=10) == [TEXT[:10]]


def test_what_the_receiver_has_yet_to_confirm_is_no_loss() -> None:
    sender = Sender().send(0, 10).send(10, 20).ack(10)
    assert sender.finish(fin=20) == [TEXT[:20]]
    assert sender.facts.acknowledged == 10


def test_a_direction_seen_only_through_its_acknowledgements_is_one_way() -> None:
    assert Sender().ack(500).ack(700).finish() == [(0, 700, GapCause.ONE_WAY)]


def test_acknowledgements_alone_are_followed_beyond_the_wrap() -> None:
    sender = Sender(WRAP - 5)
    for megabytes in range(0, 5000, 50):
        sender.ack(megabytes << 20)
    assert sender.facts.acknowledged == 4950 << 20


def test_an_old_acknowledgement_takes_nothing_back() -> None:
    sender = Sender().send(0, 100).ack(100).ack(40)
    assert sender.facts.acknowledged == 100


def test_an_acknowledgement_of_unseen_bytes_that_the_receiver_does_not_repeat_is_a_broken_packet() -> None:
    sender = Sender().send(0, 10).ack(50_000).send(10, 20).ack(20)
    assert sender.facts.acknowledged == 20
    assert sender.finish() == [TEXT[:20]]


def test_an_acknowledgement_captured_before_its_bytes_and_before_an_older_one_counts() -> None:
    sender = Sender().send(0, 10).ack(30).ack(10).send(10, 30)
    sender.finish()
    assert sender.facts.acknowledged == 30


def test_a_wild_acknowledgement_is_not_believed() -> None:
    sender = Sender().send(0, 10).ack(10 + 2 * FARTHEST).ack(10)
    assert sender.finish() == [TEXT[:10]]


def test_two_acknowledgements_far_ahead_that_agree_are_believed() -> None:
    sender = Sender().ack(0).ack(3 * FARTHEST).ack(3 * FARTHEST + 1000)
    assert sender.facts.acknowledged == 3 * FARTHEST + 1000


@pytest.mark.parametrize("far", [2 * FARTHEST, WRAP // 2 - 1, WRAP // 2 + 1, WRAP - 500])
def test_a_wild_sequence_number_does_not_derail_the_stream(far: int) -> None:
    sender = Sender().send(0, 10)
    sender.stream.add((100 + 10 + far) % WRAP, 5, memoryview(b"wrong"), 50, 5_000)
    assert sender.send(10, 20).finish() == [TEXT[:20]]


def test_the_stream_goes_on_behind_a_hole_of_more_than_any_window() -> None:
    sender = Sender().send(0, 10)
    far = 2 * FARTHEST
    for at in (0, 3, 6):
        sender.stream.add(100 + far + at, 3, memoryview(TEXT[at : at + 3]), 50 + at, 5_000)
    assert sender.finish() == [TEXT[:10], (10, far + 3 - 10, GapCause.LOST), TEXT[3:9]]


def test_more_bytes_than_may_wait_end_the_hole() -> None:
    sender = Sender(limits=Limits(reorder_bytes=100))
    for start in range(10, 200, 10):
        sender.send(start, start + 10)
    assert sender.line.parts == [(0, 10, GapCause.LIMIT), TEXT[10:200]]
    assert sender.send(200, 210).finish()[-1] == TEXT[10:210]


def test_more_segments_than_may_wait_end_the_hole() -> None:
    sender = Sender(limits=Limits(reorder_segments=3))
    for start in (10, 30, 50, 70):
        sender.send(start, start + 10)
    assert sender.line.parts == [(0, 10, GapCause.LIMIT), TEXT[10:20]]


def test_bytes_that_come_after_their_hole_was_given_up_do_not_come_twice() -> None:
    sender = Sender(limits=Limits(reorder_segments=1)).send(10, 20).send(20, 30).send(0, 10)
    assert sender.line.parts == [(0, 10, GapCause.LIMIT), TEXT[10:30]]


def test_a_stream_to_be_ignored_counts_on_without_events() -> None:
    sender = Sender().send(0, 10).send(20, 30)
    sender.stream.ignored = True
    sender.send(40, 50).send(10, 20).send(30, 40).ack(90)
    assert sender.finish() == [TEXT[:10]]
    assert (sender.facts.bytes, sender.facts.lost_bytes, sender.facts.out_of_order) == (50, 40, 2)


def test_the_time_without_window_is_summed() -> None:
    stream = Sender().stream
    for closed, time in ((True, 100), (True, 150), (False, 400), (False, 500), (True, 900), (False, 1000)):
        stream.window(closed, time)
    assert (stream.facts().zero_window_ns, stream.zero_since) == (400, None)


def test_a_long_recovery_does_not_lose_its_place() -> None:
    sender = Sender()
    odd = [(at, at + 4) for at in range(4, 1000, 8)]
    even = [(at, at + 4) for at in range(0, 1001, 8)]
    for start, stop in odd + even[::-1]:
        sender.send(start, stop)
    assert sender.line.data == TEXT[:1004]
    assert not sender.stream.held


@pytest.mark.parametrize("captured", [0, 3])
def test_of_a_burst_of_segments_cut_off_by_the_snap_length_only_the_latest_are_remembered(captured: int) -> None:
    sender = Sender()
    for start in range(0, 1000, 5):
        sender.send(start, start + 5, after_ns=0, captured=captured)
        assert len(sender.stream._recent) <= RECENT
    sender.send(995, 1000, after_ns=COPY_NS, captured=captured)
    assert (sender.facts.duplicates, sender.facts.retransmitted_bytes) == (1, 0)
    sender.send(995, 1000, after_ns=1, captured=captured).send(0, 5, after_ns=0, captured=captured)
    assert (sender.facts.duplicates, sender.facts.retransmitted_bytes) == (1, 10)


def test_holes_that_were_open_though_their_bytes_were_confirmed_are_measured() -> None:
    sender = Sender().send(0, 10).send(20, 30).ack(30)
    sender.send(10, 20, after_ns=5 * SLOW)
    assert (sender.facts.early, sender.facts.early_ns) == (1, 5 * SLOW)
    sender.send(40, 50).send(30, 40, after_ns=SLOW)
    assert (sender.facts.early, sender.facts.early_ns) == (1, 5 * SLOW)


@pytest.mark.parametrize("first", [1_000_000_000, 400_000_000])
def test_what_lies_gigabytes_from_the_syn_has_other_numbers_and_unknown_bytes_before_it(first: int) -> None:
    """Only the SYN of the other side of a firewall was captured, that draws sequence numbers anew."""
    sender = Sender(3_000_000_000)
    for at in range(0, 300, 100):
        sender.number += 1
        sender.stream.add(first + at, 100, memoryview(TEXT[at : at + 100]), sender.number, 10**18 + at)
    sender.ack((first - 3_000_000_000) % WRAP + 300)
    hole, rest = sender.finish()
    assert hole == (0, UNKNOWN, GapCause.LOST) and rest == TEXT[100:300]
    assert (sender.facts.bytes, sender.facts.retransmitted_bytes, sender.stream.resends) == (200, 0, None)
