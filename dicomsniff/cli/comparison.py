"""The command that compares two captures: diff."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from dicomsniff.cli import options
from dicomsniff.cli.options import Asked
from dicomsniff.cli.reading import read
from dicomsniff.cli.terminal import until_reader_leaves, utf8_stdout
from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple

if TYPE_CHECKING:
    from dicomsniff.api import Analysis
    from dicomsniff.compare import Side

_NUMBERED = pattern(r"(.+):(\d+)")


class Meant(NamedTuple):
    """A capture, and the association of it that is meant."""

    path: str
    association: int | None


class CaptureOrAssociation(click.ParamType[Meant]):
    """FILE, or FILE:N for its association N."""

    name = "CAPTURE[:N]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Meant:
        if isinstance(value, Meant):
            return value
        numbered = None if os.path.lexists(value) else _NUMBERED.fullmatch(value)
        if numbered is None:
            return Meant(value, None)
        if not int(numbered[2]):
            self.fail("associations are numbered from 1", param, ctx)
        return Meant(numbered[1], int(numbered[2]))


@click.command()
@click.argument("good", type=CaptureOrAssociation(), metavar="GOOD[:N]")
@click.argument("bad", type=CaptureOrAssociation(), metavar="BAD[:N]")
@options.ports
@options.jobs
@options.redact
@click.option(
    "--all", "everything", is_flag=True, help="What differs at every run too: UIDs, message IDs, dates, ports."
)
@click.option("--json", "json_file", metavar="FILE|-", help="Write the differences as JSON; - is standard output.")
@click.option("--html", "html_file", type=click.Path(dir_okay=False), metavar="FILE", help="Write them as a page.")
@options.progress
@options.quiet
def diff(
    good: Meant, bad: Meant, everything: bool, json_file: str | None, html_file: str | None, redact: bool, **asked: Any
) -> int:
    """Say how BAD differs from GOOD, what most likely matters first: exit 0 if nothing does, 1 otherwise.

    GOOD and BAD are captures, or one association of a capture: GOOD.pcap:3.
    """
    from dicomsniff.compare import compare
    from dicomsniff.compare.telling import diff_lines, write_diff_html, write_diff_json
    from dicomsniff.report.redaction import redaction_of
    from dicomsniff.report.whole_file import whole_file

    of_good, of_bad = _side(good, asked), _side(bad, asked)
    comparison = compare(of_good, of_bad, redaction_of(of_good.traffic, redact))
    names = tuple(m.path if m.association is None else f"{m.path}:{m.association}" for m in (good, bad))
    told = comparison, (names[0], names[1]), everything
    if html_file:
        with whole_file(html_file) as stream:
            write_diff_html(*told, stream)
    if json_file and json_file != "-":
        with whole_file(json_file) as stream:
            write_diff_json(*told, stream)
    with until_reader_leaves(), utf8_stdout() as stream:
        if json_file == "-":
            write_diff_json(*told, stream)
        elif not asked["quiet"]:
            for line in diff_lines(*told):
                stream.write(line + "\n")
    return 0 if comparison.equal else 1


def _side(meant: Meant, asked: dict[str, Any]) -> Side:
    from dicomsniff.compare import Side

    wish = Asked(captures=(meant.path,), merge_views=False, scheduler=None, verbose=False, **asked)
    analysis: Analysis = read(wish, transcribe="messages")
    count = len(analysis.traffic.associations)
    if meant.association is not None and meant.association > count:
        raise click.ClickException(f"{meant.path} has no association {meant.association}; it has {count}")
    return Side(analysis.traffic, meant.association)
