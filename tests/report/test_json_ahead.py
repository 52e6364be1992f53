"""Rows that others make ahead are put together to the very report that one writes alone."""

import io
from collections.abc import Callable

import pytest

from dicomsniff.core.records import replace
from dicomsniff.report.json import write_json
from dicomsniff.report.json_ahead import Lengths, RowsAhead, bounds
from dicomsniff.report.values import Report
from tests.report.forged import many_exchanges, report_of, rich_traffic


class Later:
    """A task that is done when it is asked for."""

    def __init__(self, task: Callable[[], Lengths]) -> None:
        self._task = task
        self.ended = False

    def answer(self) -> Lengths:
        return self._task()

    def end(self) -> None:
        self.ended = True


def alone(report: Report) -> str:
    stream = io.StringIO()
    write_json(report, stream)
    return stream.getvalue()


def ahead(report: Report, members: int) -> str:
    stream = io.StringIO()
    RowsAhead(replace(report, findings=(), checks=()), members, Later).write(report, stream)
    return stream.getvalue()


@pytest.mark.parametrize("members", [2, 3, 4, 9])
@pytest.mark.parametrize(
    "report",
    [report_of(rich_traffic()), report_of(many_exchanges(0)), report_of(many_exchanges(50))],
    ids=["rich", "none", "many"],
)
def test_any_number_of_processes_writes_the_same(report: Report, members: int) -> None:
    assert ahead(report, members) == alone(report)


def test_a_task_done_again_begins_its_file_anew() -> None:
    class Twice(Later):
        def answer(self) -> Lengths:
            self._task()
            return self._task()

    report, stream = report_of(rich_traffic()), io.StringIO()
    RowsAhead(report, 2, Twice).write(report, stream)
    assert stream.getvalue() == alone(report)


def test_where_there_is_no_room_for_parts_the_report_is_written_without() -> None:
    class Full(Later):
        def answer(self) -> Lengths:
            raise OSError(28, "No space left on device")

    report, stream = report_of(rich_traffic()), io.StringIO()
    RowsAhead(report, 2, Full).write(report, stream)
    assert stream.getvalue() == alone(report)


def test_tasks_are_ended_when_the_report_is_written() -> None:
    tasks: list[Later] = []

    def start(task: Callable[[], Lengths]) -> Later:
        tasks.append(Later(task))
        return tasks[-1]

    report = report_of(rich_traffic())
    RowsAhead(report, 3, start).write(report, io.StringIO())
    assert [task.ended for task in tasks] == [True, True]


@pytest.mark.parametrize("members", range(2, 12))
def test_bounds_go_from_nothing_to_all_and_never_back(members: int) -> None:
    made = bounds(members)
    assert len(made) == members + 1
    assert made[0] == 0
    assert made[-1] == pytest.approx(1)
    assert made == sorted(made)
