"""`dicomsniff log` as a command."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.captures import real
from tests.cli.running import ROOT, Shell, dialogue, process, web


def test_log_writes_the_conversation(shell: Shell, tmp_path: Path) -> None:
    done = shell("log", dialogue(0, 0xA700).save(tmp_path / "c.pcap"))
    assert (done.code, done.err) == (0, "")
    assert "BEGIN A-ASSOCIATE-RQ" in done.out and "C-STORE RSP, acceptor → requestor" in done.out
    assert "0xa700: Failure" in done.out and "C-STORE: 1 success, 1 failure" in done.out


def test_patient_data_are_masked_unless_told_otherwise(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    assert "4711" not in shell("log", path).out
    assert "[4711]" in shell("log", "--no-redact", path).out


def test_bytes_are_shown_where_wanted_and_data_sets_only_unmasked(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    assert "  000000  01 00 " not in shell("log", path).out
    text = shell("log", "--hex", "--level", "pdu", path).out
    assert "  000000  01 00 " in text and "  000000  04 00 " in text and "··" in text
    assert "··" not in shell("log", "--hex", "--level", "pdu", "--no-redact", path).out


@real.here
def test_of_what_tls_hid_the_bytes_are_those_that_it_hid(shell: Shell) -> None:
    path = real.capture("tls")
    keys = "--keylog", path.with_name("keylog.txt")
    text = shell("log", "--hex", "--level", "pdu", "--association", "1", *keys, path).out
    assert "  000000  01 00 " in text and "  000000  04 00 " in text and "  000000  05 00 " in text
    assert "  000000  17 03 " not in text
    whole = shell("log", "--format", "json-lines", "--hex", "--level", "pdu", "--no-redact", *keys, path).out
    rows = [row for row in map(json.loads, whole.splitlines()) if row.get("hex")]
    assert rows and all(row["hex"][:2] in ("01", "02", "04", "05", "06", "07") for row in rows)


def test_options_choose_what_is_told(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0, 0xA700).save(tmp_path / "c.pcap")
    lines = shell("log", "--format", "json-lines", "--status", "failure", "--service", "c-store", path).out.splitlines()
    assert [v["message"] for v in map(json.loads, lines) if v["type"] == "message"] == ["C-STORE-RQ", "C-STORE-RSP"]
    assert "BEGIN" not in shell("log", "--ae", "NOBODY", path).out
    assert "+0." in shell("log", "--times", "relative", path).out


def test_a_wrong_wish_is_one_line(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    assert shell.refused("log", "--association", "7", path) == "there is no association 7; the capture has 1"
    assert "neither a status" in shell.refused("log", "--status", "sad", path)
    assert "nothing.pcap" in shell.refused("log", tmp_path / "nothing.pcap")


def test_a_capture_without_dicom_has_an_empty_log(shell: Shell, tmp_path: Path) -> None:
    assert shell("log", web(tmp_path / "c.pcap")) == (0, "", "")


def test_a_reader_that_leaves_is_no_fault(tmp_path: Path) -> None:
    path = dialogue(*[0] * 200).save(tmp_path / "c.pcap")
    line = [sys.executable, "-m", "dicomsniff", "log", str(path)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_a_capture_comes_through_a_pipe_too(tmp_path: Path) -> None:
    content = dialogue(0).save(tmp_path / "c.pcap").read_bytes()
    line = [sys.executable, "-m", "dicomsniff", "log"]
    for name in ("-", "/dev/stdin"):
        if name != "-" and not os.path.exists(name):
            continue
        done = subprocess.run([*line, name], input=content, capture_output=True, cwd=ROOT, check=False, timeout=60)
        assert done.returncode == 0 and b"BEGIN A-ASSOCIATE-RQ" in done.stdout, done.stderr
    refused = subprocess.run(
        [*line, "--hex", "-"], input=content, capture_output=True, cwd=ROOT, check=False, timeout=60
    )
    assert refused.returncode == 2 and b"cannot be read again" in refused.stderr


@real.here
def test_output_is_utf_8_whatever_the_terminal_speaks() -> None:
    done = process("log", real.capture("echo_ok"), PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0 and "requestor → acceptor" in done.stdout.decode("utf-8")
