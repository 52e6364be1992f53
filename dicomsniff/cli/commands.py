"""The commands by name: each is imported when it is called, and `--help` shows what it says of itself without that."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click

from dicomsniff.cli.terminal import until_reader_leaves
from dicomsniff.core.tuples import NamedTuple


class Place(NamedTuple):
    """Where a command is defined, and the first sentence of its help."""

    module: str
    function: str
    summary: str


PLACES = {
    "analyze": Place("traffic", "analyze", "Say what is wrong in a capture: verdict, findings, associations."),
    "crosscheck": Place(
        "crosschecking",
        "crosscheck",
        "Ask Wireshark (through pyshark) how it reads the same bytes, and say where it differs: exit 0 if nowhere, else 1.",
    ),
    "diff": Place(
        "comparison",
        "diff",
        "Say how BAD differs from GOOD, what most likely matters first: exit 0 if nothing does, 1 otherwise.",
    ),
    "dump": Place(
        "stages",
        "dump",
        "Make the flow visible at any room: packets, segments, streams, PDUs, values, messages, exchanges, associations.",
    ),
    "explain": Place(
        "catalogue", "explain", "Show one rule's page: what it sees, likely causes, fix, when it could be wrong."
    ),
    "export": Place("traffic", "export", "Write the objects in a capture as Part 10 files, and manifest.json."),
    "interfaces": Place("live", "list_interfaces", "List the network interfaces of this machine with their addresses."),
    "live": Place("live", "live", "Watch DICOM as it passes and say at once what is wrong."),
    "log": Place(
        "conversation", "log", "Write the conversation as text, in the manner of the toolkits' own debug logs."
    ),
    "query": Place("querying", "query", "Pick exchanges by what their commands, associations and data sets hold."),
    "report": Place(
        "traffic",
        "report",
        "Write the HTML troubleshooting report, one self-contained file; or one of each capture, and an index of them.",
    ),
    "repro": Place(
        "replaying", "repro", "Print the commands that would replay what the requestors said; nothing is sent."
    ),
    "rules": Place("catalogue", "rules", "List the rule catalogue."),
    "schema": Place("catalogue", "schema", "Print the JSON Schema of the JSON report."),
    "tables": Place("spreadsheets", "tables", "Write what a capture holds as CSV tables; - is standard output."),
}


class Commands(click.Group):
    """The commands; a reader of standard output that goes away ends them without a fault."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in PLACES:
            return None
        place = PLACES[cmd_name]
        command: click.Command = getattr(import_module(f"dicomsniff.cli.{place.module}"), place.function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in PLACES.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        named = [CompletionItem(n, help=place.summary) for n, place in PLACES.items() if n.startswith(incomplete)]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        with until_reader_leaves():
            return super().invoke(ctx)
        return 0


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command with its name; this imports them all."""
    group = Commands("dicomsniff")
    context = click.Context(group)
    for name in PLACES:
        command = group.get_command(context, name)
        assert command
        yield name, command
