"""The README: what it names is there."""

import re
from pathlib import Path

from click.testing import CliRunner

from dicomsniff.cli import cli
from dicomsniff.cli.commands import PLACES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_two_commands_do_all_the_set_up() -> None:
    assert len(SHELL) == 2 and all(len(block.splitlines()) == 1 for block in SHELL)
    assert "dicomsniff report sample_captures/" in SHELL[0] and "pytest" in SHELL[1]


def test_the_first_command_names_files_that_are_there() -> None:
    capture = re.search(r"sample_captures/\S+", SHELL[0])
    output = re.search(r"-o (\S+)/", SHELL[0])
    assert capture and (ROOT / capture[0]).is_file()
    assert output and (ROOT / output[1]).is_dir()


def test_every_command_and_option_it_names_exists() -> None:
    for line in re.findall(r"`dicomsniff ([a-z]+)", README):
        assert line in PLACES, line
    helps = "".join(CliRunner().invoke(cli, [name, "--help"]).output for name in PLACES)
    own = README.split("## Use it")[1].split("## What it can tell")[0]
    for option in set(re.findall(r"--[a-z][a-z-]*", own)):
        assert option in helps, option


def test_every_room_it_names_is_a_package() -> None:
    rooms = re.findall(r"^\| `([a-z]+)` \|", README, re.MULTILINE)
    there = {path.parent.name for path in (ROOT / "dicomsniff").glob("*/__init__.py")}
    assert set(rooms) == there - {"core", "cli", "parallel"}
    assert all((ROOT / "dicomsniff" / room / "__init__.py").is_file() for room in rooms)


def test_every_command_is_in_it() -> None:
    assert all(f"`dicomsniff {name}" in README for name in PLACES)
