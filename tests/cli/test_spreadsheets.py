"""`dicomsniff tables`: CSV files with a row for every operation, association or object."""

import csv
import io
import resource
from pathlib import Path

import pytest

from tests.cli.running import Shell


def test_the_timing_of_every_operation_is_a_row(shell: Shell, failing: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = shell("tables", failing, "--timing", out)
    assert (done.code, done.out, done.err) == (0, "", "")
    rows = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
    assert len(rows) == 2 and {"server_ms", "transfer_loss_ms", "response_nagle_ms", "confidence"} <= set(rows[0])
    assert rows[0]["service"].startswith("C-")


@pytest.mark.parametrize("name", ["timing", "associations", "exchanges", "objects"])
def test_a_table_goes_to_standard_output(shell: Shell, failing: Path, name: str) -> None:
    done = shell("tables", failing, f"--{name}", "-")
    assert done.code == 0 and len(list(csv.DictReader(io.StringIO(done.out)))) >= 1


def test_without_a_table_it_says_which_there_are(shell: Shell, failing: Path) -> None:
    done = shell("tables", failing)
    assert done.code == 2 and "--timing" in done.err and len(done.err.splitlines()) == 1


def test_two_tables_do_not_go_to_standard_output(shell: Shell, failing: Path) -> None:
    assert shell("tables", failing, "--timing", "-", "--objects", "-").code == 2


def test_a_folder_that_does_not_exist_is_one_line(shell: Shell, failing: Path, tmp_path: Path) -> None:
    done = shell("tables", failing, "--timing", tmp_path / "no" / "out.csv")
    assert done.code == 2 and len(done.err.splitlines()) == 1


def test_a_full_disk_is_one_line_and_leaves_the_table_of_before(shell: Shell, failing: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, limits[1]))
    try:
        why = shell.refused("tables", failing, "--timing", out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert why == f"{out}: File too large"
    assert out.read_text() == "before" and not list(tmp_path.glob("*.part"))
