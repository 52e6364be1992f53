"""Where the time went as plain rows, and only what JSON knows in them."""

import json

from dicomsniff.association.pair_times import Answers, PairTimes, pair_times
from dicomsniff.association.stalls import Stall
from dicomsniff.association.time_sums import COMPONENTS, TimeSums
from dicomsniff.core import Direction
from dicomsniff.report.timing_rows import pair_row, stall_row, sums_row, throughput_row
from tests.captures import real

MS = 1_000_000


def test_answers_are_counted_by_how_long_they_took() -> None:
    took = [MS // 2, MS, 3 * MS, 700 * MS, 200_000 * MS]
    pair = PairTimes(
        "A", "B", "10.0.0.1", "10.0.0.2", 104, [1], TimeSums(), 0, 0, 0, [Answers("C-STORE", "acceptor", took, took)]
    )
    row = pair_row(pair)
    (answers,) = row["answers"]
    filled = {each["upto_ms"]: each["count"] for each in answers["classes"] if each["count"]}
    assert filled == {1: 2, 5: 1, 1000: 1, None: 1} and (answers["median_ms"], answers["most_ms"]) == (3.0, 200_000.0)
    assert row["time"] is None and row["concurrency"] is None


def test_times_without_the_way_are_shown_only_where_all_are_known() -> None:
    pair = PairTimes(
        "A", "B", "x", "y", 104, [1], TimeSums(), 0, 0, 0, [Answers("C-FIND", "acceptor", [MS], [2 * MS, 9 * MS])]
    )
    (answers,) = pair_row(pair)["answers"]
    assert answers["without_way"] is False and (answers["count"], answers["most_ms"]) == (2, 9.0)


def test_sums_hold_every_component() -> None:
    row = sums_row(TimeSums(server=MS, total=2 * MS, confidence="high"))
    assert row is not None and set(row) == {*COMPONENTS, "total", "confidence"} and row["server"] == 1.0
    assert sums_row(None) is None


def test_a_stall_says_whose_data_stood_still() -> None:
    row = stall_row(Stall(MS, 41 * MS, "nagle", Direction.TO_INITIATOR, 7, 9))
    assert (row["kind"], row["by"], row["duration_ms"], row["packets"]) == ("nagle", "responder", 40.0, [7, 9])


@real.here
def test_rows_of_real_traffic_are_plain() -> None:
    traffic = real.analysis("slow_link").traffic
    curve = throughput_row(traffic.conversations[0].tcp)
    assert curve is not None and len(curve["to_responder"]["bytes"]) > 20
    json.dumps([curve, *map(pair_row, pair_times(traffic))], allow_nan=False)
