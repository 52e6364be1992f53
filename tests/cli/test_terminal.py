"""Colour only on a terminal that wants it, progress for those who wait, text for those who listen."""

import io
import os
import sys
from pathlib import Path

import pytest

from dicomsniff.cli.terminal import print_lines, progress_bar, speak_any_text, until_reader_leaves, utf8_stdout
from dicomsniff.report import Segment
from tests.cli.running import process

ESCAPE = b"\x1b["


def line() -> list[list[Segment]]:
    return [[Segment("bad", "error bold"), Segment(" [red]kept[/red]", "")]]


def in_a_terminal(path: Path, **environment: str) -> bytes:
    """The output of `analyze` on a pseudo-terminal."""
    pty = pytest.importorskip("pty")
    import subprocess

    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "dicomsniff", "analyze", str(path)]
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
    done = subprocess.Popen(command, stdout=terminal, env=clean | {"TERM": "xterm-256color"} | environment)
    os.close(terminal)
    read = b""
    try:
        while piece := os.read(controller, 65536):
            read += piece
    except OSError:  # how Linux says that the other end of a terminal was closed
        pass
    done.wait(60)
    os.close(controller)
    return read


def test_there_is_colour_on_a_terminal_and_none_where_it_is_not_wanted(failing: Path) -> None:
    assert ESCAPE in in_a_terminal(failing)
    assert b"\x1b[31m" not in in_a_terminal(failing, NO_COLOR="1")
    assert ESCAPE not in in_a_terminal(failing, TERM="dumb")


def test_there_is_no_colour_in_a_pipe(failing: Path) -> None:
    done = process("analyze", failing, TERM="xterm-256color")
    assert ESCAPE not in done.stdout and b"0xA700" in done.stdout


def test_a_narrow_encoding_is_no_fault(failing: Path) -> None:
    done = process("analyze", failing, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"") and b"0xA700" in done.stdout


def test_markup_in_the_traffic_is_only_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines(lambda width: line())
    assert capsys.readouterr().out == "bad [red]kept[/red]\n"


def test_lines_are_made_for_the_width_of_the_terminal_but_never_too_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    widths = []
    for columns in ("40", "100", "400"):
        monkeypatch.setenv("COLUMNS", columns)
        print_lines(lambda width: widths.append(width) or [])  # type: ignore[func-returns-value]
    assert widths == [40, 100, 120]


def test_progress_counts_the_bytes_of_the_captures(healthy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar([str(healthy)], True) as advance:
        assert advance is not None
        advance(healthy.stat().st_size)
    assert capsys.readouterr().out == ""


def test_no_progress_without_a_terminal_or_a_wish(healthy: Path) -> None:
    with progress_bar([str(healthy)], None) as advance:
        assert advance is None
    with progress_bar([str(healthy)], False) as advance:
        assert advance is None


def test_progress_of_patterns_and_directories_has_no_total(tmp_path: Path) -> None:
    with progress_bar([str(tmp_path), f"{tmp_path}/*.pcap"], True) as advance:
        assert advance is not None
        advance(10)


def test_text_that_the_terminal_cannot_show_becomes_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    speak_any_text()
    print("⟦a⟧")
    sys.stdout.flush()
    assert raw.getvalue() == b"?a?\n"


def test_documents_are_utf8_and_the_terminal_keeps_its_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    with utf8_stdout() as stream:
        stream.write("ä")
    sys.stdout.write("ä")
    sys.stdout.flush()
    assert raw.getvalue() == "ä".encode() + "ä".encode("latin-1")


def test_other_faults_than_a_reader_that_left_are_let_through() -> None:
    with pytest.raises(OSError, match="disk"), until_reader_leaves():
        raise OSError(28, "disk full")
