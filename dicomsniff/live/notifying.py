"""Rows in, a command run for each with the row as JSON on its standard input."""

from __future__ import annotations

import json
import queue
import shlex
import subprocess
import threading

from dicomsniff.report.values import Row

WAITING = 50
"""Rows that may wait for the command; trouble comes in crowds, and mail programs are slow."""
SECONDS = 60.0


class Notifier:
    """Runs the command for one row after the other; `troubles` gives what went wrong with it."""

    def __init__(self, command: str) -> None:
        """Raises ValueError where the command is no command line."""
        self._line = shlex.split(command)
        if not self._line:
            raise ValueError("--notify names no command")
        self._rows: queue.Queue[Row | None] = queue.Queue(WAITING)
        self._troubles: list[str] = []
        self._told: set[str] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def notify(self, row: Row) -> None:
        try:
            self._rows.put_nowait(row)
        except queue.Full:
            self._trouble("the --notify command is too slow: not every finding was passed to it")

    def troubles(self) -> list[str]:
        """What is to be said, each once."""
        said, self._troubles = self._troubles, []
        return said

    def close(self) -> None:
        """Wait for the rows that were given."""
        self._rows.put(None)
        self._thread.join(SECONDS)

    def _run(self) -> None:
        while (row := self._rows.get()) is not None:
            text = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")
            try:
                done = subprocess.run(
                    self._line,
                    input=text,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=SECONDS,
                    check=False,
                )
                if done.returncode:
                    self._trouble(f"the --notify command ended with code {done.returncode}")
            except subprocess.TimeoutExpired:
                self._trouble(f"the --notify command was ended after {SECONDS:.0f} s")
            except OSError as error:
                self._trouble(f"the --notify command cannot be run: {error.strerror}")

    def _trouble(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._troubles.append(what)
