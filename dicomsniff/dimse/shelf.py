"""Data sets in, each in a file of its own out, with room in front for what an export writes there: an object that is to be
a file in the end is written once."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from dicomsniff.dimse.shelf_folder import ShelfFolder

MOST_OPEN = 64
"""Files open at a time, of as many connections in the middle of an object; systems allow 256 and more."""


class Shelf:
    """A folder of such files within `directory`, which is made when the first of them is wanted; what nobody took goes when
    the shelf is cleared. `name` begins the names of the files."""

    def __init__(self, directory: Path, name: str = "") -> None:
        self.directory = directory
        self.taken = False  # one of the files is somebody else's now
        self.open = 0
        self._owned: ShelfFolder | None = None
        self._folder = ""
        self._name = name
        self._files = 0

    def branch(self, name: str) -> Shelf:
        """A shelf for another process, over the same folder, which is made now; its files go when this one is cleared.
        Raises OSError as the file system does."""
        self._make()
        made = Shelf(self.directory, name)
        made._folder = self._folder
        return made

    def file(self, room: int) -> ShelfFile | None:
        """A new one with `room` bytes free in front; None where too many are open. Raises OSError as the file system
        does."""
        if self.open >= MOST_OPEN:
            return None
        self._make()
        self._files += 1
        return ShelfFile(self, os.path.join(self._folder, f"{self._name}{self._files}"), room)

    def clear(self) -> None:
        """Nothing is wanted any more."""
        if self._owned is not None:
            self._owned.close()
            self._owned = None
        self._folder = ""
        self.open = 0

    def _make(self) -> None:
        if not self._folder:
            self._owned = ShelfFolder(self.directory)
            self._folder = self._owned.path


class ShelfFile:
    """The bytes of one data set behind `room` free ones; zeros where they were not seen. Raises OSError as the file system
    does."""

    __slots__ = ("_file", "_path", "_room", "_shelf")

    def __init__(self, shelf: Shelf, path: str, room: int) -> None:
        self._shelf, self._path, self._room = shelf, path, room
        self._file: FileIO | None = FileIO(path, "x+")
        self._file.seek(room)
        shelf.open += 1

    @property
    def there(self) -> bool:
        """Whether nobody has taken it."""
        return os.path.exists(self._path)

    def write(self, view: memoryview | bytes) -> None:
        """The next bytes."""
        assert self._file is not None
        try:
            done = self._file.write(view)
            while done < len(view):
                done += self._file.write(view[done:])
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._shelf.directory)) from error

    def skip(self, length: int) -> None:
        """The next `length` bytes were not seen."""
        assert self._file is not None
        self._file.seek(length, os.SEEK_CUR)

    def finish(self, in_hole: bool = False) -> None:
        """All was written; `in_hole`: what was not seen is last."""
        assert self._file is not None
        if in_hole:
            self._file.truncate()  # to where it stands
        self._file.close()
        self._file = None
        self._shelf.open -= 1

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the data set, once it is finished."""
        with FileIO(self._path) as file:
            file.seek(self._room + offset)
            return file.read(length)

    def take(self, header: bytes) -> Path | None:
        """The file with this header in front, to be moved elsewhere; None where the room is not as long."""
        if len(header) != self._room:
            return None
        with FileIO(self._path, "r+") as file:
            file.write(header)
        self._shelf.taken = True
        return Path(self._path)
