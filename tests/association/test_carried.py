"""How fast a line carries what it is given, told from what it carried and from the pauses."""

import pytest

from dicomsniff.association.carried import FRAME, Carried, line_ns
from dicomsniff.tcp.meter import NOT_METERED
from tests.association.test_pauses import MS, pause

BIN = 1 << 20
METER = NOT_METERED._replace(shift=20, carried=((0, 1000), (1, 1000), (2, 4000), (9, 100)))


def test_bytes_between_two_times_are_shared_with_what_lies_around_them() -> None:
    carried = Carried(METER)
    assert carried.length(0, 3 * BIN) == 6000
    assert carried.length(BIN // 2, 2 * BIN) == pytest.approx(1500)
    assert carried.length(4 * BIN, 9 * BIN) == 0


def test_the_best_rate_is_over_three_of_the_times() -> None:
    assert Carried(METER).best_rate == pytest.approx(6000 / (3 * BIN))
    assert Carried(NOT_METERED).best_rate == 0


def line(rate: float, lengths: list[int]) -> list[float]:
    """When a line of so many bytes per ms has carried each."""
    return [sum(each + FRAME for each in lengths[: n + 1]) / rate for n in range(len(lengths))]


@pytest.mark.parametrize("lengths", [[100, 1448, 100, 300] * 5, [100] * 20])
def test_all_of_a_pause_is_the_lines_where_every_piece_takes_as_long_as_it_is(lengths: list[int]) -> None:
    times = [0.0, *line(20, lengths)]
    pauses = [
        pause(since_ns=round(a * MS), time_ns=round(b * MS), after=length)
        for a, b, length in zip(times, times[1:], lengths, strict=False)
    ]
    end = round(times[-1] * MS)
    meter = NOT_METERED._replace(shift=20, carried=tuple((p.time_ns >> 20, p.after) for p in pauses))
    rate = Carried(meter).line_rate(pauses, 0, end, 28 * MS)
    assert rate is not None and rate == pytest.approx(20 / MS, rel=0.01)
    assert all(line_ns(each, rate) >= 0.98 * each.duration_ns for each in pauses)


def test_a_line_that_carries_more_at_other_times_was_not_what_took_so_long() -> None:
    pauses = [pause(since_ns=n * 10 * MS, time_ns=(n * 10 + 9) * MS, after=100) for n in range(20)]
    meter = NOT_METERED._replace(shift=20, carried=tuple((p.time_ns >> 20, 5100) for p in pauses))
    rate = Carried(meter).line_rate(pauses, 0, 200 * MS, 28 * MS)
    assert rate is not None and line_ns(pauses[0], rate) < 0.1 * MS


def test_no_line_carries_less_than_the_shortest_round_trip_shows() -> None:
    pauses = [pause(since_ns=n * 900 * MS, time_ns=(n + 1) * 900 * MS, after=100) for n in range(20)]
    rate = Carried(NOT_METERED).line_rate(pauses, 0, 18_000 * MS, 20 * MS)
    assert rate is not None and line_ns(pauses[0], rate) <= 51 * MS


def test_few_pauses_and_a_sender_nearby_tell_of_no_line() -> None:
    pauses = [pause(since_ns=n * 90 * MS, time_ns=(n + 1) * 90 * MS, after=100) for n in range(8)]
    assert Carried(METER).line_rate(pauses[:7], 0, 630 * MS, 20 * MS) is None
    assert Carried(METER).line_rate(pauses, 0, 720 * MS, 1 * MS) is None
    assert Carried(METER).line_rate(pauses, 0, 720 * MS, None) is None
