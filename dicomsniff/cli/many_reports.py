"""Captures in, a report of each in one directory and an index of them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dicomsniff.cli.terminal import reason

if TYPE_CHECKING:
    from dicomsniff.api import Analysis
    from dicomsniff.report.html.index import Entry
    from dicomsniff.report.redaction import Masking


def write_reports(
    captures: Sequence[str], directory: Path, read: Callable[[str], Analysis], redact: Masking, quiet: bool,
    previews: bool = False,
) -> bool:  # fmt: skip
    """Write a report of each capture, read one after the other, and `index.html`. One that cannot be read is told and does
    not stop the others. Whether all could be read. Raises CaptureError where there is none, OSError as the file system."""
    from dicomsniff import __version__
    from dicomsniff.capture import CaptureError
    from dicomsniff.capture.paths import expand
    from dicomsniff.report.html.index import NAME, file_name, unread, write_index
    from dicomsniff.report.whole_file import whole_file
    from dicomsniff.report.wording import clean

    paths = expand(captures)
    directory.mkdir(parents=True, exist_ok=True)
    entries: list[Entry] = []
    for path in paths:
        taken = [one.file.lower() for one in entries if one.file]
        try:
            analysis = read(path)
        except (CaptureError, OSError) as error:
            entries.append(unread(path, reason(error)))
            click.echo(f"dicomsniff: {reason(error)}", err=True)
            continue
        made = _written(path, directory / file_name(path, taken), analysis, redact, previews)
        entries.append(made)
        if not quiet:
            click.echo(f"{clean(path)}: {made.headline}")
    with whole_file(directory / NAME) as stream:
        write_index(entries, __version__, stream)
    if not quiet:
        click.echo(f"Reports: {directory / NAME}")
    return all(one.file for one in entries)


def _written(path: str, target: Path, analysis: Analysis, redact: Masking, previews: bool) -> Entry:
    from dicomsniff.report.html.index import entry

    try:
        analysis.to_html(target, redact, previews)
        return entry(path, target.name, analysis.report(redact))
    finally:
        analysis.close()
