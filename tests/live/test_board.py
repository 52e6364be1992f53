"""The board: what is on it is bounded, the latest first, and every change is told."""

from dicomsniff.live.board import ENDED, FOUND, Board
from dicomsniff.live.events import DROPPED, Event, notice
from tests.live.web.served import closed, found, opened, status


def test_it_counts_everything_and_keeps_the_latest() -> None:
    board, told = Board("eth0"), list[int]()
    board.changed.append(lambda: told.append(1))
    board.happened([closed(id=n) for n in range(ENDED + 50)], status())
    board.happened([found(f"finding {n}") for n in range(FOUND + 50)], status(opened()))
    now = board.snapshot()
    assert (now.ended, now.found["error"], now.open_count) == (ENDED + 50, FOUND + 50, 1) and told == [1, 1]
    assert [row["id"] for row in now.latest[:2]] == [ENDED + 49, ENDED + 48] and len(now.latest) == ENDED
    assert now.findings[0][0] == FOUND + 50 and now.findings[0][1]["message"] == f"finding {FOUND + 49}"
    assert len(now.findings) == FOUND and now.version == 2


def test_remarks_and_the_end_are_there_too() -> None:
    board = Board("eth0")
    board.happened(
        [notice("eth0 is down", 0), Event(DROPPED, {"time": None, "message": "3 packets dropped"})], status()
    )
    assert [row["message"] for row in board.snapshot().remarks] == ["3 packets dropped", "eth0 is down"]
    board.close()
    assert board.snapshot().over and board.snapshot().version == 2
