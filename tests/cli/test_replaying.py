"""`dicomsniff repro` as a command."""

import resource
from pathlib import Path

from tests.cli.running import Shell, dialogue


def test_commands_are_printed_and_files_written(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    done = shell("repro", path, "--server", "pacs.test:104", "-o", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    assert "HOST=${HOST:-pacs.test} PORT=${PORT:-104}" in done.out
    assert 'storescu -v -aet MODALITY -aec ARCHIVE -R "$HOST" "$PORT" association_1_c-store_1.dcm' in done.out
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["association_1_c-store_1.dcm"]


def test_a_full_disk_is_one_line_and_leaves_nothing_half_made(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        why = shell.refused("repro", path, "-o", tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert why == f"{tmp_path / 'out' / 'association_1_c-store_1.dcm'}: File too large"
    assert list((tmp_path / "out").iterdir()) == []


def test_wrong_wishes_are_one_line(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    assert "no association 5" in shell.refused("repro", path, "--association", "5")
    assert "is not HOST:PORT" in shell.refused("repro", path, "--server", "$(x):1")
