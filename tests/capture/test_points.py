"""Times of a point of capture are shown on the clock of the first."""

import numpy as np

from dicomsniff.capture.points import FIRST, Point

HOUR = 3_600_000_000_000
START = 1_700_000_000_000_000_000


def test_the_first_point_keeps_its_times() -> None:
    times = np.array([-1, 0, START], np.int64)
    assert FIRST.corrected(times) is times


def test_a_clock_that_is_ahead_is_set_back_and_packets_without_time_stay_so() -> None:
    point = Point(2, ahead_ns=HOUR, at_ns=START)
    assert point.corrected(np.array([-1, 0, START + HOUR], np.int64)).tolist() == [-1, 0, START]
    assert point.corrected_one(START + 5) == START + 5 - HOUR


def test_a_clock_that_runs_faster_is_ahead_by_more_the_longer_it_runs() -> None:
    point = Point(2, ahead_ns=-1_000, at_ns=START, drift=1e-4)
    assert point.corrected_one(START) == START + 1_000
    assert point.corrected_one(START + HOUR) == START + HOUR + 1_000 - HOUR // 10_000
