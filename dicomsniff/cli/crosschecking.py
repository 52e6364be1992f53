"""The command that asks Wireshark for its opinion: crosscheck."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from dicomsniff.cli import options
from dicomsniff.cli.conversation import association_numbers
from dicomsniff.cli.options import Asked
from dicomsniff.cli.reading import read
from dicomsniff.cli.terminal import until_reader_leaves, utf8_stdout

if TYPE_CHECKING:
    from dicomsniff.api import Analysis
    from dicomsniff.crosscheck import Disagreement

MOST = 50
"""Connections asked about: the child process reads a few hundred packets a second."""


@click.command()
@options.captures
@association_numbers
@options.ports
@options.keylog
@options.tls_keys
@click.option("--timeout", type=click.FloatRange(min=1), default=120.0, show_default=True, help="Seconds for one connection.")  # fmt: skip
@options.progress
def crosscheck(captures: tuple[str, ...], associations: tuple[int, ...], timeout: float, **asked: Any) -> int:
    """Ask Wireshark (through pyshark) how it reads the same bytes, and say where it differs: exit 0 if nowhere, else 1."""
    from dicomsniff.crosscheck import AskingError

    wish = Asked(captures=captures, merge_views=False, scheduler=None, verbose=False, quiet=False, jobs=1, **asked)
    analysis = read(wish, transcribe="pdus")
    known = {a.id: a for a in analysis.associations}
    if missing := sorted(set(associations) - set(known)):
        raise click.ClickException(f"there is no association {missing[0]}; the capture has {len(known)}")
    chosen = [known[id] for id in associations] or list(known.values())
    connections = sorted({a.connection for a in chosen})
    if len(connections) > MOST:
        raise click.ClickException(
            f"{len(connections)} connections are too many for pyshark; name up to {MOST} with --association"
        )
    differing = False
    with until_reader_leaves(), utf8_stdout() as stream, tempfile.TemporaryDirectory(prefix="dicomsniff-") as folder:
        for connection in connections:
            if analysis.traffic.conversation(connection).tls is not None:
                _say(analysis, connection, "TLS, in which Wireshark looks for no DICOM: not asked", stream)
                continue
            try:
                found, same = _ask(analysis, connection, Path(folder, "cut.pcapng"), timeout)
            except AskingError as error:
                raise click.ClickException(str(error)) from error
            differing |= bool(found)
            _tell(analysis, connection, found, same, stream)
    return int(differing)


def _ask(analysis: Analysis, connection: int, path: Path, timeout: float) -> tuple[list[Disagreement], int]:
    from dicomsniff.crosscheck import ask, disagreements

    tcp = analysis.traffic.conversation(connection).tcp
    numbers = analysis.cut_out([connection], path)
    own = [a for a in analysis.associations if a.connection == connection]
    port = own[0].acceptor.port if own else tcp.responder.port
    return disagreements(tcp, own, ask(path, port, timeout), numbers)


def _say(analysis: Analysis, connection: int, text: str, stream: TextIO) -> None:
    from dicomsniff.report.wording import clean

    tcp = analysis.traffic.conversation(connection).tcp
    stream.write(clean(f"{tcp.initiator} → {tcp.responder} (tcp.stream eq {tcp.tcp_stream}): {text}") + "\n")


def _tell(analysis: Analysis, connection: int, found: list[Disagreement], same: int, stream: TextIO) -> None:
    from dicomsniff.report.wording import clean

    differ = f", {len(found)} differ" if found else ""
    _say(analysis, connection, f"{same} PDUs and messages read alike{differ}", stream)
    for line in _rows(found):
        stream.write(clean(line) + "\n")


def _rows(found: list[Disagreement]) -> Iterator[str]:
    for one in found:
        yield f"  {one.what} from {one.sender}"
        for who, reading in (("ours", one.ours), ("Wireshark", one.theirs)):
            yield f"    {who + ':':<11}" + (
                "nothing" if reading is None else f"packet {reading.packet}, {reading.text}"
            )
