"""A folder goes with its owner: at once, or when the next one comes where the owner was killed."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from dicomsniff.dimse.shelf_folder import PREFIX, ShelfFolder


def _work(directory: Path, door: Connection) -> None:
    folder = ShelfFolder(directory)
    Path(folder.path, "1").write_bytes(b"half an object")
    door.send(folder.path)
    signal.pause()


def hidden(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir() if path.name.startswith(PREFIX)]


def test_it_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    folder = ShelfFolder(tmp_path / "out")
    Path(folder.path, "1").write_bytes(b"x")
    folder.close()
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="this system sends no signals")
def test_what_a_killed_process_left_goes_when_the_next_one_comes_and_what_a_living_one_has_stays(
    tmp_path: Path,
) -> None:
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(tmp_path, there))
    process.start()
    left = here.recv()
    (tmp_path / f"{PREFIX}mine").mkdir()
    first = ShelfFolder(tmp_path)
    assert Path(left, "1").exists()
    first.close()
    process.kill()
    process.join()
    second = ShelfFolder(tmp_path)
    assert sorted(hidden(tmp_path)) == sorted([Path(second.path).name, f"{PREFIX}mine"])
    second.close()
