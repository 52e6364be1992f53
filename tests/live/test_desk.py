"""The desk: questions are answered by who serves it, and never for longer than is good for the packets."""

import queue
from typing import Any

import pytest

from dicomsniff.live.desk import WAITING, Desk


def test_who_asks_is_answered_by_who_serves() -> None:
    desk = Desk(lambda report: f"page of {report}")
    first, second = desk.ask(1), desk.ask(2)
    reports: dict[int, Any] = {1: "one", 2: None}
    desk.serve(reports.get)
    assert first.result(0) == "page of one" and not second.done()
    desk._due = 0.0
    desk.serve(reports.get)
    assert second.result(0) is None
    desk.serve(reports.get)


def test_too_many_questions_are_refused_and_the_last_ones_end_without_an_answer() -> None:
    desk = Desk(str)
    waiting = [desk.ask(n) for n in range(WAITING)]
    with pytest.raises(queue.Full):
        desk.ask(9)
    desk.close()
    assert [each.result(0) for each in waiting] == [None] * WAITING and desk.ask(1).result(0) is None


def test_a_bug_is_for_the_one_who_asked() -> None:
    desk = Desk(str)
    answer = desk.ask(1)

    def broken(_id: int) -> Any:
        raise RuntimeError("a bug")

    desk.serve(broken)
    with pytest.raises(RuntimeError, match="a bug"):
        answer.result(0)
