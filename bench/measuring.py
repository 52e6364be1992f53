"""Command lines in; what they took (wall time, processor time, peak memory) out, side by side in alternating runs."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """Wall and processor time (user and system) in seconds, peak resident memory in MB. `ended`: not stopped by the
    limit, so that the times are whole."""

    wall: float
    cpu: float
    megabytes: float
    ended: bool = True


def made(directory: Path, name: str) -> Path:
    """The capture of this name (see `bench.captures`), made by another process: the kernel counts the memory of the
    process that starts a command as the command's own, so that one must stay small."""
    command = [sys.executable, "-m", "bench.captures", str(directory), name]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def measure(command: Sequence[str], limit: float) -> Run:
    """Run a command to its end, its output thrown away, and ask the kernel what it took. Raises RuntimeError where it
    fails: what did not work was not fast."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment())
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        taken, ended = time.perf_counter() - begun, bool(pid)
        if not ended and taken > limit:
            process.kill()
            pid, status, usage = os.wait4(process.pid, 0)
        if pid:
            process.returncode = 0  # it has been waited for
            if ended and status:
                raise RuntimeError(f"exit status {os.waitstatus_to_exitcode(status)}: {' '.join(command)}")
            return Run(taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, ended)
        time.sleep(0.001)


def _environment() -> dict[str, str]:
    """As a user has it: byte code of an installed package is compiled once and kept."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def compare(commands: Sequence[Sequence[str]], runs: int, limit: float, scratch: Path | None = None) -> list[list[Run]]:
    """So many runs of each command, the commands taking turns; one that did not end within `limit` seconds is not asked
    again, one that is not installed has no runs. Each finds the folder `scratch` empty: to write over what is there is other
    work. What was written stays beside it, for a file system makes files slowly where others were just deleted."""
    results: list[list[Run]] = [[] for _ in commands]
    for _ in range(runs):
        for command, earlier in zip(commands, results, strict=True):
            if shutil.which(command[0]) and all(run.ended for run in earlier):
                if scratch is not None:
                    scratch.rename(f"{scratch}.{len(list(scratch.parent.iterdir()))}")
                    scratch.mkdir()
                earlier.append(measure(command, limit))
    return results


def middle(runs: Sequence[Run]) -> Run:
    """Median times and greatest memory."""
    return Run(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        max(run.megabytes for run in runs),
        all(run.ended for run in runs),
    )
