"""The command line: arguments in, exit codes and a terminal out. The only room that knows either.

Heavy rooms are imported inside the commands that need them, and a command when it is called: `--version`, `--help` and
completion load nothing but click.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from dicomsniff import __version__
from dicomsniff.cli.commands import Commands
from dicomsniff.cli.endings import orderly_end
from dicomsniff.cli.terminal import reason, speak_any_text, until_reader_leaves

DONE, FOUND, REFUSED = 0, 1, 2


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="dicomsniff")
def cli() -> None:
    """Passive DICOM traffic analyzer: from a packet capture to what went wrong, and who must act.

    CAPTURE is a pcap or pcapng file (gzip and zstd too), several files (one timeline), a directory or a glob.
    """


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line. 0 done, 1 done and --fail-on was met, 2 could not be done: one line says why; 130 and the
    like where a signal ended it."""
    speak_any_text()
    with orderly_end() as told:
        try:
            return _carried_out(arguments)
        except (click.Abort, KeyboardInterrupt):
            return told.code


def _carried_out(arguments: Sequence[str]) -> int:
    try:
        with until_reader_leaves():
            result = cli.main(args=list(arguments) or ["--help"], prog_name="dicomsniff", standalone_mode=False)
            return result if isinstance(result, int) else DONE
        return DONE
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except SystemExit:  # click's own way of saying that the reader has gone
        return DONE
    except click.Abort:
        raise
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
