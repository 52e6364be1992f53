"""Data sets lie behind their room, zeros for what was not seen, and are somebody else's once they are taken."""

import errno
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomsniff.dimse.payload import Payload, PayloadStore
from dicomsniff.dimse.shelf import MOST_OPEN, Shelf, ShelfFile
from dicomsniff.dimse.shelf_folder import OWNER

DATA = bytes(range(250)) * 9000


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path / "out")
    yield made
    made.clear()


def stored(shelf: Shelf, *parts: bytes | int, room: int = 4, complete: bool = True) -> Payload:
    writer = PayloadStore(keep=True, shelf=shelf).writer(10, room)
    for part in parts:
        if isinstance(part, int):
            writer.skip(part)
        else:
            writer.write(memoryview(part))
    return writer.finish(complete)


def files(shelf: Shelf) -> list[Path]:
    found = shelf.directory.rglob("*") if shelf.directory.exists() else ()
    return [path for path in found if path.is_file() and path.name != OWNER]


def test_a_data_set_lies_behind_its_room_and_is_read_back_as_from_any_store(shelf: Shelf) -> None:
    payload = stored(shelf, DATA[:70], DATA[70:])
    with PayloadStore(keep=True) as store:
        writer = store.writer(10)
        writer.write(DATA)
        other = writer.finish(True)
        assert (payload.length, payload.sha256, payload.complete) == (other.length, other.sha256, other.complete)
        assert payload.head() == other.head() == DATA[:10]
        assert list(payload.pieces()) == list(other.pieces())
    [path] = files(shelf)
    assert path.read_bytes() == bytes(4) + DATA


def test_taken_it_has_a_header_and_is_not_kept_any_more(shelf: Shelf, tmp_path: Path) -> None:
    payload = stored(shelf, DATA)
    assert payload.kept and not shelf.taken
    path = payload.take(b"HEAD")
    assert path is not None and path.read_bytes() == b"HEAD" + DATA
    path.rename(tmp_path / "mine")
    assert shelf.taken and not payload.kept and payload.take(b"HEAD") is None
    assert payload.head() == DATA[:10]
    with pytest.raises(LookupError):
        payload.pieces()


@pytest.mark.parametrize("header", [b"", b"HEA", b"HEADS"])
def test_a_header_of_another_length_does_not_go_in_front(header: bytes, shelf: Shelf) -> None:
    payload = stored(shelf, DATA)
    assert payload.take(header) is None and payload.kept and not shelf.taken
    assert b"".join(payload.pieces()) == DATA


def test_unseen_bytes_are_zeros_to_the_very_end(shelf: Shelf) -> None:
    payload = stored(shelf, b"abc", 5, b"def", 7, complete=False)
    assert b"".join(payload.pieces()) == b"abc" + bytes(5) + b"def" + bytes(7)
    assert (payload.missing, payload.sha256, payload.head()) == (((3, 8), (11, 18)), None, b"abc")
    path = payload.take(b"HEAD")
    assert path is not None and path.read_bytes() == b"HEADabc" + bytes(5) + b"def" + bytes(7)


@pytest.mark.parametrize("parts", [(5, b"abc"), ()], ids=["a hole first", "nothing"])
def test_what_has_no_beginning_does_not_lie_there(parts: tuple[bytes | int, ...], shelf: Shelf) -> None:
    payload = stored(shelf, *parts)
    assert files(shelf) == [] and payload.kept and payload.take(b"HEAD") is None
    assert b"".join(payload.pieces()) == (bytes(5) + b"abc" if parts else b"")


def test_without_a_place_a_data_set_is_kept_with_all_others(shelf: Shelf) -> None:
    open_files: list[ShelfFile | None] = [shelf.file(0) for _ in range(MOST_OPEN)]
    assert all(open_files) and shelf.file(0) is None
    payload = stored(shelf, DATA)
    assert payload.take(b"HEAD") is None and b"".join(payload.pieces()) == DATA
    for file in open_files:
        assert file is not None
        file.finish()
    assert stored(shelf, DATA).take(b"HEAD") is not None


def test_nothing_is_made_before_it_is_wanted_and_nothing_is_left_but_what_was_taken(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "far" / "out")
    assert not (tmp_path / "far").exists()
    with PayloadStore(keep=True, shelf=shelf) as store:
        writer = store.writer(10, 0)
        writer.write(DATA)
        writer.finish(True)
        assert len(files(shelf)) == 1
    assert list(shelf.directory.iterdir()) == []


def test_a_full_disk_is_said_with_the_name_of_the_place(shelf: Shelf) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(OSError) as caught:
            stored(shelf, DATA, DATA)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(shelf.directory))


def test_another_process_puts_its_files_into_the_same_folder_under_names_of_its_own(shelf: Shelf) -> None:
    own, theirs = stored(shelf, DATA), stored(shelf.branch("1-"), DATA[:9])
    names = {path.name for path in files(shelf)}
    assert names == {"1", "1-1"} and len({path.parent for path in files(shelf)}) == 1
    assert b"".join(theirs.pieces()) == DATA[:9]
    assert b"".join(own.pieces()) == DATA


def test_a_branch_clears_nothing_and_the_shelf_clears_all(shelf: Shelf) -> None:
    branch = shelf.branch("1-")
    stored(branch, DATA)
    branch.clear()
    assert files(shelf)
    shelf.clear()
    assert not files(shelf)
