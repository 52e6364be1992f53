"""The command line as a whole: exit codes, one line for what cannot be done, readers that leave, nothing heavy at start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dicomsniff import __version__
from tests.cli.running import ROOT, Shell, process

HEAVY = ("numpy", "pydicom", "jinja2", "rich", "scapy", "dpkt", "pyshark", "zstandard", "orjson", "importlib.metadata")


def test_the_version_is_that_of_the_package(shell: Shell) -> None:
    assert shell("--version") == (0, f"dicomsniff, version {__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_lists_the_commands(shell: Shell, arguments: tuple[str, ...]) -> None:
    done = shell(*arguments)
    assert (done.code, done.err) == (0, "")
    for command in ("analyze", "report", "export", "rules", "explain", "schema", "live", "interfaces"):
        assert f"\n  {command} " in done.out


@pytest.mark.parametrize("command", ["analyze", "report", "export", "rules", "explain", "schema", "live", "interfaces"])
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    done = shell(command, "--help")
    assert done.code == 0 and done.out.startswith(f"Usage: dicomsniff {command}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("analyze",), "Missing argument 'CAPTURE...'"),
        (("analyze", "--nonsense", "x.pcap"), "No such option"),
        (("report", "x.pcap"), "Missing option '-o'"),
        (("export", "x.pcap"), "Missing option '-o'"),
        (("explain",), "Missing argument"),
        (("analyze", "x.pcap", "--fail-on", "sunday"), "'sunday' is not one of"),
        (("analyze", "x.pcap", "--port", "dicom"), "'dicom' is not a list of port numbers"),
        (("analyze", "x.pcap", "--port", "104,0"), "no TCP port"),
        (("analyze", "x.pcap", "--port", "65536"), "no TCP port"),
        (("analyze", "x.pcap", "--port", ""), "not a list of port numbers"),
        (("analyze", "x.pcap", "--select", "DS-NOPE-1"), "no rule is called 'DS-NOPE-1'"),
        (("analyze", "x.pcap", "--ignore", "conection-refused"), "did you mean connection-refused?"),
        (("explain", "conection-refused"), "did you mean connection-refused?"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_in_one_line(
    shell: Shell, arguments: tuple[str, ...], words: str
) -> None:
    assert words in shell.refused(*arguments)


@pytest.mark.parametrize("command", [("analyze",), ("report", "-o", "-"), ("export", "-o", "{tmp}/out")])
def test_what_is_no_capture_is_refused_in_one_line(shell: Shell, command: tuple[str, ...], tmp_path: Path) -> None:
    command = tuple(word.format(tmp=tmp_path) for word in command)
    for name, content in (("empty", b""), ("text", b"hello, this is no capture"), ("zeros", bytes(100))):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    assert "No such file" in shell.refused(*command, tmp_path / "none.pcap")
    assert "no file matches" in shell.refused(*command, f"{tmp_path}/*.pcapng")
    assert "holds no pcap or pcapng" in shell.refused(*command, tmp_path / "folder")
    assert "is empty" in shell.refused(*command, tmp_path / "empty")
    assert "is not a pcap or pcapng capture" in shell.refused(*command, tmp_path / "text")
    assert "is not a pcap or pcapng capture" in shell.refused(*command, tmp_path / "zeros")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_refused_in_one_line(shell: Shell, healthy: Path) -> None:
    healthy.chmod(0)
    assert "Permission denied" in shell.refused("analyze", healthy)


def test_no_permission_is_one_line_for_root_too(shell: Shell, healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*paths: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(healthy))

    monkeypatch.setattr("dicomsniff.api.open_captures", refuse)
    assert shell.refused("analyze", healthy) == f"{healthy}: Permission denied"


@pytest.mark.parametrize(
    "arguments",
    [
        ("analyze", "{capture}", "--json", "{tmp}/none/r.json"),
        ("analyze", "{capture}", "--html", "{tmp}/none/r.html"),
        ("report", "{capture}", "-o", "{tmp}/none/r.html"),
        ("analyze", "{capture}", "--export", "{capture}/out"),
        ("export", "{capture}", "-o", "{capture}/out"),
    ],
)
def test_an_output_that_cannot_be_written_is_named_as_it_was_given(
    shell: Shell, arguments: tuple[str, ...], healthy: Path, tmp_path: Path
) -> None:
    line = [word.format(capture=healthy, tmp=tmp_path) for word in arguments]
    reason = shell.refused(*line)
    assert reason.startswith(f"{line[-1]}: ") and ".part" not in reason


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_directory_is_no_output_file(shell: Shell, option: str, healthy: Path, tmp_path: Path) -> None:
    assert str(tmp_path) in shell.refused("analyze", healthy, option, tmp_path)


def test_interrupting_is_no_fault(shell: Shell, healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*paths: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dicomsniff.api.open_captures", interrupt)
    done = shell("analyze", healthy)
    assert done.code == 130 and "Traceback" not in done.err


def test_a_bug_is_not_dressed_as_a_refusal(shell: Shell, healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("dicomsniff.api.judge", fail)
    with pytest.raises(ValueError, match="a bug"):
        shell("analyze", healthy)


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = f"import sys, dicomsniff.cli; dicomsniff.cli.run(['--version']); print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] in ("[]", "['importlib.metadata']")


def test_it_runs_as_a_module_with_its_exit_code(failing: Path, tmp_path: Path) -> None:
    assert process("--version").stdout.decode().split()[-1] == __version__
    assert process("analyze", failing, "-q", "--fail-on", "error").returncode == 1
    refused = process("analyze", tmp_path / "none.pcap")
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.decode() == f"dicomsniff: {tmp_path / 'none.pcap'}: No such file or directory\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "{}"],
        ["analyze", "{}", "--json", "-"],
        ["report", "{}", "-o", "-"],
        ["rules"],
        ["schema"],
        ["--help"],
    ],
)
def test_a_reader_that_leaves_is_no_fault(arguments: list[str], healthy: Path) -> None:
    line = [sys.executable, "-m", "dicomsniff", *(word.format(healthy) for word in arguments)]
    reading, writing = os.pipe()
    os.close(reading)  # every write to the pipe fails from now on
    try:
        done = subprocess.run(line, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, check=False, timeout=60)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_that_leaves_does_not_change_what_fail_on_found(failing: Path) -> None:
    line = [sys.executable, "-m", "dicomsniff", "analyze", str(failing), "--fail-on", "error"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(line, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, check=False, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
