"""What a block shows in columns is what its segments show one by one."""

from itertools import pairwise

import numpy as np
import pytest

from dicomsniff.tcp.meter import Meter
from dicomsniff.tcp.pace import Pace
from dicomsniff.tcp.rhythm import Rhythm
from dicomsniff.tcp.segments import ACK
from tests.tcp.test_pace import BACK, OUT, Row
from tests.tcp.test_steps import columns


def in_columns(rows: list[Row], cuts: list[int]) -> tuple[Meter, Meter]:
    table, pace = columns(rows), Pace()
    for begin, end in pairwise(cuts):
        part = table.take(np.arange(begin, end))
        Rhythm(part, np.arange(len(part)), np.zeros(1, np.int64)).tell(0, pace.metering())
    return pace.metering()


def one_by_one(rows: list[Row]) -> tuple[Meter, Meter]:
    pace = Pace()
    for direction, time, seq, ack, length in rows:
        pace.meter(direction, time * 1_000_000, seq, ack, ACK, 100, length)
    return pace.metering()


def made(seed: int) -> list[Row]:
    chance = np.random.default_rng(seed)
    rows, time, sent = [], 0, [0, 0]
    for _ in range(150):
        direction = (OUT, BACK)[int(chance.random() < 0.4)]
        length = int(chance.choice([0, 12, 1448, 1448]))
        time += int(chance.choice([0, 0, 1, 3, 25]))
        rows.append((direction, time, sent[direction], sent[direction.opposite], length))
        sent[direction] += length
    return rows


@pytest.mark.parametrize("seed", range(10))
def test_bytes_flight_and_windows_do_not_depend_on_how_they_were_read(seed: int) -> None:
    rows = made(seed)
    for one, other in zip(in_columns(rows, [0, 40, 77, 150]), one_by_one(rows), strict=True):
        assert (one.bins, one.flight, one.window, one.least_window) == (
            other.bins, other.flight, other.window, other.least_window
        )  # fmt: skip
        assert sum(one.bins.values()) > 0


def test_round_trips_are_those_of_segments_that_were_followed() -> None:
    rows = [
        (OUT, 0, 0, 0, 1448), (OUT, 1, 1448, 0, 1448), (BACK, 21, 0, 1448, 0), (BACK, 25, 0, 2896, 0),
        (OUT, 30, 2896, 0, 100), (BACK, 70, 0, 2996, 0),
    ]  # fmt: skip
    out, back = in_columns(rows, [0, len(rows)])
    assert [(each.least_ns, each.samples) for each in out.trips] == [(21_000_000, 1)] and back.trips == []


def test_several_conversations_of_a_block_keep_their_own_figures() -> None:
    one = [(OUT, 0, 0, 0, 500), (BACK, 5, 0, 500, 0)]
    other = [(OUT, 1, 900, 0, 700), (BACK, 9, 0, 1600, 30)]
    table = columns([one[0], other[0], one[1], other[1]])
    rhythm = Rhythm(table, np.array([0, 2, 1, 3]), np.array([0, 2]))
    first, second = (Meter(), Meter()), (Meter(), Meter())
    rhythm.tell(0, first)
    rhythm.tell(1, second)
    assert [sum(meter.bins.values()) for meter in (*first, *second)] == [500, 0, 700, 30]
