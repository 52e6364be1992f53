"""Questions of other threads in, their answers out, made by the thread that watches: only that may touch what it follows."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from concurrent.futures import Future

from dicomsniff.report import Report

WAITING = 8
"""Questions that may wait."""
SHARE = 4
"""An answer is followed by another one only after so many times as long as it took: packets come first."""

Answer = Future[str | None]


class Desk:
    """Answers which report there is of an association: as `render` writes it, None where nothing is kept of it any more."""

    def __init__(self, render: Callable[[Report], str]) -> None:
        self._render = render
        self._questions: queue.Queue[tuple[int, Answer]] = queue.Queue(WAITING)
        self._due = 0.0
        self._closed = False

    def ask(self, association: int) -> Answer:
        """From any thread. Raises queue.Full where too many wait."""
        answer: Answer = Future()
        self._questions.put_nowait((association, answer))
        if self._closed:
            self.close()
        return answer

    def serve(self, report: Callable[[int], Report | None]) -> None:
        """Answer one question, if there is time for it; called again and again by the thread that watches."""
        begun = time.monotonic()
        if self._questions.empty() or begun < self._due:
            return
        association, answer = self._questions.get()
        if answer.set_running_or_notify_cancel():
            try:
                found = report(association)
                answer.set_result(None if found is None else self._render(found))
            except Exception as error:  # for the one who asked; the watch goes on
                answer.set_exception(error)
        self._due = time.monotonic() + SHARE * (time.monotonic() - begun)

    def close(self) -> None:
        """Nobody answers any more: there is no report for those who wait."""
        self._closed = True
        while not self._questions.empty():
            answer = self._questions.get()[1]
            if answer.set_running_or_notify_cancel():
                answer.set_result(None)
