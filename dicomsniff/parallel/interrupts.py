"""A task for another process in, the same deaf to Ctrl-C out: who started the process ends it, and says so once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any


def uninterrupted(task: Callable[..., Any], *arguments: Any) -> None:
    """Do the task, in the main thread of a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task(*arguments)
