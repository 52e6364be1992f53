"""A task for another process in, the same deaf to Ctrl-C out: who started the process ends it, and says so once. It ends with that
one, even where that one was killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

ENDING: list[signal.Signals] = [
    way for name in ("SIGINT", "SIGTERM", "SIGHUP") if (way := getattr(signal, name, None)) is not None
]


@contextmanager
def held_back() -> Iterator[None]:
    """Around the start of a process: a signal that came in the middle of it would be lost; it waits for the end of this."""
    came: list[int] = []
    before = {way: handler for way in ENDING if callable(handler := signal.getsignal(way))}
    try:
        for way in before:
            signal.signal(way, lambda number, _: came.append(number))
    except ValueError:  # not the main thread: nobody can send us any
        before = {}
    try:
        yield
    finally:
        for way, handler in before.items():
            signal.signal(way, handler)
    if came:
        signal.raise_signal(came[0])


def uninterrupted(task: Callable[..., Any], *arguments: Any) -> None:
    """Do the task, in the main thread of a process of its own. Signals but Ctrl-C end it without a word, whatever they do in
    the process that it was copied from; so does the end of that process."""
    for way in ENDING:
        if way == signal.SIGINT:
            signal.signal(way, signal.SIG_IGN)
        elif callable(signal.getsignal(way)):
            signal.signal(way, signal.SIG_DFL)
    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()
    task(*arguments)


def _end_after(sentinel: int) -> None:
    """End this process at once when that one does, whatever became of it: what is done here is done for it alone. Of several, each
    holds the sentinels of those started before it open, so that the last ends first."""
    wait([sentinel])
    os._exit(1)
