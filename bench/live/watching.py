"""A watch as a process of its own in, its events with the time they came, and its memory and processor time, out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

EVERY_SECONDS = 5.0


@dataclass
class Sample:
    """Seconds since it began, resident memory in MB, seconds of processor time so far."""

    seconds: float
    megabytes: float
    processor: float


@dataclass
class Watched:
    """`dicomsniff live --json-lines` at work. `events` are (time of arrival, event) of the kinds that are kept; `counts` of all."""

    arguments: Sequence[str]
    stdin: int | IO[bytes] | None = None
    prefix: Sequence[str] = ()
    keep: frozenset[str] = frozenset({"finding", "dropped", "notice", "lines_lost"})
    events: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    said: str = ""

    def begin(self) -> Watched:
        line = [*self.prefix, sys.executable, "-m", "dicomsniff", "live", *self.arguments, "--json-lines"]
        self.program = subprocess.Popen(line, stdin=self.stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._begun = time.monotonic()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=each, daemon=True) for each in (self._read, self._listen, self._sample)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def wait_until_said(self, word: str, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while word not in self.said and time.monotonic() < deadline and self.program.poll() is None:
            time.sleep(0.05)

    def end(self, signal: int | None = 2) -> int:
        """End it as Ctrl-C does (None: it ends by itself); its exit code."""
        if signal is not None:
            self.program.send_signal(signal)
        code = self.program.wait(120)
        self._over.set()
        for thread in self._threads:
            thread.join(10)
        return code

    def _read(self) -> None:
        for line in self.program.stdout or ():
            event = json.loads(line)
            self.counts[event["event"]] = self.counts.get(event["event"], 0) + 1
            if event["event"] in self.keep:
                self.events.append((time.time(), event))

    def _listen(self) -> None:
        for line in self.program.stderr or ():
            self.said += line.decode("utf-8", "replace")

    def _sample(self) -> None:
        ticks = os.sysconf("SC_CLK_TCK")
        while not self._over.wait(EVERY_SECONDS):
            try:
                with open(f"/proc/{self.program.pid}/statm") as memory, open(f"/proc/{self.program.pid}/stat") as times:
                    pages = int(memory.read().split()[1])
                    used = times.read().rpartition(")")[2].split()
            except OSError:
                return
            if not pages:
                return  # it has ended
            megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
            processor = (int(used[11]) + int(used[12])) / ticks
            self.samples.append(Sample(time.monotonic() - self._begun, megabytes, processor))
