"""Times dicomsniff beside tshark, zcat and cat on the same captures in the same run: `python -m bench [DIR]`.

Writes the table to `bench/results.md`; with `--growth` also `bench/growth.svg`, time and memory against size.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.growth import draw
from bench.measuring import Run, compare, made, measure, middle
from bench.works import WORKS, Work

HERE = Path(__file__).parent
TOO_LONG = 600.0
HEAD = "| work | size | dicomsniff: s, CPU s, MB | beside it: s, CPU s, MB | measured | bar | |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the table."""
    options = _options(arguments)
    directory: Path = options.directory
    lines = [HEAD, "|---|---|---|---|---|---|---|"]
    print(*lines, sep="\n", flush=True)
    for work in WORKS:
        if (options.only and work.capture not in options.only) or (work.huge and not options.huge):
            continue
        lines.append(line(work, *_measured(work, directory, options.runs, options.limit)))
        print(lines[-1], flush=True)
    text = "\n".join([*_heading(options.runs), "", *lines, "", *_remarks()])
    options.output.write_text(text + "\n", encoding="utf-8")
    if options.growth:
        options.output.with_name("growth.svg").write_text(draw(directory, options.limit), encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "dicomsniff-bench")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=TOO_LONG, help="seconds one command may take")
    parser.add_argument("--only", action="append", help="measure only work on this capture; repeatable")
    parser.add_argument("--huge", action="store_true", help="also a capture of 4 GB: memory, minutes, disk")
    parser.add_argument("--growth", action="store_true", help="also 0.1, 0.3, 1 and 3 GB as a picture: minutes, disk")
    parser.add_argument("--output", type=Path, default=HERE / "results.md", help="the table, beside it the picture")
    return parser.parse_args(arguments)


def _measured(work: Work, directory: Path, runs: int, limit: float) -> tuple[Path, list[Run], list[Run]]:
    """The capture, and the runs of ours and of the command beside it, in turn."""
    path = made(directory, work.capture)
    beside = made(directory, work.rival_capture or work.capture)
    with tempfile.TemporaryDirectory(prefix="dicomsniff-bench-") as folder:
        out = Path(folder, "out")
        out.mkdir()
        commands = [work.ours(path, out), *([work.rival(beside, out)] if work.rival else [])]
        measure(commands[0], limit)  # the first run compiles and fills caches
        results = compare(commands, 1 if work.huge else runs, limit, out)
    return path, results[0], results[1] if work.rival else []


def line(work: Work, path: Path, ours: list[Run], theirs: list[Run]) -> str:
    """One row of the table: what was measured, and whether the bar was met."""
    value = figure(work, ours, theirs)
    sign = "≥" if work.unit == "faster" else "≤"
    unit = {"faster": " × faster", "times": " × its time"}.get(work.unit, f" {work.unit}")
    met = (
        "" if value is None else ("met" if (value >= work.bar if sign == "≥" else value <= work.bar) else "**missed**")
    )
    beside = f"{work.rival_name}: {_cell(theirs)}" if work.rival else ""
    shown = "not measured" if value is None else f"{'> ' if not _whole(theirs) else ''}{value:.3g}{unit}"
    shown += _processor(work, ours, theirs)
    size = path.stat().st_size
    cells = [work.name, f"{size / 1e6:.{0 if size > 1e7 else 2}f} MB", _cell(ours), beside, shown]
    return "| " + " | ".join([*cells, f"{sign} {work.bar:g}{unit}", met]) + " |"


def figure(work: Work, ours: list[Run], theirs: list[Run]) -> float | None:
    """The number that the bar is about; None where the command beside is not installed."""
    own = middle(ours)
    match work.unit:
        case "ms":
            return own.wall * 1000
        case "s":
            return own.wall
        case "MB":
            return own.megabytes
        case "faster":
            return middle(theirs).wall / own.wall if theirs else None
        case "times":
            return own.wall / middle(theirs).wall if theirs else None


def _processor(work: Work, ours: list[Run], theirs: list[Run]) -> str:
    """The same ratio in processor time, which says more where the machine has other work."""
    if not theirs or work.unit not in ("faster", "times") or not middle(theirs).cpu:
        return ""
    ratio = middle(theirs).cpu / middle(ours).cpu
    return f" (CPU: {ratio if work.unit == 'faster' else 1 / ratio:.3g} ×)"


def _whole(runs: list[Run]) -> bool:
    return all(run.ended for run in runs)


def _cell(runs: list[Run]) -> str:
    if not runs:
        return "not installed"
    run = middle(runs)
    return f"{'> ' if not run.ended else ''}{run.wall:.3f}, {run.cpu:.3f}, {run.megabytes:.0f}"


def _heading(runs: int) -> list[str]:
    return [
        "# Measured",
        "",
        f"`python -m bench`, {datetime.date.today().isoformat()}; {machine()}; medians of {runs} alternating runs.",
        "Times are of the whole process, from start to end; memory is the greatest resident set.",
    ]


def _remarks() -> Iterator[str]:
    yield "dicomsniff runs `analyze --json --jobs 1` (one core) with every rule unless the row says otherwise. tshark dissects; cat only reads."


def machine() -> str:
    """Processor, Python and tshark of this machine."""
    model, info = platform.machine(), Path("/proc/cpuinfo")
    if info.exists():
        named = [row.partition(":")[2].strip() for row in info.read_text().splitlines() if row.startswith("model name")]
        model = named[0] if named else model
    said = (
        subprocess.run(["tshark", "--version"], capture_output=True, text=True).stdout if shutil.which("tshark") else ""
    )
    return (
        f"{os.cpu_count()} cores, {model}; Python {platform.python_version()}; {(said or 'no tshark').splitlines()[0]}"
    )


if __name__ == "__main__":
    main()
