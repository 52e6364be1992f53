"""Capture programs: their command lines, what they count, and what becomes of us when they end."""

import shutil
import stat
from pathlib import Path

import pytest

from dicomsniff.capture.live import programs
from dicomsniff.capture.live.programs import CaptureProgram, command, installed
from dicomsniff.capture.live.refusals import RefusedError


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, name: str = "tcpdump") -> None:
    """A program of this name that does what the script says."""
    path = tmp_path / name
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


BEGIN = "echo 'tcpdump: listening on lo, link-type EN10MB' >&2"


def test_the_lines_write_whole_packets_at_once_to_standard_output() -> None:
    assert command("dumpcap", "eth0", "tcp")[-2:] == ["-f", "tcp"] and "-w" in command("dumpcap", "eth0", "tcp")
    line = command("tcpdump", "eth0", "tcp")
    assert line[-1] == "tcp" and {"-U", "-n"} <= set(line)


def test_programs_are_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "dumpcap" else None)
    assert installed() == ["dumpcap"]


def test_tcpdump_is_asked_for_its_drops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "POLL_SECONDS", 0.05)
    tell = "echo 'tcpdump: 9 packets captured, 12 packets received by filter, 3 packets dropped by kernel' >&2"
    install(tmp_path, monkeypatch, f'trap "{tell}" USR1\n{BEGIN}\nwhile true; do sleep 0.05; done')
    program = CaptureProgram("tcpdump", "lo", "tcp")
    for _ in range(200):
        if program.dropped is not None:
            break
        program._listener.join(0.05)
    assert program.dropped == 3
    program.stop()
    program.close()
    assert program.complaint() == ""


def test_dumpcap_tells_its_drops_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = "Packets received/dropped on interface 'lo': 10/7 (pcap:5/dumpcap:0/flushed:0/ps_ifdrop:2) (58.8%)"
    install(tmp_path, monkeypatch, f'echo "File: -" >&2\nsleep 0.3\necho "{last}" >&2', "dumpcap")
    program = CaptureProgram("dumpcap", "lo", "tcp")
    assert program.complaint().startswith("dumpcap ended with code 0")
    assert program.dropped == 7


def test_a_program_that_dies_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(
        tmp_path,
        monkeypatch,
        f"trap '' USR1\n{BEGIN}\nsleep 0.2\necho 'tcpdump: pcap_loop: The interface disappeared' >&2\nexit 1",
    )
    program = CaptureProgram("tcpdump", "lo", "tcp")
    assert program.complaint() == "tcpdump ended with code 1: pcap_loop: The interface disappeared"


def test_a_program_that_is_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, f"{BEGIN}\nexec sleep 60")
    monkeypatch.setattr(programs, "ASK", None)
    program = CaptureProgram("tcpdump", "lo", "tcp")
    program.process.kill()
    assert program.complaint() == "tcpdump was killed by signal 9"


def test_a_program_that_does_not_begin_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "echo 'tcpdump: eth7: No such device exists' >&2\nexit 1")
    with pytest.raises(RefusedError) as refused:
        CaptureProgram("tcpdump", "eth7", "tcp")
    assert refused.value.unknown and not refused.value.forbidden
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(RefusedError):
        CaptureProgram("tcpdump", "eth7", "tcp")
