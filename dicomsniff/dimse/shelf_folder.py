"""A directory in, a hidden folder within it out; what a process left there that was killed, the next one takes away."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

PREFIX = ".dicomsniff-"
OWNER = "owner"
"""A file that the owner of the folder holds open and locked. It has this name only once it is locked."""


class ShelfFolder:
    """Made at once, gone when closed. Raises OSError as the file system does."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for left in directory.glob(f"{PREFIX}*"):
            _sweep(left)
        self._made = TemporaryDirectory(prefix=PREFIX, dir=directory)
        self.path = self._made.name
        self._owner = _owned(Path(self.path))

    def close(self) -> None:
        """With all that is in it."""
        if self._owner is not None:
            self._owner.close()
        self._made.cleanup()


def _owned(folder: Path) -> IO[bytes] | None:
    """The lock; None where the file system knows none: then the folder is nobody's to take away."""
    file = (folder / f"{OWNER}.new").open("xb")
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    if sys.platform != "win32":  # there an open file is its own lock, and keeps its name
        os.rename(folder / f"{OWNER}.new", folder / OWNER)
    return file


def _sweep(folder: Path) -> None:
    """Take it away if its owner has died."""
    name = f"{OWNER}.new" if sys.platform == "win32" else OWNER
    with suppress(OSError):  # still owned, or somebody else takes it away
        with (folder / name).open("rb") as file:
            _lock(file)
        if sys.platform == "win32":
            (folder / name).unlink()
        shutil.rmtree(folder, ignore_errors=True)


def _lock(file: IO[bytes]) -> None:
    """Raises OSError where another process has it."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
