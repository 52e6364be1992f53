"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from dicomsniff.core.records import dataclass

if TYPE_CHECKING:
    from dicomsniff.report.redaction import Masking

Command = Callable[..., Any]


class Ports(click.ParamType[tuple[int, ...]]):
    """TCP ports, separated by commas."""

    name = "PORT[,PORT…]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            ports = tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"'{value}' is not a list of port numbers", param, ctx)
        if not all(0 < port < 65536 for port in ports):
            self.fail(f"'{value}' holds a number that is no TCP port", param, ctx)
        return ports


class Address(click.ParamType[tuple[str, int]]):
    """Where to listen; an IPv6 address in brackets."""

    name = "HOST:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            self.fail(f"'{value}' is no address to listen at: write HOST:PORT", param, ctx)
        return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options of `reading` and, where a command has them, of `judging` were set to."""

    captures: tuple[str, ...]
    ports: tuple[int, ...] | None
    merge_views: bool
    jobs: int | None
    scheduler: str | None
    progress: bool | None
    quiet: bool
    verbose: bool
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    config_file: str | None = None
    known_aes: tuple[str, ...] = ()
    redact: bool = True
    redact_uids: bool = False
    keylog: str | None = None
    tls_keys: tuple[str, ...] = ()

    @property
    def masking(self) -> Masking:
        """As `Analysis.report` wants it."""
        return "uids" if self.redact and self.redact_uids else self.redact


captures = click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
ports = click.option(
    "--port",
    "ports",
    type=Ports(),
    help="Only connections with an end on these ports. Default: DICOM is found on any port.",
)
redact = click.option(
    "--redact/--no-redact",
    default=True,
    show_default=True,
    help="Mask patient data: the attributes of PS3.15's basic profile, but UIDs and AE titles.",
)
redact_uids = click.option(
    "--redact-uids",
    is_flag=True,
    help="Replace the UIDs of studies, series, objects and the like too, each by the same 2.25.… in every output.",
)
select = click.option(
    "--select", multiple=True, metavar="RULE", help="Run only this rule, family (DS-TCP) or name. Repeatable."
)
ignore = click.option(
    "--ignore", multiple=True, metavar="RULE", help="Leave out this rule, family or name. Repeatable."
)
configuration = click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="The site's settings. Default: dicomsniff.toml in this folder or the nearest above it.",
)
jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that share the work on a large capture. Default: the processors there are.",
)
merge_views = click.option(
    "--merge-views",
    is_flag=True,
    help="Join what was captured at several points: clocks are set right, each packet counts once, and what one point"
    " missed another supplies.",
)
scheduler = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A Dask scheduler (tcp://host:8786) whose workers do the work; they must find the captures under the same names.",
)
keylog = click.option(
    "--keylog",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="A TLS key log, to look into encrypted connections. Default: the file that SSLKEYLOGFILE names, if it is there.",
)
tls_keys = click.option(
    "--tls-key",
    "tls_keys",
    type=click.Path(dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="A server's private RSA key (PEM or DER), for connections whose key exchange is RSA. Repeatable.",
)
known_aes = click.option(
    "--known-ae",
    "known_aes",
    multiple=True,
    metavar="TITLE=HOST:PORT",
    help="Where an AE title is configured; what is seen elsewhere is told. Repeatable.",
)
progress = click.option(
    "--progress/--no-progress", default=None, help="Show how much has been read. Default: on a terminal."
)
quiet = click.option("-q", "--quiet", is_flag=True, help="Print nothing but what was asked for.")
verbose = click.option("-v", "--verbose", is_flag=True, help="Print every finding, those that only inform too.")


def reading(command: Command) -> Command:
    """The options of every command that reads captures."""
    for option in (verbose, quiet, progress, scheduler, jobs, tls_keys, keylog, merge_views, ports, captures):
        command = option(command)
    return command


def judging(command: Command) -> Command:
    """The options of every command that judges what it read."""
    for option in (redact, known_aes, configuration, ignore, select):
        command = option(command)
    return command


def unjudged(command: Command) -> Command:
    """Those of `judging` for a command that judges nothing: it takes what all take and they change nothing."""
    for name, several in (("--known-ae", True), ("--config", False), ("--ignore", True), ("--select", True)):
        command = click.option(name, multiple=several, hidden=True, expose_value=False)(command)
    return command


def _objects_stay(_ctx: click.Context, _param: click.Parameter, masked: bool | None) -> None:
    if masked:
        click.echo("dicomsniff: objects are written as they crossed the wire: --redact masks nothing in them", err=True)


unmasked = click.option("--redact/--no-redact", default=None, hidden=True, expose_value=False, callback=_objects_stay)
"""For a command that masks nothing; who asks for it is told."""


def alone(command: Command) -> Command:
    """Those of `reading` that say how files are read, for a command that follows what comes in one process."""
    command = click.option("--progress/--no-progress", hidden=True, expose_value=False)(command)
    return click.option("--jobs", type=click.IntRange(min=1), hidden=True, expose_value=False)(command)
