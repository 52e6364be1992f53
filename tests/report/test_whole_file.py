"""A file is there whole or not at all."""

import os
import resource
import threading
from pathlib import Path

import pytest

from dicomsniff.report.whole_file import whole_file


def test_what_was_written_is_there_at_the_end_alone(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with whole_file(path) as stream:
        stream.write("é")
        assert not path.exists()
    assert path.read_text("utf-8") == "é"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_before_stays_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("before")
    with pytest.raises(ValueError, match="a bug"), whole_file(path) as stream:
        stream.write("half")
        raise ValueError("a bug")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "report.json"
    with pytest.raises(FileNotFoundError) as caught, whole_file(path):
        pass
    assert caught.value.filename == str(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe, found = tmp_path / "pipe", list[str]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()))
    reader.start()
    with whole_file(pipe) as stream:
        stream.write("through")
    reader.join()
    assert found == ["through"]


def test_a_full_disk_is_said_of_the_file_that_was_asked_for(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(OSError) as caught, whole_file(tmp_path / "report.json") as stream:
            stream.write("x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.filename == str(tmp_path / "report.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_device_is_named_too() -> None:
    with pytest.raises(OSError) as caught, whole_file("/dev/full") as stream:
        stream.write("x")
    assert caught.value.filename == "/dev/full"
