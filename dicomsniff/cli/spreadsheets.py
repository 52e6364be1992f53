"""The command that writes CSV tables."""

from __future__ import annotations

from typing import Any

import click

from dicomsniff.cli import options
from dicomsniff.cli.options import Asked
from dicomsniff.cli.reading import read
from dicomsniff.cli.terminal import utf8_stdout

OUTPUT = click.Path(dir_okay=False, allow_dash=True)


@click.command()
@options.reading
@options.redact
@options.redact_uids
@click.option("--timing", type=OUTPUT, metavar="FILE|-", help="Every operation with where its time went.")
@click.option("--associations", type=OUTPUT, metavar="FILE|-", help="Every association with where its time went.")
@click.option("--exchanges", type=OUTPUT, metavar="FILE|-", help="Every operation: what was asked, what was answered.")
@click.option("--objects", type=OUTPUT, metavar="FILE|-", help="Every object that was sent.")
def tables(
    timing: str | None, associations: str | None, exchanges: str | None, objects: str | None, **asked: Any
) -> int:
    """Write what a capture holds as CSV tables; - is standard output."""
    wanted = {"timing": timing, "associations": associations, "exchanges": exchanges, "objects": objects}
    chosen = {name: path for name, path in wanted.items() if path is not None}
    if not chosen:
        raise click.UsageError("say which: --timing, --associations, --exchanges or --objects FILE")
    if list(chosen.values()).count("-") > 1:
        raise click.UsageError("only one table can go to standard output")
    from dicomsniff.report.tables import TABLES, write_table
    from dicomsniff.report.whole_file import whole_file

    wish = Asked(**asked)
    made = read(wish).report(wish.masking)
    for name, path in chosen.items():
        rows = TABLES[name](made)
        if path == "-":
            with utf8_stdout() as stream:
                write_table(rows, stream)
        else:
            with whole_file(path, newline="") as file:
                write_table(rows, file)
    return 0
