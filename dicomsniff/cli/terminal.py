"""Segments and counts in, a terminal out: the summary in colour, progress while a capture is read."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

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

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            raise  # rich would end the process with 1, which here means that --fail-on was met

    console = Terminal(highlight=False, soft_wrap=True)
    for line in make(min(console.width, WIDEST)):
        text = Text()
        for segment in line:
            text.append(segment.text, " ".join(STYLES.get(word, "") for word in segment.style.split()))
        console.print(text)


def reason(error: Exception) -> str:
    """Why something could not be done, in one line."""
    if isinstance(error, OSError) and error.filename:
        return " ".join(f"{error.filename}: {error.strerror}".split())
    return " ".join(str(error).split())


def speak_any_text() -> None:
    """Characters that the encoding of the terminal does not have become question marks instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def utf8_stdout() -> Iterator[TextIO]:
    """Standard output for a document that is UTF-8 wherever it goes."""
    stream = sys.stdout
    if not isinstance(stream, io.TextIOWrapper):
        yield stream
        return
    encoding = stream.encoding
    stream.reconfigure(encoding="utf-8")
    yield stream
    stream.reconfigure(encoding=encoding)


@contextmanager
def until_reader_leaves() -> Iterator[None]:
    """Around everything that writes to standard output: whoever read it may go at any time, as `head` does."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends


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
