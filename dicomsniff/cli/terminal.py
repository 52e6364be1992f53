"""Segments and counts in, a terminal out: the summary in colour, progress while a capture is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dicomsniff.report import Segment

STYLES = {
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
    "info": "blue",
    "ok": "green",
    "bold": "bold",
    "dim": "dim",
}
WIDEST = 120


def print_lines(make: Callable[[int], Iterable[Sequence[Segment]]]) -> None:
    """Print lines made for the width of the terminal; plain text where standard output is none."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in make(min(console.width, WIDEST)):
        text = Text()
        for segment in line:
            text.append(segment.text, " ".join(STYLES.get(word, "") for word in segment.style.split()))
        console.print(text)


@contextmanager
def progress_bar(paths: Sequence[str], wanted: bool | None) -> Iterator[Callable[[int], None] | None]:
    """A function that takes the bytes read so far, block by block; None where no progress is to be shown."""
    total = sum(Path(path).stat().st_size for path in paths if Path(path).is_file())
    if not (sys.stderr.isatty() and total > 50_000_000 if wanted is None else wanted):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    name = os.path.basename(paths[0]) + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=total or None)
        yield lambda count: bar.advance(task, count)
