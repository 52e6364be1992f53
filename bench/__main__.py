"""Times dicomsniff beside tshark and cat on the same files in the same run: `python -m bench [--runs N] [DIR]`."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.captures import make

TOO_LONG = 600.0


class Run(NamedTuple):
    """Wall time in seconds (None: not done in time) and peak resident memory in MB."""

    seconds: float | None
    megabytes: float


def commands(path: Path) -> dict[str, list[str]]:
    """What is compared, by name."""
    sniff = [sys.executable, "-m", "dicomsniff", "analyze", str(path), "-q", "--no-progress", "--json", os.devnull]
    return {"dicomsniff": sniff, "tshark": ["tshark", "-r", str(path), "-Y", "dicom"], "cat": ["cat", str(path)]}


def measure(command: Sequence[str], limit: float) -> Run:
    """Run a command to its end, its output thrown away, and ask the kernel what it took."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        pid, _, usage = os.wait4(process.pid, os.WNOHANG)
        taken = time.perf_counter() - begun
        if pid:
            process.returncode = 0
            return Run(taken, usage.ru_maxrss / 1024)
        if taken > limit:
            process.kill()
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
            return Run(None, usage.ru_maxrss / 1024)
        time.sleep(0.001)


def compare(path: Path, runs: int, limit: float) -> dict[str, Run]:
    """Median wall time and greatest memory of each command, the commands taking turns; one that did not end in time
    is not asked again."""
    results: dict[str, list[Run]] = {}
    for _ in range(runs):
        for name, command in commands(path).items():
            earlier = results.setdefault(name, [])
            if shutil.which(command[0]) and not any(run.seconds is None for run in earlier):
                earlier.append(measure(command, limit))
    return {name: _middle(rows) for name, rows in results.items() if rows}


def _middle(rows: list[Run]) -> Run:
    times = [run.seconds for run in rows]
    done = [seconds for seconds in times if seconds is not None]
    return Run(statistics.median(done) if len(done) == len(times) else None, max(run.megabytes for run in rows))


def row(name: str, path: Path, results: dict[str, Run], limit: float) -> str:
    """One line of the table."""
    ours, theirs = results["dicomsniff"], results.get("tshark")
    ratio = "-"
    if theirs and ours.seconds:
        ratio = f"{theirs.seconds / ours.seconds:.1f} x" if theirs.seconds else f"> {limit / ours.seconds:.0f} x"
    cells = [name, f"{path.stat().st_size / 1e6:.0f} MB"]
    for tool in ("dicomsniff", "tshark", "cat"):
        run = results.get(tool)
        cells.append("-" if run is None else f"{_seconds(run, limit)}, {run.megabytes:.0f} MB")
    return "| " + " | ".join([*cells, ratio]) + " |"


def _seconds(run: Run, limit: float) -> str:
    return f"> {limit:.0f} s" if run.seconds is None else f"{run.seconds:.2f} s"


def _machine() -> str:
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    version = (
        subprocess.run(["tshark", "--version"], capture_output=True, text=True).stdout if shutil.which("tshark") else ""
    )
    tshark = version.splitlines()[0] if version else "no tshark"
    return f"{os.cpu_count()} cores, {model}; Python {platform.python_version()}; {tshark}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "dicomsniff-bench")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=TOO_LONG, help="seconds one command may take")
    parser.add_argument("--only", action="append", help="measure only this capture")
    options = parser.parse_args()
    print(_machine(), f"median of {options.runs}", sep="; ", flush=True)
    print("| capture | size | dicomsniff | tshark -Y dicom | cat | faster |\n|---|---|---|---|---|---|", flush=True)
    for name, path in make(options.directory).items():
        if not options.only or name in options.only:
            print(row(name, path, compare(path, options.runs, options.limit), options.limit), flush=True)


if __name__ == "__main__":
    main()
