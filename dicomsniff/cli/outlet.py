"""Lines in, standard output out, written by a thread: whoever reads slowly or leaves holds nobody up."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

MOST_LINES = 10_000
"""Lines that may wait for a reader."""
PARTING_SECONDS = 3.0


class Outlet:
    """Writes lines in order. `lost` counts those that no reader took in time, `gone` says that the reader left; then
    `left` is called."""

    def __init__(self, stream: TextIO, left: Callable[[], None], *, as_json: bool, goes_on: bool = False) -> None:
        """`goes_on`: the watch does not end when the reader leaves."""
        self._stream, self._left, self._as_json = stream, left, as_json
        self._goes_on = goes_on
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_LINES)
        self._skipped = 0
        self.lost = 0
        self.gone = False
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        """One more line; it is left out where too many wait."""
        if self.gone:
            return
        try:
            if self._skipped:
                self._lines.put_nowait(self._missing(self._skipped))
                self._skipped = 0
            self._lines.put_nowait(line)
        except queue.Full:
            self._skipped += 1
            self.lost += 1

    def close(self) -> None:
        """Write what waits, as long as somebody reads it."""
        deadline = time.monotonic() + PARTING_SECONDS
        while self._thread.is_alive() and time.monotonic() < deadline:
            with suppress(queue.Full):
                self._lines.put(None, timeout=0.1)
                break
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():  # stuck in a write that nobody reads: its lines must not hold up the end either
            self.lost += self._lines.qsize()
            _forsake(self._stream)

    def complaint(self) -> str:
        """What to say of lines that nobody read."""
        if self.gone:
            then = "went on without" if self._goes_on else "ended; what was captured before was analysed"
            return f"nobody reads standard output any more: the watch {then}"
        return f"{self.lost} lines were not written, as nobody read standard output"

    def _missing(self, lines: int) -> str:
        if self._as_json:
            return json.dumps({"event": "lines_lost", "lines": lines})
        return f"{lines} lines are missing here: they were not read in time"

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._stream.write(line + "\n")
                if self._lines.empty():
                    self._stream.flush()
            except (OSError, ValueError):  # ValueError: closed
                self.gone = True
                _forsake(self._stream)
                self._left()
                return


def _forsake(stream: TextIO) -> None:
    """Let what is still written there go nowhere, or Python complains when it ends."""
    if stream is sys.stdout:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
