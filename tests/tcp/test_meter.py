"""Figures of one direction: bytes by time, the most under way, windows, and round trips that mean something."""

import numpy as np

from dicomsniff.tcp.meter import BIN, BINS, TRIPS, Meter, Trips

MS = 1_000_000


def test_bytes_are_counted_by_time_and_none_gets_lost_when_the_times_become_longer() -> None:
    meter = Meter()
    for place in range(3 * BINS):
        meter.carry(place, 10)
    facts = meter.facts()
    assert facts.shift == BIN + 2 and len(facts.carried) <= BINS
    assert sum(count for _, count in facts.carried) == 30 * BINS


def test_a_segment_that_another_followed_gives_a_round_trip() -> None:
    meter = Meter()
    meter.data(0, 100, 1460)
    meter.data(MS, 1560, 1460)
    meter.acknowledged(20 * MS, 1560, 500, True)
    assert meter.trips == [Trips(0, 20 * MS, 20 * MS, 1)]


def test_the_last_segment_of_a_burst_gives_none_because_its_acknowledgement_is_late_on_purpose() -> None:
    meter = Meter()
    meter.data(0, 100, 1460)
    meter.acknowledged(200 * MS, 1560, 500, True)
    assert meter.trips == []


def test_an_acknowledgement_that_carries_data_gives_none_because_the_application_took_its_time() -> None:
    meter = Meter()
    meter.data(0, 100, 1460)
    meter.data(MS, 1560, 10)
    meter.acknowledged(900 * MS, 1570, 500, False)
    assert meter.trips == []


def test_what_was_confirmed_before_it_was_captured_gives_none() -> None:
    meter = Meter()
    meter.acknowledged(0, 3020, 500, True)
    meter.data(MS, 100, 1460)
    meter.data(2 * MS, 1560, 1460)
    meter.data(9000 * MS, 3020, 1460)
    meter.data(9001 * MS, 4480, 1460)
    meter.acknowledged(9020 * MS, 4480, 500, True)
    assert meter.trips == [Trips(9000 * MS, 20 * MS, 20 * MS, 1)]


def test_what_was_sent_again_gives_none_because_either_copy_may_be_acknowledged() -> None:
    meter = Meter()
    meter.data(0, 100, 1460)
    meter.data(MS, 1560, 1460)
    meter.data(300 * MS, 100, 1460)
    meter.acknowledged(320 * MS, 3020, 500, True)
    assert meter.trips == []


def test_numbers_go_on_behind_the_wrap() -> None:
    meter = Meter()
    meter.acknowledged(0, (1 << 32) - 1000, 500, True)
    meter.data(MS, (1 << 32) - 1000, 1460)
    meter.data(2 * MS, 460, 1460)
    meter.acknowledged(22 * MS, 460, 400, True)
    assert meter.flight == 2920 and meter.trips[0].least_ns == 21 * MS
    assert (meter.least_window, meter.window) == (400, 500)


def test_round_trips_are_joined_when_there_are_too_many_and_keep_least_and_greatest() -> None:
    meter = Meter()
    for number in range(5 * TRIPS):
        meter.trip(Trips(number, 100 + number, 100 + number, 1))
    facts = meter.facts()
    assert len(facts.trips) <= TRIPS and sum(each.samples for each in facts.trips) == 5 * TRIPS
    assert (facts.least_trip_ns, facts.most_trip_ns) == (100, 99 + 5 * TRIPS)


def test_acknowledgements_before_segments_that_were_passed_over_are_not_the_last() -> None:
    meter, one = Meter(), np.ones(1, np.int64)
    meter.recent = one, one, one
    meter.offer(100, 300)
    meter.passed()
    assert meter.recent is None and meter.widest == 300
