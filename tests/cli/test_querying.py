"""`dicomsniff query` as a command."""

import json
import resource
from pathlib import Path

from dicomsniff.api import analyze
from tests.captures import real
from tests.cli.running import Shell, dialogue


def test_a_table_shows_what_was_picked(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0, 0xA700, 0).save(tmp_path / "c.pcap")
    done = shell("query", path, 'service == "C-STORE" and status_class == "failure" and PatientID == "4711"')
    assert (done.code, done.err) == (0, "")
    head, row = done.out.splitlines()
    assert head.split()[:3] == ["exchange", "association", "packet"] and head.endswith("PatientID")
    assert row.split()[0] == "2" and "0xA700" in row and "4711" not in row and "•••" in row
    assert shell("query", path, "--no-redact", 'PatientID == "4711"').out.count("4711") == 3
    assert shell("query", path, "status == 1") == (0, "", "")


def test_json_lines_hold_the_columns_that_are_wanted(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0, 0xA700).save(tmp_path / "c.pcap")
    done = shell("query", path, "--json-lines", "--columns", "exchange,status,MessageID", "exchange > 0")
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"exchange": 1, "status": "0x0000", "MessageID": "1"},
        {"exchange": 2, "status": "0xA700", "MessageID": "2"},
    ]


def test_the_connections_are_written_with_findings_as_comments(shell: Shell, tmp_path: Path) -> None:
    path, target = dialogue(0xA700).save(tmp_path / "c.pcap"), tmp_path / "out.pcapng"
    done = shell("query", path, "status == 0xA700", "--write", target)
    assert done.code == 0 and "packets of 1 connections written" in done.err
    again = analyze(target, rules=False)
    assert [e.status for e in again.exchanges] == [0xA700]
    [facts] = again.captures
    assert any("dicomsniff error DS-" in text for packet, text in facts.comments if packet)


def test_a_wrong_expression_is_one_line(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    assert "did you mean service?" in shell.refused("query", path, "servic == 1")
    assert "not part of the language" in shell.refused("query", path, "print(1)")
    assert "nothing has the name nosuch" in shell.refused("query", path, "--columns", "nosuch", "status == 0")


def test_several_captures_are_asked_as_one(shell: Shell, tmp_path: Path) -> None:
    one, other = dialogue(0xA700).save(tmp_path / "one.pcap"), tmp_path / "two.pcap"
    dialogue(0, 0xA900, port=50_001, after=60.0).save(other)
    done = shell("query", one, other, "--json-lines", "--columns", "association,status", 'status_class == "failure"')
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"association": 1, "status": "0xA700"},
        {"association": 2, "status": "0xA900"},
    ]
    written = shell("query", one, other, "status == 0xA900", "--write", tmp_path / "out.pcapng")
    assert written.code == 0 and "of 1 connections" in written.err
    assert [e.status for e in analyze(tmp_path / "out.pcapng", rules=False).exchanges] == [0, 0xA900]


@real.here
def test_what_tls_hid_can_be_asked_about_with_its_keys(shell: Shell) -> None:
    path = real.capture("tls")
    keys = path.with_name("keylog.txt")
    assert "C-STORE" in shell("query", path, "--keylog", keys, 'service == "C-STORE"').out
    assert shell("query", path, 'service == "C-STORE"') == (0, "", "")


def test_a_full_disk_is_one_line_and_leaves_no_cut_out(shell: Shell, failing: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        done = shell("query", failing, 'service == "C-STORE"', "--write", out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (done.code, done.err) == (2, f"dicomsniff: {out}: File too large\n")
    assert [path for path in tmp_path.iterdir() if path != failing] == []
