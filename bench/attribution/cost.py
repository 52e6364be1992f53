"""What attribution costs: `python -m bench.attribution.cost [CAPTURE …]` analyses each capture with it and without, in turns.

Without means that the functions that do nothing else are replaced by empty ones, here and not in the program. What the
analysis needs anyway stays in both: retransmissions, holes, windows and round trips of the handshake, for other rules.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.captures import make

CAPTURES = ("bulk", "interleaved", "small_stores", "chatty")
WITH, WITHOUT = "with", "without"


class Taken(NamedTuple):
    """Processor seconds of one process: `start` until all is imported and once used, `analysis` of the capture."""

    start: float
    analysis: float


def leave_out() -> None:
    """Make all that only attribution needs do nothing. To be called before the program is imported."""
    from dicomsniff.association import pair_times, retrieve_times, stalls, throughput, time_sums
    from dicomsniff.association.retrieve_times import RetrieveTimes
    from dicomsniff.association.timing import Timing
    from dicomsniff.rules import (
        listing,
        performance,  # noqa: F401 - loaded all the same: only what it does is left out
    )
    from dicomsniff.tcp import measure, steps
    from dicomsniff.tcp.pace import Pace

    rooms: tuple[tuple[Any, dict[str, Any]], ...] = (
        (steps, {"Steps": _NoSteps}),
        (measure, {"measure": lambda *_: True}),
        (Pace, {"see": _nothing, "meter": _nothing, "note": _nothing, "leave": _nothing}),
        (Timing, {"of": lambda *_: {}}),
        (time_sums, {"sums": _nothing}),
        (pair_times, {"pair_times": lambda _: ()}),
        (stalls, {"stalls": lambda *_: []}),
        (throughput, {"rates": lambda *_: {}, "curve": _nothing}),
        (retrieve_times, {"retrieve_times": lambda *_: RetrieveTimes()}),
        (listing, {"IDLE": {**listing.IDLE, "performance": lambda _: True}}),
    )
    for room, replaced in rooms:
        for name, instead in replaced.items():
            assert hasattr(room, name), f"{room.__name__} has no {name} any more"
            setattr(room, name, instead)


class _NoSteps:
    def __init__(self, *_: object, **__: object) -> None: ...

    def show(self, *_: object) -> None: ...


def _nothing(*_: object) -> None: ...


def child(how: str, warming: Path, capture: Path) -> Taken:
    """In a process of its own; `warming`: a small capture."""
    if how == WITHOUT:
        leave_out()
    from dicomsniff.cli import cli

    def analyze(path: Path) -> float:
        arguments = ["analyze", str(path), "-q", "--no-progress", "--jobs", "1", "--json", os.devnull]
        cli(arguments, standalone_mode=False)
        return time.process_time()

    begun = analyze(warming)
    return Taken(begun, analyze(capture) - begun)


def taken(capture: Path, warming: Path, runs: int) -> dict[str, Taken]:
    """The medians of so many runs each."""
    found: dict[str, list[Taken]] = {WITH: [], WITHOUT: []}
    for turn in range(2 * runs):
        how = (WITH, WITHOUT)[turn % 2]
        command = [sys.executable, "-m", "bench.attribution.cost", "--child", how, str(warming), str(capture)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
        found[how].append(Taken(*json.loads(said.splitlines()[-1])))
    return {how: Taken(*map(statistics.median, zip(*all_, strict=True))) for how, all_ in found.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="bench.attribution.cost", description=__doc__)
    parser.add_argument("captures", nargs="*", help=f"files, or names of `bench.captures` ({', '.join(CAPTURES)})")
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()) / "dicomsniff-bench")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--child", choices=(WITH, WITHOUT), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        print(json.dumps(child(options.child, *map(Path, options.captures))))
        return
    warming = make(options.directory, "tiny")
    print("| capture | without attribution, CPU s | with it | costs | start of either |\n|---|---|---|---|---|")
    for name in options.captures or CAPTURES:
        path = Path(name) if Path(name).exists() else make(options.directory, name)
        found = taken(path, warming, options.runs)
        plain, whole = found[WITHOUT].analysis, found[WITH].analysis
        start = (found[WITHOUT].start + found[WITH].start) / 2
        print(f"| {path.stem} | {plain:.3f} | {whole:.3f} | {whole / plain - 1:+.0%} | {start:.2f} |", flush=True)


if __name__ == "__main__":
    main()
