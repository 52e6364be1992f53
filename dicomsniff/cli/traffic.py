"""The commands that read captures: analyze, report, export."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from dicomsniff.cli import options
from dicomsniff.cli.options import Asked
from dicomsniff.cli.terminal import print_lines, progress_bar, until_reader_leaves, utf8_stdout
from dicomsniff.core.records import replace

if TYPE_CHECKING:
    from dicomsniff.api import Analysis
    from dicomsniff.export import ExportWish
    from dicomsniff.report.redaction import Masking
    from dicomsniff.rules.configuration import Configuration
    from dicomsniff.rules.known_aes import KnownAe

INCOMPLETE = click.option(
    "--incomplete",
    is_flag=True,
    help="Write objects with missing bytes too, as NAME.incomplete.dcm with zeros for what was not captured.",
)
OUTPUT = click.Path(dir_okay=False)
SEVERITIES = {"error": ("error",), "warning": ("error", "warning"), "never": ()}


@click.command()
@options.reading
@options.judging
@options.redact_uids
@click.option("--json", "json_file", metavar="FILE|-", help="Write the JSON report; - is standard output.")
@click.option("--html", "html_file", type=OUTPUT, metavar="FILE", help="Write the HTML report.")
@click.option(
    "--export", "directory", type=click.Path(file_okay=False), metavar="DIR", help="Write the objects as Part 10 files."
)
@INCOMPLETE
@click.option(
    "--fail-on",
    type=click.Choice(list(SEVERITIES)),
    default="never",
    show_default=True,
    help="Exit with 1 if there is such a finding.",
)
def analyze(
    json_file: str | None, html_file: str | None, directory: str | None, incomplete: bool, fail_on: str, **asked: Any
) -> int:
    """Say what is wrong in a capture: verdict, findings, associations."""
    if incomplete and directory is None:
        raise click.UsageError("--incomplete says what to export: give --export DIR too")
    wish = Asked(**asked)
    quiet, redact = wish.quiet, wish.masking
    analysis = _analysis(wish, keep=directory is not None, export_to=directory, ahead=redact if json_file else None)
    if html_file:
        analysis.to_html(html_file, redact)
    if directory:
        _export(analysis, directory, incomplete, quiet or json_file == "-")
    if json_file == "-":
        _json_to_stdout(analysis, redact)
    elif json_file:
        analysis.to_json(json_file, redact)
    if not quiet and json_file != "-":
        from dicomsniff.report import summary_lines

        with until_reader_leaves():  # who reads only the first lines still gets the exit code
            print_lines(partial(summary_lines, analysis.report(redact), verbose=wish.verbose))
    failing = SEVERITIES[fail_on]
    return int(any(f.severity in failing for f in analysis.findings))


@click.command()
@options.reading
@options.judging
@options.redact_uids
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE|-",
    help="The HTML file; - is standard output. All captures are one timeline.",
)
@click.option(
    "--output-dir",
    "directory",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="A report of each capture, and index.html, which lists them, the worst first.",
)
@click.option(
    "--previews",
    is_flag=True,
    help="With small pictures of the images, which may show a patient; needs the extra [pixels].",
)
def report(output: str | None, directory: str | None, previews: bool, **asked: Any) -> int:
    """Write the HTML troubleshooting report, one self-contained file; or one of each capture, and an index of them."""
    if (output is None) == (directory is None):
        missing = "Missing option '-o' / '--output', or" if output is None else "Give either -o or"
        raise click.UsageError(f"{missing} --output-dir DIR for a report of each capture.")
    wish = Asked(**asked)
    if previews:
        _check_pictures()
    if directory is not None:
        return _reports(wish, Path(directory), previews)
    assert output is not None
    analysis, redact = _analysis(wish, keep=previews), wish.masking
    if output == "-":
        with utf8_stdout() as stream:
            analysis.write_html(stream, redact, previews)
        return 0
    analysis.to_html(output, redact, previews)
    if not wish.quiet:
        click.echo(f"{analysis.report(redact).verdict['headline']}\nReport: {output}")
    return 0


@click.command()
@options.reading
@options.unjudged
@options.unmasked
@click.option(
    "-o",
    "--output",
    "directory",
    type=click.Path(file_okay=False),
    required=True,
    metavar="DIR",
    help="Where the files go.",
)
@INCOMPLETE
@click.option(
    "--min-bytes", type=click.IntRange(min=0), default=0, metavar="N", help="No object with a shorter data set."
)
@click.option(
    "--file-meta/--no-file-meta", default=True, help="Part 10 files, or the data sets alone.  [default: Part 10]"
)
@click.option("--all-data-sets", "data_sets", is_flag=True, help="Identifiers and data sets of N-services too.")
@click.option("--commands", is_flag=True, help="Command sets too, as they were sent.")
@click.option("--name-by", type=click.Choice(("sop", "frame", "study")), default="sop", show_default=True, help="Names of files: the SOP instance, after the packet that began it, or in folders of study and series.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files of the same name with other contents.")
def export(
    directory: str,
    incomplete: bool,
    min_bytes: int,
    file_meta: bool,
    data_sets: bool,
    commands: bool,
    name_by: str,
    force: bool,
    **asked: Any,
) -> int:
    """Write the objects in a capture as Part 10 files, and manifest.json."""
    from dicomsniff.export import ExportWish

    wish = Asked(**asked)
    wanted = ExportWish(
        incomplete=incomplete,
        min_bytes=min_bytes,
        file_meta=file_meta,
        data_sets=data_sets,
        commands=commands,
        name_by=name_by,
        force=force,
    )
    messages: Literal["", "messages"] = "messages" if commands else ""
    analysis = _analysis(wish, keep=True, export_to=directory, rules=False, transcribe=messages, all_answers=data_sets)
    _export(analysis, directory, incomplete, wish.quiet, wanted)
    return 0


def _check_pictures() -> None:
    from dicomsniff.dimse.preview import available

    if not available():
        raise click.ClickException("previews need the extra [pixels]: pip install 'dicomsniff[pixels]'")


def _reports(wish: Asked, directory: Path, previews: bool) -> int:
    from dicomsniff.cli.many_reports import write_reports

    def read(path: str) -> Analysis:
        return _analysis(replace(wish, captures=(path,)), keep=previews)

    return 0 if write_reports(wish.captures, directory, read, wish.masking, wish.quiet, previews) else 2


def site(wish: Asked) -> tuple[Configuration | None, tuple[KnownAe, ...]]:
    """What the site says of itself, checked with the choice of rules before a large capture is read for nothing."""
    from dicomsniff.rules.choice import choose
    from dicomsniff.rules.configuration import ConfigurationError, nearest_file, read
    from dicomsniff.rules.known_aes import parse
    from dicomsniff.rules.listing import listed

    try:
        choose(wish.select, wish.ignore, listed())
        rows = tuple(map(parse, wish.known_aes))
        path = Path(wish.config_file) if wish.config_file else nearest_file(Path())
        return read(path) if path else None, rows
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _analysis(
    wish: Asked,
    keep: bool = False,
    export_to: str | None = None,
    rules: bool = True,
    transcribe: Literal["", "messages"] = "",
    all_answers: bool = False,
    ahead: Masking | None = None,
) -> Analysis:
    """The captures read, and judged where `rules`; with `keep` their objects are kept for export, which goes to `export_to`;
    with `all_answers` those of every response, with `transcribe` what was said; `ahead`: how a JSON report will be masked."""
    from dicomsniff.api import analyze as read
    from dicomsniff.core.cores import cores

    configuration, known_aes = site(wish) if rules else (None, ())
    with progress_bar(wish.captures, wish.progress) as advance:
        analysis = read(
            *wish.captures,
            ports=wish.ports,
            select=wish.select,
            ignore=wish.ignore,
            configuration=configuration,
            known_aes=known_aes,
            keep_payloads=keep,
            export_to=export_to,
            all_answers=all_answers,
            transcribe=transcribe,
            merge_views=wish.merge_views,
            rules=rules,
            jobs=wish.jobs or cores(),
            scheduler=wish.scheduler,
            progress=advance,
            keylog=wish.keylog or logged_keys(),
            tls_keys=wish.tls_keys,
            ahead=ahead,
        )
    if export_to is not None:  # nothing but objects is left there
        click.get_current_context().call_on_close(analysis.close)
    return analysis


def logged_keys() -> str | None:
    """The key log that the programs of this environment write, if it is there."""
    path = os.environ.get("SSLKEYLOGFILE", "")
    return path if path and Path(path).is_file() and Path(path).stat().st_size else None


def _export(
    analysis: Analysis, directory: str, incomplete: bool, quiet: bool, wanted: ExportWish | None = None
) -> None:
    rows = analysis.export(directory, incomplete, wanted)
    files = {row.file for row in rows if row.file}
    if quiet:
        return
    click.echo(f"{len(files)} {'object' if len(files) == 1 else 'objects'} written to {directory}")
    for row in rows:
        if row.file and not row.complete:
            lost = sum(end - start for start, end in row.missing)
            what = f"{lost} of {row.dataset_bytes} bytes are zeros" if lost else f"{row.dataset_bytes} bytes"
            what += ", its end was not seen" if row.missing_after is not None else ""
            click.echo(f"  incomplete: {row.file}: {what}")
        if row.reason:
            click.echo(f"  not written: {row.sop_instance or 'an object without UID'}: {row.reason}")


def _json_to_stdout(analysis: Analysis, redact: Masking) -> None:
    with until_reader_leaves(), utf8_stdout() as stream:
        analysis.write_json(stream, redact)
