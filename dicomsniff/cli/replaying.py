"""The command that prints how to say it again: repro."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dicomsniff.cli import options
from dicomsniff.cli.conversation import association_numbers
from dicomsniff.cli.options import Asked
from dicomsniff.cli.reading import read
from dicomsniff.cli.terminal import until_reader_leaves, utf8_stdout
from dicomsniff.core.patterns import pattern

_SERVER = pattern(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")


class Server(click.ParamType[tuple[str, int]]):
    """HOST:PORT."""

    name = "HOST:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        found = _SERVER.fullmatch(str(value))
        if found is None or not 0 < int(found[2]) < 65536:
            self.fail(f"'{value}' is not HOST:PORT", param, ctx)
        return found[1].strip("[]"), int(found[2])


@click.command()
@options.reading
@options.redact
@association_numbers
@click.option("--server", type=Server(), default="localhost:11112", show_default=True, help="The test server that the commands are for.")  # fmt: skip
@click.option("-o", "--output", "directory", type=click.Path(file_okay=False), metavar="DIR", help="Write the data sets, as they were sent, and scripts there.")  # fmt: skip
def repro(associations: tuple[int, ...], server: tuple[str, int], directory: str | None, **asked: Any) -> int:
    """Print the commands that would replay what the requestors said; nothing is sent.

    DCMTK's programs where they can say it, a pynetdicom script where not. Files hold data sets unmasked.
    """
    from dicomsniff import __version__
    from dicomsniff.replay import DataFiles, replay_lines
    from dicomsniff.report.redaction import redaction_of

    wish = Asked(**asked)
    traffic = read(wish, keep=directory is not None).traffic
    every = {a.id: a for a in traffic.associations}
    if missing := sorted(set(associations) - set(every)):
        raise click.ClickException(f"there is no association {missing[0]}; the capture has {len(every)}")
    chosen = [every[id] for id in sorted(set(associations))] or list(traffic.without_views().associations)
    files = DataFiles(Path(directory) if directory is not None else None, __version__)
    lines = list(replay_lines(traffic, chosen, files, redaction_of(traffic, wish.redact), *server, bool(associations)))
    with until_reader_leaves(), utf8_stdout() as stream:
        stream.write("\n".join(lines) + "\n")
    for name in files.left_out:
        click.echo(f"not written, as it was not captured whole: {name}", err=True)
    return 0
