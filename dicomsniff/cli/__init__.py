"""The command line: arguments in, exit codes and a terminal out. The only room that knows either.

Heavy rooms are imported inside the commands that need them: `--version` and completion load nothing but click.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from dicomsniff import __version__
from dicomsniff.cli import live
from dicomsniff.cli.catalogue import explain, rules, schema
from dicomsniff.cli.comparison import diff
from dicomsniff.cli.conversation import log
from dicomsniff.cli.crosschecking import crosscheck
from dicomsniff.cli.querying import query
from dicomsniff.cli.replaying import repro
from dicomsniff.cli.spreadsheets import tables
from dicomsniff.cli.stages import dump
from dicomsniff.cli.terminal import reason, speak_any_text, until_reader_leaves
from dicomsniff.cli.traffic import analyze, export, report

DONE, FOUND, REFUSED, INTERRUPTED = 0, 1, 2, 130


class Commands(click.Group):
    """The commands; a reader of standard output that goes away ends them without a fault."""

    def invoke(self, ctx: click.Context) -> Any:
        with until_reader_leaves():
            return super().invoke(ctx)
        return DONE


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="dicomsniff")
def cli() -> None:
    """Passive DICOM traffic analyzer: from a packet capture to what went wrong, and who must act.

    CAPTURE is a pcap or pcapng file (gzip and zstd too), several files (one timeline), a directory or a glob.
    """


for command in (analyze, report, export, log, diff, repro, tables, query, crosscheck, dump, rules, explain, schema):
    cli.add_command(command)
for command in (live.live, live.list_interfaces):
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line. 0 done, 1 done and --fail-on was met, 2 could not be done: one line says why."""
    speak_any_text()
    try:
        with until_reader_leaves():
            result = cli.main(args=list(arguments) or ["--help"], prog_name="dicomsniff", standalone_mode=False)
            return result if isinstance(result, int) else DONE
        return DONE
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except SystemExit:  # click's own way of saying that the reader has gone
        return DONE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        return _refuse(error.format_message())
    except OSError as error:
        return _refuse(reason(error))
    except Exception as error:
        from dicomsniff.capture import CaptureError
        from dicomsniff.tls.keylog import KeyFileError

        if isinstance(error, (CaptureError, KeyFileError)):
            return _refuse(reason(error))
        raise


def _refuse(why: str) -> int:
    line = " ".join(why.split())
    sys.stderr.write(f"dicomsniff: {line}\n")
    return REFUSED
