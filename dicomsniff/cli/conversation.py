"""The command that writes the conversation as text: log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from dicomsniff.cli import options
from dicomsniff.cli.options import Asked
from dicomsniff.cli.reading import read
from dicomsniff.cli.terminal import until_reader_leaves, utf8_stdout
from dicomsniff.core.patterns import pattern

_FORMATS = ("text", "json-lines", "dcmdump")
_LEVELS = ("association", "message", "pdu")
_CLASSES = ("success", "pending", "warning", "failure", "cancel", "none")
_CODE = pattern(r"(0[xX])?[0-9A-Fa-f]{4}")


class Statuses(click.ParamType[frozenset[str]]):
    """Classes of status or codes, separated by commas."""

    name = "CLASS|CODE[,…]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        words = [word.strip() for word in str(value).split(",")]
        for word in words:
            if word.lower() not in _CLASSES and not _CODE.fullmatch(word):
                self.fail(f"'{word}' is neither a status such as A700 nor one of {', '.join(_CLASSES)}", param, ctx)
        return frozenset(w.lower() if w.lower() in _CLASSES else w[-4:].upper() for w in words)


def association_numbers(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--association", "associations", type=click.IntRange(min=1), multiple=True, metavar="N",
        help="Only this association, by the number that analyze shows. Repeatable.",
    )(command)  # fmt: skip


@click.command()
@options.reading
@options.unjudged
@options.redact
@options.redact_uids
@association_numbers
@click.option("--ae", "aes", multiple=True, metavar="TITLE", help="Only associations with this AE title on either side; * and ? stand for any. Repeatable.")  # fmt: skip
@click.option("--service", "services", multiple=True, metavar="NAME", help="Only messages of this service, C-FIND say. Repeatable.")  # fmt: skip
@click.option("--status", "statuses", type=Statuses(), help="Only exchanges that were answered so: success, warning, failure, cancel, pending, none, or a code such as A700.")  # fmt: skip
@click.option("--level", type=click.Choice(_LEVELS), default="message", show_default=True, help="How much: the negotiations, the messages, or every PDU.")  # fmt: skip
@click.option("--flat/--tree", default=False, help="Elements in sequences with the way to them, or below them.  [default: tree]")  # fmt: skip
@click.option("--hex", "hexadecimal", is_flag=True, help="The bytes of each PDU too (with --level pdu those of P-DATA); data sets only with --no-redact.")  # fmt: skip
@click.option("--times", type=click.Choice(("absolute", "relative")), default="absolute", show_default=True, help="UTC, or since the association began.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
def log(
    associations: tuple[int, ...],
    aes: tuple[str, ...],
    services: tuple[str, ...],
    statuses: frozenset[str] | None,
    level: str,
    flat: bool,
    hexadecimal: bool,
    times: str,
    form: str,
    **asked: Any,
) -> int:
    """Write the conversation as text, in the manner of the toolkits' own debug logs."""
    from dicomsniff.report.log import LogWish, log_lines
    from dicomsniff.report.log.events import wanted_bytes
    from dicomsniff.report.redaction import redaction_of

    wish = LogWish(
        associations=frozenset(associations),
        aes=aes,
        services=frozenset(service.upper() for service in services),
        statuses=statuses or frozenset(),
        level=level,
        format=form,
        flat=flat,
        hexadecimal=hexadecimal,
        relative=times == "relative",
    )
    wanted = Asked(**asked)
    analysis = read(wanted, transcribe="pdus" if level == "pdu" else "messages")
    traffic = analysis.traffic
    if missing := sorted(wish.associations - {a.id for a in traffic.associations}):
        raise click.ClickException(f"there is no association {missing[0]}; the capture has {len(traffic.associations)}")
    excerpts = None
    if hexadecimal:
        chosen = (a for a in traffic.associations if wish.wants(a))
        excerpts = analysis.stream_bytes((seen for a in chosen for seen in wanted_bytes(a, wish)), 512)
    with until_reader_leaves(), utf8_stdout() as stream:
        for line in log_lines(traffic, wish, redaction_of(traffic, wanted.masking), excerpts):
            stream.write(line + "\n")
    return 0
