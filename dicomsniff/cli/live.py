"""The commands that watch: live, interfaces."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dicomsniff.cli import options
from dicomsniff.cli.options import Address, Asked, Ports
from dicomsniff.cli.traffic import OUTPUT, SEVERITIES, site
from dicomsniff.cli.watching import RING, Wish, listening, stopped_by_signals

if TYPE_CHECKING:
    from dicomsniff.capture.live import LiveSource
    from dicomsniff.live.watch import Ending
    from dicomsniff.tls.keylog import Keys

SERVICE_PORTS_HELP = "104, 11112, 2761, 2762, 4242 and 5678"
PROGRAMS = ("dumpcap", "tcpdump", "scapy")


@click.command()
@click.argument("source", required=False, metavar="[-|FILE]")
@click.option(
    "-i", "--interface", metavar="IFACE", help="Capture on this interface ('dicomsniff interfaces' lists them)."
)
@click.option(
    "-p",
    "--port",
    "ports",
    type=Ports(),
    help=f"Only connections with an end on these ports. Default on an interface: {SERVICE_PORTS_HELP}; else any.",
)
@click.option("--any-port", is_flag=True, help="On an interface: capture all TCP and find DICOM by what it says.")
@click.option("--follow", is_flag=True, help="FILE is still being written: go on as it grows.")
@click.option(
    "--capture-with", type=click.Choice(PROGRAMS), help="The program that captures. Default: the first that may."
)
@click.option("--json-lines", "as_json_lines", is_flag=True, help="Write each event as a line of JSON.")
@click.option("--json", "json_file", type=OUTPUT, metavar="FILE", help="At the end, write the JSON report.")
@click.option("--html", "html_file", type=OUTPUT, metavar="FILE", help="At the end, write the HTML report.")
@click.option(
    "--exit-on",
    type=click.Choice(list(SEVERITIES)),
    default="never",
    show_default=True,
    help="End with exit code 1 at the first such finding.",
)
@click.option("--duration", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="End after so long.")
@click.option(
    "--record",
    "folder",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Keep the latest packets there as a ring of pcapng files, and the minutes around findings in DIR/incidents.",
)
@click.option("--ring", default=RING, show_default=True, metavar="NxSIZE", help="How many files of which size.")
@click.option(
    "--trigger",
    type=click.Choice(["error", "warning", "note", "info"]),
    default="error",
    show_default=True,
    help="What makes an incident: a finding at least as severe.",
)
@click.option(
    "--notify", "command", metavar="CMD", help="Run this at each such finding, with its JSON on standard input."
)
@click.option(
    "--metrics", type=Address(), metavar="HOST:PORT", help="Serve Prometheus metrics there, as 127.0.0.1:9104."
)
@click.option("--web", type=Address(), metavar="HOST:PORT", help="Serve a live page there, as 127.0.0.1:8104.")
@click.option(
    "--web-token",
    envvar="DICOMSNIFF_WEB_TOKEN",
    metavar="TOKEN",
    help="What a browser must bring to see it. Where others than this machine can reach the address one is needed, and made"
    " if none is given.",
)
@options.keylog
@options.tls_keys
@options.judging
@options.alone
@options.quiet
@options.verbose
def live(
    select: tuple[str, ...], ignore: tuple[str, ...], config_file: str | None, known_aes: tuple[str, ...], **asked: Any
) -> int:
    """Watch DICOM as it passes and say at once what is wrong.

    The packets come from an interface (-i), from standard input (-), as 'ssh pacs tcpdump -U -w - port 104' writes them,
    or from a FILE. Ends with Ctrl-C.
    """
    wish = Wish(**asked)
    if (wish.source is None) == (wish.interface is None):
        raise click.UsageError("say where the packets come from: -i IFACE, or - for standard input, or a FILE")
    if wish.follow and wish.source in (None, "-"):
        raise click.UsageError("--follow goes with a FILE")
    if wish.any_port and wish.ports:
        raise click.UsageError("--any-port and --port contradict each other")
    from dicomsniff.live.judging import judging

    asked_for = {"select": select, "ignore": ignore, "config_file": config_file, "known_aes": known_aes}
    configuration, rows = site(_as_asked(wish, asked_for))
    judge = judging(select, ignore, configuration, rows)
    ending = _watched(wish, judge)
    if wish.json_file or wish.html_file:
        from dicomsniff.live.judging import write_reports

        write_reports(ending, wish.json_file, wish.html_file, wish.redact)
    return _code(wish, ending)


def _as_asked(wish: Wish, judged: dict[str, Any]) -> Asked:
    return Asked(
        captures=(), ports=wish.ports, merge_views=False, jobs=None, scheduler=None, progress=False,
        quiet=wish.quiet, verbose=wish.verbose, redact=wish.redact, **judged,
    )  # fmt: skip


def _code(wish: Wish, ending: Ending) -> int:
    """1 where --exit-on was met; a source that broke off is one line on standard error and 2."""
    if ending.severities & set(SEVERITIES[wish.exit_on]):
        return 1
    if ending.error is not None:
        raise ending.error
    if ending.complaint:
        raise click.ClickException(f"the capture ended: {ending.complaint}; what was captured before was analysed")
    return 0


def _open(wish: Wish) -> LiveSource:
    from dicomsniff.capture.live import LiveSource, open_file, open_interface, open_standard_input
    from dicomsniff.tcp.flows import SERVICE_PORTS

    if wish.interface is not None:
        ports = None if wish.any_port else wish.ports or SERVICE_PORTS
        return LiveSource(open_interface(wish.interface, ports, wish.capture_with))
    if wish.source == "-":
        return LiveSource(open_standard_input())
    return LiveSource(open_file(wish.source or "", wish.follow))


def _watched(wish: Wish, judge: Callable[..., Any]) -> Ending:
    from dicomsniff.live.watch import Watch
    from dicomsniff.pipeline import Options

    failing = set(SEVERITIES[wish.exit_on])
    until = (lambda told: bool(told & failing)) if failing else None
    source = _open(wish)
    if not wish.quiet:
        click.echo(f"dicomsniff: watching {source.name}", err=True)
    try:
        with listening(wish, source) as (listeners, remarks, desk):
            reading = Options(frozenset(wish.ports) if wish.ports else None, keys=_keys(wish))
            watch = Watch(source, reading, judge, listeners, redact=wish.redact, remarks=remarks, desk=desk)
            with stopped_by_signals(watch):
                return watch.run(wish.duration, until)
    finally:
        source.close()


def _keys(wish: Wish) -> Keys:
    """Those of a log that may still grow, and of servers."""
    from dicomsniff.tls.keylog import NO_KEYS, read_server_key

    log = wish.keylog or os.environ.get("SSLKEYLOGFILE")
    if not (log or wish.tls_keys):
        return NO_KEYS
    import dicomsniff.tls.library  # noqa: F401 - that it is missing is said before anything is watched
    from dicomsniff.live.keys import GrowingKeys

    return GrowingKeys(Path(log) if log else None, tuple(map(read_server_key, wish.tls_keys)))


@click.command("interfaces")
def list_interfaces() -> None:
    """List the network interfaces of this machine with their addresses."""
    from dicomsniff.capture.live.interfaces import interfaces

    for each in interfaces():
        state = "" if each.up else "down"
        click.echo(f"{each.name:<16} {state:<5} {' '.join(each.addresses)}".rstrip())
