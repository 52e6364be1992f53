"""Names and contents in, files out that are there whole or not at all.

Two threads write: making and filling a file is the system's work, in which the interpreter is free for the next one.
"""

from __future__ import annotations

import errno
import filecmp
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

WRITERS = 2
WAITING = 8
"""Files asked for and not written yet: so many contents may be read at a time, a piece of each."""


class Files:
    """Files of one directory, which exists; all are there once the `with` statement is left. Without `force`
    other contents under one of the names are not overwritten; the same contents may be written again."""

    def __init__(self, directory: Path, force: bool = True) -> None:
        self._directory, self._force = directory, force
        self._pool = ThreadPoolExecutor(WRITERS)
        self._waiting: deque[Future[None]] = deque()

    def write(self, name: str, pieces: Iterator[bytes]) -> None:
        """A file with these contents, in the place of one of that name. Raises FileExistsError or what else the
        file system did for this file or one before it."""
        self._waiting.append(self._pool.submit(_write_whole, self._directory / name, pieces, self._force))
        if len(self._waiting) > WAITING:
            self._waiting.popleft().result()

    def __enter__(self) -> Files:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while kind is None and self._waiting:
                self._waiting.popleft().result()
        finally:
            self._pool.shutdown(cancel_futures=True)


def _write_whole(path: Path, pieces: Iterator[bytes], force: bool) -> None:
    part = path.with_name(path.name + ".part")
    try:
        if path.parent.name and not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb", buffering=0) as stream:
            for piece in pieces:
                view = memoryview(piece)
                while view:
                    view = view[stream.write(view) :]
        if not force and path.exists() and not filecmp.cmp(part, path, shallow=False):
            raise FileExistsError(errno.EEXIST, "it is there with other contents; --force overwrites it", str(path))
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
