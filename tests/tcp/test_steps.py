"""The rows of a block that a pace must see: shown only these, it finds the pauses that it finds in all rows."""

from itertools import pairwise

import numpy as np
import pytest

from dicomsniff.tcp.pace import Pace
from dicomsniff.tcp.room import Terms
from dicomsniff.tcp.segments import ACK, Segments
from dicomsniff.tcp.steps import MANY, Steps
from tests.tcp.test_pace import BACK, MS, OUT, Row, shown


def columns(rows: list[Row]) -> Segments:
    """Two endpoints 1 (initiator) and 2, their rows as columns."""
    zero = np.zeros(len(rows), np.int64)

    def made(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(values, np.int64)

    source = made([1 if r[0] is OUT else 2 for r in rows])
    return Segments(
        made(list(range(1, len(rows) + 1))), made([r[1] * MS for r in rows]), source, 3 - source,
        made([r[2] for r in rows]), made([r[3] for r in rows]), zero + ACK, zero + 100,
        zero, zero, made([r[4] for r in rows]), zero, zero, zero, zero,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(30))
def test_shown_in_blocks_the_pauses_are_those_of_every_row(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows, time, sent = [], 0, [0, 0]
    for _ in range(120):
        direction = (OUT, BACK)[int(chance.random() < 0.4)]
        length = int(chance.choice([0, 12, 1448, 1448]))
        time += int(chance.choice([0, 0, 0, 1, 3, 25]))
        rows.append((direction, time, sent[direction], sent[direction.opposite], length))
        sent[direction] += length
    whole = shown(*rows)
    table, pace = columns(rows), Pace()
    cuts = [0, *sorted(chance.choice(np.arange(1, 119), 4, replace=False).tolist()), 120]
    for begin, end in pairwise(cuts):
        part = table.take(np.arange(begin, end))
        Steps(part, np.arange(len(part)), np.zeros(1, np.int64)).show(0, 0, pace, True)
    assert pace.pauses == whole.pauses and pace.pauses


def test_several_conversations_in_one_block_keep_their_own_pauses() -> None:
    one = [(OUT, 0, 0, 0, 10), (BACK, 50, 0, 10, 10), (OUT, 51, 10, 10, 10)]
    other = [(OUT, 0, 0, 0, 10), (OUT, 7, 10, 0, 10), (BACK, 8, 0, 20, 0)]
    table = columns([*one, *other])
    steps = Steps(table, np.arange(6), np.array([0, 3]))
    first, second = Pace(), Pace()
    steps.show(0, 0, first, True)
    steps.show(1, 0, second, True)
    assert [p.duration_ns for p in first.pauses] == [50 * MS]
    assert [(p.duration_ns, p.since_packet) for p in second.pauses] == [(7 * MS, 4)]


@pytest.mark.parametrize(("apart_ns", "told"), [(50_000, False), (150_000, True)])
def test_many_segments_are_told_of_only_where_somebody_waited_between_them(apart_ns: int, told: bool) -> None:
    rows: list[Row] = []
    for n in range(MANY):
        rows += [(OUT, 0, 1000 * n, 1, 1000), (BACK, 0, 1, 1000 * n, 0)]
    table, pace = columns(rows), Pace()
    table.time_ns[:] = np.arange(len(table)) // 2 * apart_ns
    terms = Terms(1000, 40_000, 0, 1000)
    Steps(table, np.arange(len(table)), np.zeros(1, np.int64)).show(0, 0, pace, True, lambda: (terms, terms))
    assert (pace.metering()[OUT].recent is not None) is told
    assert pace.metering()[OUT].window == pace.metering()[OUT].widest == 100
