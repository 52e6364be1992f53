"""The command that picks exchanges by an expression: query."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

from dicomsniff.cli import options
from dicomsniff.cli.options import Asked
from dicomsniff.cli.reading import read
from dicomsniff.cli.terminal import until_reader_leaves, utf8_stdout

if TYPE_CHECKING:
    from dicomsniff.api import Analysis
    from dicomsniff.query.language import Value

COLUMNS = ("exchange", "association", "packet", "time", "calling_ae", "called_ae", "service", "sop_class_name", "status", "status_class")  # fmt: skip
_COMMENTS = 20  # of one packet


@click.command()
@options.captures
@click.argument("expression")
@options.ports
@options.keylog
@options.tls_keys
@options.jobs
@options.redact
@click.option("--columns", metavar="NAME[,…]", help="What to show of each exchange: names as in the expression. Default: what it is, and those that the expression asks about.")  # fmt: skip
@click.option("--json-lines", "as_json", is_flag=True, help="One JSON value a line instead of a table.")
@click.option("--write", "target", type=click.Path(dir_okay=False), metavar="FILE", help="A pcapng of the connections of these exchanges, with the findings as comments on packets.")  # fmt: skip
@options.progress
@options.quiet
def query(
    captures: tuple[str, ...],
    expression: str,
    columns: str | None,
    as_json: bool,
    target: str | None,
    redact: bool,
    **asked: Any,
) -> int:
    """Pick exchanges by what their commands, associations and data sets hold.

    For example: 'service == "C-FIND" and status_class == "failure" and like(PatientName, "SMI*")'. Names are those of the
    columns of the table and DICOM keywords, Sequence.Keyword within items; ==, !=, <, in, and, or, not compare.
    """
    from dicomsniff.query import ExpressionError, parse, pick
    from dicomsniff.query.attributes import Attributes, check_names, needs_commands, shown
    from dicomsniff.report.redaction import redaction_of

    try:
        wanted = parse(expression)
        names = columns.split(",") if columns else [*COLUMNS, *sorted(wanted.names - {*COLUMNS})]
        names = [name.strip() for name in names]
        check_names(wanted.names | {*names})
    except ExpressionError as error:
        raise click.UsageError(str(error)) from error
    wish = Asked(captures=captures, merge_views=False, scheduler=None, verbose=False, **asked)
    messages = needs_commands(wanted.names | {*names})
    analysis = read(wish, transcribe="messages" if messages else "", rules=target is not None)
    traffic, redaction = analysis.traffic, redaction_of(analysis.traffic, redact)
    picked = list(pick(traffic, wanted))
    attributes = Attributes(traffic)

    def rows() -> Iterator[list[Value]]:
        for exchange in picked:
            lookup = attributes.of(exchange)
            yield [shown(name, _status(name, lookup(name)), redaction) for name in names]

    if not wish.quiet:
        with until_reader_leaves(), utf8_stdout() as stream:
            (_json_lines if as_json else _table)(names, rows(), stream)
    if target is not None:
        connections = {traffic.association(exchange.association).connection for exchange in picked}
        count = len(analysis.cut_out(connections, target, _comments_of(analysis, redaction)))
        click.echo(f"{count} packets of {len(connections)} connections written to {target}", err=True)
    return 0


def _status(name: str, value: Value) -> Value:
    return f"0x{value:04X}" if name == "status" and isinstance(value, int) else value


def _json_lines(names: Sequence[str], rows: Iterable[Sequence[Value]], stream: TextIO) -> None:
    for row in rows:
        stream.write(json.dumps(dict(zip(names, row, strict=True))) + "\n")


def _table(names: Sequence[str], rows: Iterable[Sequence[Value]], stream: TextIO) -> None:
    """Columns as wide as the widest value of the first thousand rows; nothing where nothing was picked."""
    from dicomsniff.report.wording import clean

    cells = [[clean(_cell(value)) for value in row] for row in rows]
    if not cells:
        return
    widths = [min(60, max(map(len, column))) for column in zip(names, *cells[:1000], strict=True)]
    for row in ([*names], *cells):
        stream.write("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")


def _cell(value: Value) -> str:
    if isinstance(value, tuple):
        return "\\".join(map(_cell, value))
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else str(value)


def _comments_of(analysis: Analysis, redaction: Any) -> dict[int, list[str]]:
    """What the findings say, by the packets that prove it."""
    from dicomsniff.report.wording import clean

    comments: dict[int, list[str]] = {}
    waiting = list(analysis.findings)
    while waiting:
        finding = waiting.pop(0)
        waiting += finding.children
        text = clean(f"dicomsniff {finding.severity} {finding.rule}: {redaction.text(finding.message)}")
        for packet in finding.packets:
            own = comments.setdefault(packet, [])
            if len(own) < _COMMENTS:
                own.append(text)
    return comments
