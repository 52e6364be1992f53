"""Rows of the JSON report made while the traffic is judged: what does not hang on any finding, by other processes.

The long sections are cut into parts, one for each process; at last all is put together to what `json.write_json` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import accumulate, pairwise
from tempfile import TemporaryFile
from typing import IO, Protocol, cast

from dicomsniff.core.records import replace
from dicomsniff.report.json import BETWEEN, beginning, closed, encoded, opened, sections, write_json, write_rows
from dicomsniff.report.values import Report

LONG = ("connections", "associations", "exchanges", "objects")
LONG_AND_WHOLE = ("time", *LONG, "pairs")
"""In their order in the report, with what must be made in one piece."""
JUDGING, TIMES = 1.1, 0.5
"""What it takes to judge the traffic and to put all together, and to make what must be made in one piece, measured by what the
`LONG` sections take."""
_PIECE = 1 << 20

Lengths = Mapping[str, int]
"""How much text of each section a process made; it lies in its file in this order."""


class Answer(Protocol):
    """A task that another process does: what it gives is waited for."""

    def answer(self) -> Lengths: ...
    def end(self) -> None: ...


class RowsAhead:
    """Starts the making of rows. `report` holds no findings yet; `start` has a task done by another process, and there are
    `members` processes with this one."""

    def __init__(self, report: Report, members: int, start: Callable[[Callable[[], Lengths]], Answer]) -> None:
        self._bounds = bounds(members)
        self._others: list[tuple[IO[str], Answer]] = []
        with ExitStack() as held:
            for place, (begin, end) in enumerate(pairwise(self._bounds[1:])):
                file, names = _file(held), LONG_AND_WHOLE if place == 0 else LONG
                task = start(partial(_write, part(report, begin, end), names, file))
                held.callback(task.end)
                self._others.append((file, task))
            self._held = held.pop_all()

    def close(self) -> None:
        """The rows are not wanted."""
        self._held.close()

    def write(self, report: Report, stream: IO[str]) -> None:
        """The report, with its findings, as `json.write_json` writes it. Once."""
        with self._held:
            try:
                made = self._made(report)
            except OSError:  # no room for the parts
                write_json(report, stream)
                return
            stream.write(beginning(report))
            stream.write(' "time":')
            _copy(made, "time", stream)
            stream.write(",\n")
            _write_sections(report, made, stream)

    def _made(self, report: Report) -> list[tuple[IO[str], Lengths]]:
        """What each process made, this one first."""
        own = _file(self._held)
        made = [(own, _write(part(report, *self._bounds[:2]), LONG, own))]
        made += [(file, task.answer()) for file, task in self._others]
        for file, _ in made:
            file.seek(0)
        return made


def _file(held: ExitStack) -> IO[str]:
    file = TemporaryFile("w+", encoding="ascii", newline="", prefix="dicomsniff-")  # noqa: SIM115
    return held.enter_context(cast("IO[str]", file))


def bounds(members: int) -> list[float]:
    """How far each process goes in the long sections: the first judges too, the second makes what is made in one piece."""
    each = (1 + JUDGING + TIMES) / members
    shares = [max(0.0, each - JUDGING), max(0.0, each - TIMES), *[each] * (members - 2)]
    return [0.0, *accumulate(share / sum(shares) for share in shares)]


def part(report: Report, begin: float, end: float) -> Report:
    """With a part of each long section."""
    return replace(
        report,
        connections=report.connections.between(begin, end),
        associations=report.associations.between(begin, end),
        exchanges=report.exchanges.between(begin, end),
        objects=report.objects.between(begin, end),
    )


def _write(part: Report, names: Collection[str], file: IO[str]) -> Lengths:
    """Write the rows of these sections; how long each is."""
    file.seek(0)
    file.truncate()
    lengths: dict[str, int] = {}
    begin = 0
    for name in names:
        if name == "time":
            file.write(encoded(part.time[0]))
        else:
            write_rows(getattr(part, name), file)
        lengths[name], begin = file.tell() - begin, file.tell()
    file.flush()
    return lengths


def _write_sections(report: Report, made: Sequence[tuple[IO[str], Lengths]], stream: IO[str]) -> None:
    named = sections(report)
    for place, (name, rows) in enumerate(named, 1):
        stream.write(opened(name))
        some = _copy(made, name, stream) if name in LONG_AND_WHOLE else write_rows(rows, stream)
        stream.write(closed(some, last=place == len(named)))


def _copy(made: Sequence[tuple[IO[str], Lengths]], name: str, stream: IO[str]) -> bool:
    """Copy what all have made of a section, one behind the other; whether there was anything."""
    some = False
    for file, lengths in made:
        left = lengths.get(name, 0)
        if left and some:
            stream.write(BETWEEN)
        some = some or left > 0
        while left:
            piece = file.read(min(left, _PIECE))
            stream.write(piece)
            left -= len(piece)
    return some
