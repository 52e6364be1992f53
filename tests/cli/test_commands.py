"""Commands are found by name, tell the same of themselves as `--help` does of them, and are imported only when called."""

import subprocess
import sys

import click
from click.testing import CliRunner

from dicomsniff.cli import cli
from dicomsniff.cli.commands import PLACES, every_command


def test_each_summary_is_the_first_sentence_of_the_command_it_stands_for() -> None:
    commands = dict(every_command())
    assert set(commands) == set(PLACES)
    for name, command in commands.items():
        assert command.name == name
        assert command.get_short_help_str(300) == PLACES[name].summary, name


def test_every_command_of_the_modules_is_reachable() -> None:
    from importlib import import_module

    found = {
        value.name
        for module in {place.module for place in PLACES.values()}
        for value in vars(import_module(f"dicomsniff.cli.{module}")).values()
        if isinstance(value, click.Command)
    }
    assert found == set(PLACES)


def test_help_lists_every_command_whole() -> None:
    shown = " ".join(CliRunner().invoke(cli, ["--help"]).output.split())
    for name, place in PLACES.items():
        assert f"{name} {place.summary}" in shown


def test_an_unknown_command_is_refused() -> None:
    done = CliRunner().invoke(cli, ["analyse"])
    assert done.exit_code == 2 and "No such command 'analyse'" in done.output


def test_completion_offers_commands_with_what_they_do() -> None:
    context = click.Context(cli)
    items = cli.shell_complete(context, "re")
    assert [(item.value, item.help) for item in items] == [(n, PLACES[n].summary) for n in ("report", "repro")]


def test_help_and_version_import_no_command() -> None:
    code = (
        "import sys; from dicomsniff.cli import run; run(sys.argv[1:]);"
        "assert not {m for m in sys.modules if m.startswith(('dicomsniff.cli.traffic', 'dicomsniff.association', 'numpy'))}"
    )
    for word in ("--help", "--version"):
        subprocess.run([sys.executable, "-c", code, word], check=True, stdout=subprocess.DEVNULL)
