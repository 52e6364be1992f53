"""Where the time goes, room by room: `python -m bench.profile [DIR]` writes `bench/profile.md`.

The rooms are run one after another on the same capture, each with all before it; what a room adds is its own. A profiler
would make rooms of many small calls look three times as dear as they are, so it only names the dearest functions.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime
import gc
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import dicomsniff
from bench.__main__ import machine
from bench.captures import make
from bench.measuring import measure, middle
from dicomsniff.capture import open_captures
from dicomsniff.core import Direction
from dicomsniff.dimse import MessageAssembler, PayloadStore
from dicomsniff.pdu.framer import Framer
from dicomsniff.pdu.values import PData
from dicomsniff.rules.runner import judge
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import Chunk, End, Gap
from dicomsniff.tcp.sighting import Sighting

CAPTURES = ("bulk", "chatty", "small_stores", "foreign")
DEAREST = 12


class Cost(NamedTuple):
    """Processor seconds that a room adds."""

    room: str
    seconds: float


def capture(path: Path) -> None:
    with open_captures([str(path)]) as source:
        for _ in source.blocks():
            pass


def tcp(path: Path) -> None:
    for _ in _events(path):
        pass


def pdu(path: Path) -> None:
    _frame(path, messages=False)


def dimse(path: Path) -> None:
    _frame(path, messages=True)


def association(path: Path) -> None:
    dicomsniff.analyze(path, rules=False).close()


ROOMS: tuple[tuple[str, Callable[[Path], None]], ...] = (
    ("capture", capture),
    ("tcp", tcp),
    ("pdu", pdu),
    ("dimse", dimse),
    ("association", association),
)


def _events(path: Path) -> Iterator[Chunk | Gap]:
    """What the TCP room gives of connections that do not look foreign at once."""
    sighting, known, foreign = Sighting(), set[int](), set[int]()
    assembler = Assembler(book=sighting.book)
    with open_captures([str(path)]) as source:
        for block in source.blocks():
            for event in assembler.follow(sighting.sight(block)):
                if isinstance(event, Chunk) and event.connection not in known:
                    known.add(event.connection)
                    if not 1 <= event.data[0] <= 7:
                        foreign.add(event.connection)
                        assembler.ignore(event.connection)
                if not isinstance(event, End) and event.connection not in foreign:
                    yield event
        assembler.finish()


def _frame(path: Path, *, messages: bool) -> None:
    """Their PDUs, and the messages in these."""
    lines: dict[tuple[int, Direction], tuple[Framer, MessageAssembler]] = {}
    with PayloadStore() as store:
        for event in _events(path):
            key = event.connection, event.direction
            if key not in lines:
                lines[key] = Framer(key[1]), MessageAssembler(key[1], store)
            framer, assembler = lines[key]
            for item in framer.feed(event):
                if messages and isinstance(item, PData):
                    assembler.feed(item)


def costs(path: Path, runs: int) -> tuple[list[Cost], int]:
    """What each room adds, and how many messages there are."""
    found = [Cost("start and imports", _start(runs))]
    before = 0.0
    for name, through in ROOMS:
        now = min(_seconds(through, path) for _ in range(runs))
        found.append(Cost(name, max(0.0, now - before)))
        before = now
    analysis = dicomsniff.analyze(path, rules=False)
    found.append(Cost("rules", _seconds(lambda _: judge(analysis.traffic), path)))
    found.append(Cost("report", _seconds(lambda _: analysis.to_json(os.devnull), path)))
    messages = sum(e.responses + (e.request is not None) for e in analysis.exchanges)
    analysis.close()
    return found, messages


def _start(runs: int) -> float:
    command = [sys.executable, "-c", "import dicomsniff.cli, dicomsniff.api"]
    measure(command, 60)
    return middle([measure(command, 60) for _ in range(runs)]).cpu


def _seconds(work: Callable[[Path], object], path: Path) -> float:
    gc.collect()
    gc.disable()  # as the program does while facts grow
    begun = time.process_time()
    work(path)
    taken = time.process_time() - begun
    gc.enable()
    return taken


def table(path: Path, found: Sequence[Cost], messages: int) -> list[str]:
    """The rooms of one capture as Markdown."""
    size, total = path.stat().st_size / 1e6, sum(cost.seconds for cost in found)
    lines = [f"| {path.stem}: {size:.0f} MB, {messages:,} messages | CPU s | share | ns a byte | µs a message |"]
    lines.append("|---|---|---|---|---|")
    for cost in (*found, Cost("**all**", total)):
        per_message = f"{cost.seconds / messages * 1e6:.1f}" if messages else "-"
        lines.append(
            f"| {cost.room} | {cost.seconds:.3f} | {cost.seconds / total:.0%} | {cost.seconds / size * 1000:.2f} | {per_message} |"
        )
    return lines


def dearest(path: Path) -> list[str]:
    """The functions with the most time of their own, as a profiler sees it."""
    profile = cProfile.Profile()
    profile.runcall(dicomsniff.analyze, path)
    stats: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    rows = sorted(stats.items(), key=lambda item: -item[1][2])[:DEAREST]
    lines = ["| function | calls | own s |", "|---|---|---|"]
    for (file, _, name), (_, calls, own, _, _) in rows:
        where = file.rpartition("dicomsniff/")[2] if "dicomsniff/" in file else Path(file).name
        shown = name if file == "~" else f"{where}: {name}"
        lines.append(f"| `{shown}` | {calls:,} | {own:.3f} |")
    return lines


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="bench.profile", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "dicomsniff-bench")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", action="append")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("profile.md"))
    options = parser.parse_args()
    text = ["# Where the time goes", "", *(__doc__ or "").splitlines()[2:], ""]
    text += [f"{datetime.date.today().isoformat()}; {machine()}; least of {options.runs} runs.", ""]
    for name in options.only or CAPTURES:
        path = make(options.directory, name)
        text += [f"## {name}", "", *table(path, *costs(path, options.runs)), "", *dearest(path), ""]
    options.output.write_text("\n".join(text).rstrip() + "\n", encoding="utf-8")
    print(options.output.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
