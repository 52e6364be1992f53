"""Captures in, their traffic out, with several processes at work.

Each process looks at every packet, which costs little, and follows those connections that fall to it: all share them out alike
(`shares`), so that nothing is sent until each has its part of the traffic. The result is that of `pipeline.Pipeline`.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from dicomsniff.association.gathering import Done, joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.values import Traffic
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.interrupts import uninterrupted
from dicomsniff.parallel.member import Orders, Seen, follow
from dicomsniff.parallel.part import Outline, load, numbers
from dicomsniff.pipeline import Options


class CrewLostError(Exception):
    """The crew could not carry the capture through: a process died, or the capture must be followed in one."""


class Crew:
    """`members` processes, used for one run over captures that can be read again."""

    def __init__(self, members: int, paths: Sequence[str], store: PayloadStore, options: Options) -> None:
        self._store, self._options = store, options
        self._folder = tempfile.TemporaryDirectory(prefix="dicomsniff-")
        self._logs = [str(Path(self._folder.name, str(each))) for each in range(members)]
        self._doors: list[Connection] = []
        self._processes: list[Any] = []
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        for member, log in enumerate(self._logs):
            own, other = context.Pipe()
            orders = Orders(paths, member, members, log)
            process = context.Process(target=uninterrupted, args=(follow, other, orders, options), daemon=True)
            process.start()
            other.close()
            self._doors.append(own)
            self._processes.append(process)

    def run(self, progress: Callable[[int], None] | None = None) -> Traffic:
        """As `Pipeline.run`. Raises CrewLostError where one process must do it alone."""
        try:
            found = self._wait(progress)
            outlines = [outline for outline, _ in found]
            if sum(outline.empty for outline in outlines) > self._options.limits.empty_connections:
                raise CrewLostError("connections without data are so many that they are only counted")
            return self._join(outlines, found[0][1])
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise CrewLostError("a process of the analysis ended before its work was done") from error

    def close(self) -> None:
        """End every process; what it has to say it has said, or nobody waits for it any more."""
        for process in self._processes:
            process.kill()
        for process, door in zip(self._processes, self._doors, strict=True):
            process.join()
            door.close()
        self._folder.cleanup()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, progress: Callable[[int], None] | None) -> list[tuple[Outline, Seen]]:
        """What every process has found; the first that cannot go on ends it all."""
        found: dict[int, tuple[Outline, Seen]] = {}
        waiting = dict(zip(self._doors, range(len(self._doors)), strict=True))
        while waiting:
            for door in wait(list(waiting)):
                assert isinstance(door, Connection)
                answer = door.recv()
                if isinstance(answer, str):
                    raise CrewLostError(answer)
                if not isinstance(answer, int):
                    found[waiting.pop(door)] = answer
                elif progress is not None:
                    progress(answer)
        return [found[member] for member in range(len(found))]

    def _parts(self) -> Iterator[Done]:
        """What the processes followed, a piece of each in turn: while one is read the next are made."""
        stores: dict[Connection, PayloadStore] = {}
        waiting = dict(zip(self._doors, self._logs, strict=True))
        while waiting:
            for door in list(waiting):
                if piece := door.recv_bytes():
                    if door not in stores:
                        stores[door] = self._store.adopt(waiting[door])
                    yield from load(piece, stores[door])
                else:
                    del waiting[door]

    def _join(self, outlines: Sequence[Outline], seen: Seen) -> Traffic:
        every = numbers(outlines)
        for door, own in zip(self._doors, every, strict=True):
            door.send(own)
        faults = [
            (own.ids[id], what) for own, outline in zip(every, outlines, strict=True) for id, what in outline.faults
        ]
        done = list(self._parts())
        return joined(seen.captures, seen.odd, seen.copies, done, faults, 0, Layout(seen.places))
