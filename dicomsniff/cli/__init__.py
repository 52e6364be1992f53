"""The command line: arguments in, exit codes and a terminal out. The only room that knows either.

Heavy rooms are imported inside the commands that need them: `--version` and completion load nothing but click.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from dicomsniff import __version__
from dicomsniff.cli.catalogue import explain, rules, schema
from dicomsniff.cli.traffic import analyze, export, report

DONE, FOUND, REFUSED, INTERRUPTED = 0, 1, 2, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="dicomsniff")
def cli() -> None:
    """Passive DICOM traffic analyzer: from a packet capture to what went wrong, and who must act.

    CAPTURE is a pcap or pcapng file (gzip and zstd too), several files (one timeline), a directory or a glob.
    """


for command in (analyze, report, export, rules, explain, schema):
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line. 0 done, 1 done and --fail-on was met, 2 could not be done: one line says why."""
    try:
        result = cli.main(args=list(arguments), prog_name="dicomsniff", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else DONE
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except click.ClickException as error:
        return _refuse(error.format_message())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read has gone: nothing more to say
        return DONE
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except ValueError as error:
        return _refuse(str(error))
    except Exception as error:
        from dicomsniff.capture import CaptureError

        if isinstance(error, CaptureError):
            return _refuse(str(error))
        raise


def _refuse(reason: str) -> int:
    line = " ".join(reason.split())
    sys.stderr.write(f"dicomsniff: {line}\n")
    return REFUSED
