"""Names and contents in, files out that are there whole or not at all.

Two threads write: making and filling a file is the system's work, in which the interpreter is free for the next one.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType

from dicomsniff.dimse.payload import Payload

WRITERS = 2
WAITING = 8
"""Files asked for and not written yet: so many contents may be read at a time, a piece of each."""
PIECE = 1 << 20
"""Bytes read at a time."""


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

    def put(self, name: str, header: bytes, payload: Payload) -> None:
        """A file of this header and a whole data set, which is moved where it lies as such a file already."""
        made = payload.take(header)
        if made is None:
            self.write(name, chain((header,), payload.pieces()))
        else:
            _move(made, self._directory / name, self._force)

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
        _make_folder(path)
        with part.open("wb", buffering=0) as stream:
            for piece in pieces:
                view = memoryview(piece)
                while view:
                    view = view[stream.write(view) :]
        _put_in_place(part, path, force)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None and error.filename is None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def _make_folder(path: Path) -> None:
    if path.parent.name and not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)


def _put_in_place(part: Path, path: Path, force: bool) -> None:
    """Give a file that is whole its name."""
    if not force and path.exists() and not _alike(part, path):
        raise FileExistsError(errno.EEXIST, "it is there with other contents; --force overwrites it", str(path))
    os.replace(part, path)


def _move(made: Path, path: Path, force: bool) -> None:
    """Give a file that lies elsewhere its place and name."""
    _make_folder(path)
    try:
        _put_in_place(made, path, force)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with made.open("rb", buffering=0) as stream:  # a folder of study or series is on another disk
            _write_whole(path, iter(partial(stream.read, PIECE), b""), force)


def _alike(one: Path, other: Path) -> bool:
    """Whether both files hold the same bytes; `filecmp` reads 8 kB at a time."""
    with one.open("rb", buffering=0) as first, other.open("rb", buffering=0) as second:
        if os.fstat(first.fileno()).st_size != os.fstat(second.fileno()).st_size:
            return False
        return all(a == b for a, b in zip(*(iter(partial(f.read, PIECE), b"") for f in (first, second)), strict=True))
