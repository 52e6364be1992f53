"""How long a sender waited for room in the window, seen from anywhere on the way."""

import numpy as np
import pytest

from dicomsniff.tcp.meter import Meter
from dicomsniff.tcp.options import SynOptions
from dicomsniff.tcp.pace import Pace, Told
from dicomsniff.tcp.room import Terms
from dicomsniff.tcp.waits import table_of, tell, terms_of
from tests.tcp.test_pace import BACK, OUT, Row
from tests.tcp.test_steps import columns

MS = 1_000_000
ROUND = 20


def full_window(window: int, way: int, rounds: int = 40) -> list[Row]:
    """A sender that fills a window of `window` segments in each round trip, captured `way` ms (there and back) from it."""
    rows, seq = [], 0
    for each in range(rounds):
        begin = each * ROUND + way // 2
        rows += [(OUT, begin, seq + 1000 * n, 1, 1000) for n in range(window)]
        seq += 1000 * window
        rows.append((BACK, begin + ROUND - way, 1, seq, 0))
    return sorted(rows, key=lambda row: row[1])


@pytest.mark.parametrize("way", [0, 4, 20])
def test_a_full_window_is_seen_at_every_point(way: int) -> None:
    rows = full_window(5, way)
    told = list(_told(rows, 5000, way).values())
    assert len(told) > 35 and all(each.full for each in told[1:])  # what was offered before the first is not known


@pytest.mark.parametrize("way", [0, 4, 20])
def test_a_window_that_is_wide_limits_nothing(way: int) -> None:
    rows = full_window(5, way)
    told = _told(rows, 50_000, way)
    assert len(told) > 35 and not any(each.full for each in told.values())
    assert all(each.released_ns is not None for each in told.values())


def test_a_window_of_unknown_scale_is_not_said_to_be_full() -> None:
    rows = full_window(5, 0)
    assert not any(each.full for each in _told(rows, 5000, 0, scale=None).values())


def test_short_waits_for_room_add_up() -> None:
    rows: list[Row] = []
    for n in range(200):
        rows += [(OUT, n, 1000 * n, 1, 1000), (BACK, n, 1, 1000 * n - 3000, 0)]
    pace = _shown(rows, 5000, 0)
    assert sum(each.full_ns for each in pace.metering()[OUT].stretches) > 150 * MS


def test_a_window_that_shrinks_below_a_segment_is_shut() -> None:
    rows = full_window(5, 0, 10)
    late = columns([*rows, (BACK, 205, 1, 50_000, 0), (BACK, 700, 1, 50_000, 0), (OUT, 701, 50_000, 1, 1000)])
    late.window[:] = 5000
    late.window[-3] = 100
    pace = Pace()
    tell(table_of(late, np.arange(len(late)), True), pace, (Terms(0, ROUND * MS, 0, 1000), None))
    last = pace.told[len(late)]
    assert 480 * MS < last.shut_ns < 500 * MS


def pieces(length: int, apart_ms: int, acked_ms: int) -> list[Row]:
    """Pairs of pieces, 40 ms from pair to pair, each confirmed so long after it passed."""
    rows: list[Row] = []
    for n in range(30):
        begin, seq = 40 * n, 2 * length * n
        rows += [(OUT, begin, seq, 1, length), (OUT, begin + apart_ms, seq + length, 1, length)]
        rows += [
            (BACK, begin + acked_ms, 1, seq + length, 0),
            (BACK, begin + apart_ms + acked_ms, 1, seq + 2 * length, 0),
        ]
    return sorted(rows, key=lambda row: row[1])


def test_short_pieces_that_are_sent_beside_one_another_are_counted() -> None:
    assert _shown(pieces(100, 1, 20), 50_000, 0).metering()[OUT].hasty >= 29
    assert _shown(pieces(100, 1, 2), 50_000, 18).metering()[OUT].hasty >= 29  # acknowledged here, not yet at the sender


def test_whole_segments_and_pieces_that_waited_for_one_another_are_not_hasty() -> None:
    assert _shown(pieces(1000, 1, 20), 50_000, 0).metering()[OUT].hasty == 0
    assert _shown(pieces(100, 20, 5), 50_000, 0).metering()[OUT].hasty == 0
    assert _shown(pieces(100, 1, 20), 2_000, 0).metering()[OUT].hasty == 0  # for want of room pieces are short, too
    assert _shown(pieces(100, 1, 20), 50_000, 0, scale=None).metering()[OUT].hasty == 0


def test_nothing_is_told_where_the_way_to_the_sender_is_not_known() -> None:
    rows = full_window(5, 0)
    pace = Pace()
    tell(table_of(columns(rows), np.arange(len(rows)), True), pace, (None, None))
    assert not pace.told and not pace.metering()[OUT].stretches


def test_terms_are_those_of_the_data_of_each_direction() -> None:
    own, other = SynOptions(1460, 7), SynOptions(1400, 2)
    there, back = terms_of((Meter(), Meter()), (3 * MS, 17 * MS), (own, other))
    assert there == Terms(3 * MS, 20 * MS, 2, 1400) and back == Terms(17 * MS, 20 * MS, 7, 1400)
    assert terms_of((Meter(), Meter()), (None, 17 * MS), (own, None)) == (None, Terms(17 * MS, None, None, 1460))


def _shown(rows: list[Row], window: int, way: int, scale: int | None = 0) -> Pace:
    table, pace = columns(rows), Pace()
    table.window[:] = window
    tell(table_of(table, np.arange(len(table)), True), pace, (Terms(way * MS, ROUND * MS, scale, 1000), None))
    return pace


def _told(rows: list[Row], window: int, way: int, scale: int | None = 0) -> dict[int, Told]:
    return dict(_shown(rows, window, way, scale).told)
