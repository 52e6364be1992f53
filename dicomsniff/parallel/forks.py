"""A task over facts in, what it gives out, done meanwhile by a copy of this process: it has all facts without being sent any."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from dicomsniff.parallel.interrupts import held_back, uninterrupted

T = TypeVar("T")

POSSIBLE = sys.platform == "linux"
"""Windows cannot copy a process, and macOS not safely."""


class Fork(Generic[T]):
    """One task under way. What it changes is changed in the copy alone, but for what it writes to files."""

    def __init__(self, task: Callable[[], T]) -> None:
        context: Any = multiprocessing.get_context("fork")
        self._task = task
        self._door, other = context.Pipe(duplex=False)
        self._process = context.Process(target=uninterrupted, args=(_work, task, other), daemon=True)
        try:
            with held_back():
                self._process.start()
        except BaseException:  # an interrupt too, which waited for it
            self.end()
            raise
        other.close()

    def answer(self) -> T:
        """What the task gave. Where the copy could not say, the task is done here, and raises what it raises."""
        try:
            found: T = pickle.loads(self._door.recv_bytes())
            return found
        except EOFError:
            return self._task()

    def end(self) -> None:
        """It is no longer of interest."""
        self._door.close()
        if self._process.pid is not None:
            self._process.kill()
            self._process.join()


def _work(task: Callable[[], Any], door: Connection) -> None:
    try:
        answer = pickle.dumps(task(), pickle.HIGHEST_PROTOCOL)
    except Exception:  # who asks meets it too
        return
    door.send_bytes(answer)
