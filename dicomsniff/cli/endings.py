"""Signals that end a program in, an orderly end out: what was half made goes, as after Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

INTERRUPTED = 128 + signal.SIGINT
ENDING = ("SIGTERM", "SIGHUP")


class Told:
    """The exit code that shells know an end by: 130 for Ctrl-C, 128 and its number for another signal."""

    code = INTERRUPTED

    def end(self, number: int, _frame: FrameType | None) -> None:
        """What a signal does: the rest is that of Ctrl-C."""
        self.code = 128 + number
        raise KeyboardInterrupt


@contextmanager
def orderly_end() -> Iterator[Told]:
    """Around everything that a command does. A signal that the program was started deaf to (nohup) stays unheard."""
    told = Told()
    before: dict[int, Any] = {}
    try:
        for name in ENDING:  # Windows has not all of them
            way = getattr(signal, name, None)
            if way is not None and signal.getsignal(way) is signal.SIG_DFL:
                before[way] = signal.signal(way, told.end)
    except ValueError:  # not the main thread: nobody can send us any
        pass
    try:
        yield told
    finally:
        for way, handler in before.items():
            signal.signal(way, handler)
