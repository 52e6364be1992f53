"""Files are there whole or not at all, and what the file system refuses is told."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.dimse.shelf import Shelf
from dicomsniff.export.files import WAITING, Files


def test_many_files_are_all_there_with_their_contents(tmp_path: Path) -> None:
    with Files(tmp_path) as files:
        for number in range(WAITING * 3):
            files.write(f"{number}", iter([b"a" * number, b"b"]))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        f"{number}": b"a" * number + b"b" for number in range(WAITING * 3)
    }


def test_a_file_in_the_way_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"before")
    with Files(tmp_path) as files:
        files.write("one", iter([b"after"]))
    assert (tmp_path / "one").read_bytes() == b"after"


def broken() -> Iterator[bytes]:
    yield b"half"
    raise OSError("the disk is full")


def test_contents_that_break_off_leave_no_file_and_are_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"), Files(tmp_path) as files:
        files.write("one", broken())
    assert not list(tmp_path.iterdir())


def test_a_refusal_is_told_before_a_thousand_other_files_are_written(tmp_path: Path) -> None:
    asked = 0
    with pytest.raises(OSError, match="full"), Files(tmp_path) as files:
        for asked in range(1000):
            files.write(f"{asked}", broken() if asked == 0 else iter([b"x"]))
    assert asked < 100


def test_an_error_of_who_asks_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine"), Files(tmp_path) as files:
        files.write("one", broken())
        raise ValueError("mine")


def test_the_same_contents_may_be_written_again_and_no_others(tmp_path: Path) -> None:
    whole = bytes(range(256)) * 9000
    for contents in (whole, whole, whole[:-1], whole[:-1] + b"x", whole + b"x"):
        with Files(tmp_path, force=False) as files:
            files.write("one", iter([whole]))
        if contents == whole:
            continue
        with pytest.raises(FileExistsError, match="other contents"), Files(tmp_path, force=False) as files:
            files.write("one", iter([contents]))
        assert (tmp_path / "one").read_bytes() == whole


def test_a_file_is_moved_across_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with PayloadStore(keep=True, shelf=Shelf(tmp_path / "shelf")) as store:
        writer = store.writer(4, 4)
        writer.write(bytes(3_000_000) + b"end")
        payload = writer.finish(True)
        replace = os.replace

        def other_disk(source: Path, target: Path) -> None:
            if source.suffix != ".part":
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            replace(source, target)

        monkeypatch.setattr(os, "replace", other_disk)
        with Files(tmp_path) as files:
            files.put("study/one", b"HEAD", payload)
        assert (tmp_path / "study" / "one").read_bytes() == b"HEAD" + bytes(3_000_000) + b"end"
