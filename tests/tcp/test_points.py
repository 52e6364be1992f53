"""Which files belong together: ring buffers stay together, two points are told apart; a doubt is no second point."""

from dataclasses import replace

import numpy as np
import pytest

from dicomsniff.tcp.points import find_points, point_notes, several_points
from dicomsniff.tcp.witness import Common

SECOND, HOUR = 10**9, 3600 * 10**9
START = 1_700_000_000 * SECOND
CLIENT, SERVER = 1 << 16 | 40000, 2 << 16 | 104


def shared(one: int, other: int, ahead_ns: int, count: int = 20, delay_ns: int = 500_000, at_s: int = 0) -> Common:
    """Packets of two files: the first file's point lies nearer to the client."""
    time = START + at_s * SECOND + np.arange(count) * 100_000_000
    way = np.where(np.arange(count) % 2, 1, -1)
    source, target = np.where(way > 0, CLIENT, SERVER), np.where(way > 0, SERVER, CLIENT)
    columns = np.full(count, one), np.full(count, other), time, time + ahead_ns + way * delay_ns, source, target
    return Common(*columns, np.ones(count, np.int64))


def together(*parts: Common) -> Common:
    return Common(*(np.concatenate([getattr(p, name) for p in parts]) for name in Common.__slots__))


NOTHING = shared(0, 1, 0, 0)


RING = ["ring_1.pcap", "ring_2.pcap.gz"]


def _files(common: Common, *paths: str) -> list[tuple[int, ...]]:
    return [group.files for group in find_points(common, paths, range(len(paths)))]


def test_files_with_nothing_in_common_are_of_one_point() -> None:
    assert not several_points(NOTHING, ["a", "b"])
    assert _files(NOTHING, "a.pcap", "b.pcap") == [(0, 1)]


@pytest.mark.parametrize("ahead", [0, 1_500, -3 * HOUR, 3 * HOUR])
def test_the_same_packets_at_other_times_are_two_points(ahead: int) -> None:
    common = shared(0, 1, ahead)
    assert several_points(common, ["a", "b"]) and several_points(common, RING)
    first, second = find_points(common, ["a", "b"], [0, 1])
    assert (first.files, second.files) == ((0,), (1,))
    assert (second.point.ahead_ns, second.point.delay_ns, second.point.uncertainty_ns) == (ahead, 500_000, 501_000)


def test_the_same_packets_at_the_same_time_are_an_overlap() -> None:
    assert not several_points(shared(0, 1, 0, delay_ns=0), ["a", "b"])


def test_too_few_packets_or_repetitions_one_way_are_no_second_point() -> None:
    assert not several_points(shared(0, 1, 300_000_000, 3), RING)
    again = shared(0, 1, 300_000_000)
    one_way = again.take(np.flatnonzero(again.source == CLIENT))
    assert not several_points(replace(one_way, telling=np.zeros(len(one_way), np.int64)), RING)
    assert several_points(one_way, RING)


def test_between_files_of_other_names_one_packet_is_enough_that_nobody_sent_again() -> None:
    one = shared(0, 1, 20_000_000, 1)
    assert several_points(one, ["client.pcap", "server.pcap"])
    assert not several_points(one, RING)
    assert not several_points(replace(one, telling=np.zeros(1, np.int64)), ["client.pcap", "server.pcap"])
    assert not several_points(shared(0, 1, 1_500_000, 1), ["client.pcap", "server.pcap"])


def test_mirrored_packets_at_the_seam_of_two_ring_buffer_files_are_no_second_point() -> None:
    common = shared(0, 1, 3_000, 20, delay_ns=0)
    time = START + np.arange(20) * 100
    assert not several_points(replace(common, one_ns=time, other_ns=time + 3_000), ["a", "b"])


def test_two_ring_buffers_are_put_together_by_their_names() -> None:
    common = together(shared(0, 1, HOUR), shared(2, 3, HOUR, at_s=100))
    paths = ["client_00001.pcap", "server_00001.pcap", "client_00002.pcap", "server_00002.pcap", "client_00003.pcap"]
    assert _files(common, *paths) == [(0, 2, 4), (1, 3)]


def test_files_are_put_together_by_their_clocks_where_names_say_nothing() -> None:
    common = together(shared(0, 1, HOUR), shared(0, 2, HOUR, at_s=100))
    assert _files(common, "1.pcap", "2.pcap", "3.pcap") == [(0,), (1, 2)]
    apart = together(shared(0, 1, HOUR), shared(0, 2, 3 * HOUR, at_s=100))
    assert _files(apart, "a.pcap", "b.pcap", "c.pcap") == [(0,), (1,), (2,)]


def test_a_third_point_that_only_meets_the_second_gets_its_clock_through_that() -> None:
    common = together(shared(0, 1, HOUR), shared(1, 2, -2 * HOUR, at_s=3600))
    points = [group.point for group in find_points(common, ["a", "b", "c"], [0, 1, 2])]
    assert [point.ahead_ns for point in points] == [0, HOUR, -HOUR]
    assert points[2].uncertainty_ns == 1_002_000


def test_the_clock_of_the_file_that_was_named_first_counts() -> None:
    first, second = find_points(shared(0, 1, HOUR), ["a", "b"], [1, 0])
    assert (first.files, second.files, second.point.ahead_ns) == ((1,), (0,), -HOUR)


def test_the_journey_takes_packets_back_to_the_time_at_the_first_point() -> None:
    common = shared(0, 1, 0)
    journey = find_points(common, ["a", "b"], [0, 1])[1].journey
    assert journey is not None
    there, back = common.source == CLIENT, common.source == SERVER
    shift = journey.shift(common.source, common.target)
    assert set(shift[there].tolist()) == {-500_000} and set(shift[back].tolist()) == {500_000}
    assert journey.shift(np.array([9 << 16]), np.array([8 << 16])).tolist() == [0]


def test_the_notes_say_where_and_by_how_much() -> None:
    groups = find_points(shared(0, 1, -3 * HOUR), ["x/a.pcap", "x/b.pcap"], [0, 1])
    text = " ".join(point_notes(groups, ["x/a.pcap", "x/b.pcap"], merged=False))
    for words in (
        "2 points",
        "a.pcap at point 1",
        "10800.000000 s behind",
        "± 0.501 ms",
        "0.5 ms one way",
        "--merge-views",
    ):
        assert words in text
    assert "joined" in point_notes(groups, ["a", "b"], merged=True)[-1]
