"""Time stamps in columns, and the round trips that they tell of what was sent twice."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from dicomsniff.core import Direction
from dicomsniff.tcp.meter import Meter
from dicomsniff.tcp.rhythm import Rhythm
from dicomsniff.tcp.segments import SYN, U8, Segments
from dicomsniff.tcp.stamps import WRITTEN, stamps_of
from tests.tcp.test_pace import BACK, MS, OUT, Row
from tests.tcp.test_steps import columns

LENGTH = 12


def stamped(rows: list[tuple[Row, int, int]]) -> tuple[Segments, U8]:
    """Rows with the value and the echo that each carries."""
    segments = columns([row for row, _, _ in rows])
    data = b"".join(struct.pack(">III", WRITTEN, value, echo) for _, value, echo in rows)
    places = LENGTH * np.arange(len(rows))
    return replace(segments, option=places, option_end=places + LENGTH), np.frombuffer(data, np.uint8)


def test_stamps_are_read_from_the_option() -> None:
    segments, data = stamped([((OUT, 0, 0, 0, 10), 7, 0xFFFFFFFF), ((BACK, 1, 0, 10, 0), 0x80000000, 7)])
    found = stamps_of(segments, data)
    assert found.known.all() and found.value.tolist() == [7, 0x80000000] and found.echo.tolist() == [0xFFFFFFFF, 7]


@pytest.mark.parametrize("how", ["syn", "cut", "another"])
def test_segments_without_readable_stamps_have_none(how: str) -> None:
    segments, data = stamped([((OUT, 0, 0, 0, 10), 7, 8)] * 2)
    assert stamps_of(segments, data).known.all()
    if how == "syn":
        segments.flags[:] |= SYN
    elif how == "cut":
        segments.option_end[:] -= 1
    else:
        data = data.copy()
        data[3::LENGTH] = 8
    found = stamps_of(segments, data)
    assert not found.known.any() and not found.value.any() and not found.echo.any()


def lost_once(echo: int, second: int = 300) -> list[tuple[Row, int, int]]:
    """Three segments, the first lost and sent again after 300 ms, confirmed 20 ms later with this echo."""
    return [
        ((OUT, 0, 0, 0, 1000), 1, 0), ((OUT, 1, 1000, 0, 1000), 1, 0), ((OUT, 2, 2000, 0, 1000), 2, 0),
        ((OUT, 300, 0, 0, 1000), second, 0), ((BACK, 320, 0, 3000, 0), 9, echo),
    ]  # fmt: skip


def trips(rows: list[tuple[Row, int, int]], with_stamps: bool = True) -> list[int]:
    segments, data = stamped(rows)
    meters = (Meter(), Meter())
    stamps = stamps_of(segments, data) if with_stamps else None
    Rhythm(segments, np.arange(len(segments)), np.zeros(1, np.int64), stamps).tell(0, meters)
    assert Direction.TO_RESPONDER is OUT
    return [each.least_ns // MS for each in meters[0].trips for _ in range(each.samples)]


def test_the_echo_says_which_copy_was_acknowledged() -> None:
    assert trips(lost_once(300)) == [20]
    assert trips(lost_once(1)) == [320]


def test_without_stamps_what_was_sent_twice_tells_nothing() -> None:
    assert trips(lost_once(300), with_stamps=False) == []


def test_copies_within_one_tick_of_the_clock_tell_nothing() -> None:
    assert trips(lost_once(1, second=1)) == []


def test_the_last_segment_tells_nothing_for_its_acknowledgement_may_be_late_on_purpose() -> None:
    rows = lost_once(300)
    rows[-1] = ((BACK, 320, 0, 1000, 0), 9, 300)
    assert trips(rows) == []
