"""Which segments waited for room: for a window that was full, or nearly; and what a queue or a growing window tells."""

import numpy as np
import pytest

from dicomsniff.tcp.room import Acks, Room, Terms, room
from dicomsniff.tcp.segments import I64

MS = 1_000_000
MSS = 1000
ROUND = 20


def column(values: list[int]) -> I64:
    return np.array(values, np.int64)


def judged(sent: list[tuple[int, int]], heard: list[tuple[int, int, int]], way: int = 0, filled: int = 0) -> Room:
    """`sent`: ms and the byte behind each segment; `heard`: ms, byte confirmed and window offered."""
    time, ends = column([at * MS for at, _ in sent]), column([end for _, end in sent])
    when, confirmed, window = (column([each[place] for each in heard]) for place in range(3))
    acks = Acks(when * MS, (when + way) * MS, confirmed, window, np.maximum.accumulate(window))
    had = np.maximum(np.searchsorted(acks.reached, time, side="right") - 1, 0)
    return room(time, ends, had, acks, Terms(way * MS, ROUND * MS, 0, MSS), filled)


def rounds(burst: int, window: int, count: int = 4) -> tuple[list[tuple[int, int]], list[tuple[int, int, int]]]:
    """So many segments in each round trip, confirmed together."""
    sent = [(ROUND * each, MSS * (each * burst + n + 1)) for each in range(count) for n in range(burst)]
    return sent, [(0, 0, window), *((ROUND * each, MSS * burst * each, window) for each in range(1, count + 1))]


def test_segments_sent_when_the_window_lets_them_waited_for_it() -> None:
    found = judged(*rounds(5, 5000))
    assert found.waited.tolist() == [False] * 5 + [True] * 15 and found.filled == 5000


def test_a_wide_window_lets_nobody_wait() -> None:
    found = judged(*rounds(5, 60_000))
    assert not found.waited.any() and not found.nearly.any()


@pytest.mark.parametrize(("filled", "nearly"), [(0, False), (6500, True)])
def test_a_sender_that_gathers_waits_before_the_window_is_full_where_it_has_filled_it_before(
    filled: int, nearly: bool
) -> None:
    found = judged(*rounds(5, 6500), filled=filled)
    assert not found.waited[5::5].any() and found.nearly[5::5].tolist() == [nearly] * 3


def test_a_segment_that_then_stands_in_a_queue_lost_nothing_by_waiting() -> None:
    sent = [(0, 1000), (0, 2000), (20, 3000), (20, 4000), (21, 5000)]
    heard = [(0, 0, 2000), (20, 2000, 2000), (90, 4000, 9000), (95, 5000, 9000)]
    found = judged(sent, heard)
    assert found.busy.tolist() == [False, False, True, True, False] and not found.waited[2:4].any()


def test_a_window_tells_how_far_it_had_grown_but_not_once_it_shrank() -> None:
    sent = [(20 * n, 1000 * (n + 1)) for n in range(5)]
    heard = [(20 * n, 1000 * n, window) for n, window in enumerate((3000, 6000, 5000, 2000, 9000))]
    assert judged(sent, heard).opening.tolist() == [0, 3000, 6000, 6000, 0]


def test_nothing_is_known_without_the_scale_of_the_window() -> None:
    time = column([at * MS for at, _ in rounds(5, 5000)[0]])
    none = column([0])
    found = room(time, time, time * 0, Acks(none, none, none, none, none), Terms(0, ROUND * MS, None, MSS), 7)
    assert not (found.waited | found.nearly | found.busy).any() and found.filled == 7
