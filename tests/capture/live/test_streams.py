"""Live byte streams: pipes and growing files give what there is, wait for more, and end when told."""

import os
import threading
import time
from pathlib import Path

import pytest

from dicomsniff.capture.live.streams import GrowingStream, PipeStream


def read(stream: PipeStream | GrowingStream, size: int = 100) -> bytes:
    target = bytearray(size)
    return bytes(target[: stream.readinto(memoryview(target))])


@pytest.fixture
def pipe() -> tuple[PipeStream, int]:
    reading, writing = os.pipe()
    return PipeStream(reading), writing


def test_a_pipe_gives_what_is_there_without_waiting_for_more(pipe: tuple[PipeStream, int]) -> None:
    stream, writing = pipe
    os.write(writing, b"abc")
    assert read(stream) == b"abc" and not stream.ready(0.01)
    os.write(writing, b"d")
    assert stream.ready(1) and read(stream) == b"d"
    os.close(writing)
    assert read(stream) == b""
    stream.close()


def test_a_pipe_that_is_told_to_stop_gives_what_is_under_way_and_ends(pipe: tuple[PipeStream, int]) -> None:
    stream, writing = pipe
    threading.Timer(0.05, stream.stop).start()
    assert read(stream) == b""
    os.write(writing, b"late")
    assert read(stream) == b"late"
    assert read(stream) == b""
    os.close(writing)


def test_a_growing_file_is_read_on_and_on_until_told_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"one")
    stream = GrowingStream(str(path))
    assert read(stream) == b"one" and not stream.ready(0)

    def grow() -> None:
        time.sleep(0.05)
        with path.open("ab") as file:
            file.write(b"two")

    threading.Thread(target=grow).start()
    assert read(stream) == b"two"
    with path.open("ab") as file:
        file.write(b"three")
    stream.stop()
    assert read(stream) == b"three"
    assert read(stream) == b"" and not stream.cut
    stream.close()


def test_a_file_that_was_begun_anew_ends_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"something long")
    stream = GrowingStream(str(path))
    read(stream)
    path.write_bytes(b"x")
    assert read(stream) == b"" and stream.cut and "begun anew" in stream.notes[0]
