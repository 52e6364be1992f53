"""Options that several commands share."""

from pathlib import Path

import click
import pytest

from dicomsniff.cli.options import Ports
from tests.association.dialogue import Dialogue
from tests.cli.running import Shell
from tests.forge.wire import Wire, write_pcap


@pytest.mark.parametrize(
    ("text", "ports"), [("104", (104,)), ("104,11112", (104, 11112)), (" 104 , 2762", (104, 2762)), ("65535", (65535,))]
)
def test_ports_are_separated_by_commas(text: str, ports: tuple[int, ...]) -> None:
    assert Ports().convert(text, None, None) == ports
    assert Ports().convert(ports, None, None) == ports


@pytest.mark.parametrize("text", ["", "x", "104,", "104;105", "-1", "0", "65536", "1e3"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Ports().convert(text, None, None)


def test_only_the_chosen_ports_are_read(shell: Shell, tmp_path: Path) -> None:
    one = Dialogue(Wire(server=("10.0.0.2", 104))).open().echo().release().wire.frames
    other = Dialogue(Wire(("10.0.0.1", 40001), ("10.0.0.2", 11112))).open().echo().release().wire.frames
    path = write_pcap(tmp_path / "c.pcap", one + other)
    assert "2 associations" in shell("analyze", path).out
    assert "1 association" in shell("analyze", path, "--port", "104").out
    assert "2 associations" in shell("analyze", path, "--port", "104,11112").out
    assert "No DICOM association" in shell("analyze", path, "--port", "99").out


def test_chosen_rules_run_and_ignored_ones_do_not(shell: Shell, failing: Path) -> None:
    assert shell("analyze", failing, "--fail-on", "error").code == 1
    assert shell("analyze", failing, "--fail-on", "error", "--select", "DS-STORE").code == 1
    assert shell("analyze", failing, "--fail-on", "error", "--select", "DS-TCP", "--select", "DS-SEC").code == 0
    assert shell("analyze", failing, "--fail-on", "error", "--ignore", "DS-STORE").code == 0


def test_progress_is_shown_only_where_it_is_asked_for_or_there_is_a_terminal(shell: Shell, healthy: Path) -> None:
    assert shell("analyze", healthy).err == ""
    assert shell("analyze", healthy, "--no-progress").err == ""
    done = shell("analyze", healthy, "--progress")
    assert done.code == 0 and done.out == shell("analyze", healthy).out


def test_quiet_prints_nothing_but_what_was_asked_for(shell: Shell, failing: Path, tmp_path: Path) -> None:
    assert shell("analyze", failing, "-q") == (0, "", "")
    assert shell("report", failing, "-q", "-o", tmp_path / "r.html") == (0, "", "")
    assert shell("export", failing, "--quiet", "-o", tmp_path / "out") == (0, "", "")
    assert (tmp_path / "r.html").is_file() and (tmp_path / "out" / "manifest.json").is_file()


COMMON = (
    "--port", "104,11112", "--no-redact", "--select", "DS-STORE", "--ignore", "DS-TCP", "--known-ae", "PACS=10.0.0.2:104",
    "--jobs", "1", "--no-progress", "-q", "-v",
)  # fmt: skip


@pytest.mark.parametrize("command", [("analyze",), ("report", "-o"), ("export", "-o"), ("log",), ("live",)])
def test_every_command_that_reads_captures_takes_the_common_options(
    command: tuple[str, ...], shell: Shell, healthy: Path, tmp_path: Path
) -> None:
    site = tmp_path / "dicomsniff.toml"
    site.write_text("")
    target = (tmp_path / "out",) if "-o" in command else ()
    done = shell(*command, *target, healthy, *COMMON, "--config", site)
    assert (done.code, done.err.replace(f"dicomsniff: watching {healthy}\n", "")) == (0, "")


def test_objects_are_not_masked_and_who_wants_it_is_told(shell: Shell, healthy: Path, tmp_path: Path) -> None:
    done = shell("export", healthy, "-o", tmp_path / "out", "--redact")
    assert (done.code, done.err.count("\n")) == (0, 1)
    assert "--redact masks nothing in them" in done.err


def test_a_port_where_nothing_was_is_named_and_nothing_is_said_of_others(shell: Shell, healthy: Path) -> None:
    told = " ".join(shell("analyze", healthy, "--port", "99,98").out.split())
    assert "No DICOM association was found on ports 98 and 99." in told
    assert "without --port all are looked at" in told
    assert "not one TCP connection" not in told and "right place" not in told
