"""A report of each capture and an index: nothing is overwritten, nothing stops at a file that cannot be read."""

import re
from pathlib import Path

from tests.cli.running import Shell


def test_a_directory_becomes_one_report_for_each_capture_and_an_index_with_the_worst_first(
    shell: Shell, healthy: Path, failing: Path, tmp_path: Path
) -> None:
    field, out = tmp_path / "field", tmp_path / "reports"
    field.mkdir()
    healthy.rename(field / "a healthy one.pcap")
    failing.rename(field / "failing.pcap")
    (field / "notes.txt").write_text("not a capture")
    done = shell("report", field, "--output-dir", out)
    assert (done.code, done.err) == (0, "")
    assert sorted(path.name for path in out.iterdir()) == ["a_healthy_one.html", "failing.html", "index.html"]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<a href="([^"]*)"', page) == ["failing.html", "a_healthy_one.html"]
    assert "1 of 2 transfers from" in page and "Nothing is wrong" in page
    assert done.out.splitlines()[-1] == f"Reports: {out / 'index.html'}"


def test_captures_of_one_name_in_several_directories_do_not_overwrite_each_other(
    shell: Shell, healthy: Path, failing: Path, tmp_path: Path
) -> None:
    for name, path in (("first", healthy), ("second", failing)):
        (tmp_path / name).mkdir()
        path.rename(tmp_path / name / "capture.pcap")
    done = shell("report", tmp_path / "*" / "capture.pcap", "--output-dir", tmp_path / "out", "-q")
    assert (done.code, done.out) == (0, "")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"capture.html", "capture-2.html", "index.html"}


def test_a_file_that_cannot_be_read_is_told_and_listed_and_the_others_are_reported(
    shell: Shell, healthy: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(b"nothing of the kind")
    done = shell("report", broken, healthy, "--output-dir", tmp_path / "out", "-q")
    assert (done.code, done.err.count("\n"), done.out) == (2, 1, "")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Could not be read" in page and str(healthy.name) in page


def test_one_file_or_a_directory_must_be_named_and_not_both(shell: Shell, healthy: Path, tmp_path: Path) -> None:
    assert "--output-dir" in shell.refused("report", healthy)
    assert "--output-dir" in shell.refused("report", healthy, "-o", tmp_path / "r.html", "--output-dir", tmp_path)
