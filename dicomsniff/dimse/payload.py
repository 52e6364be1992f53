"""Where data-set bytes go: hashed as they pass, their head kept, the whole kept only when asked, spilled past a limit."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, cast

from dicomsniff.core import LIMITS
from dicomsniff.core.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from hashlib import _Hash
    from types import TracebackType

    from dicomsniff.core import Limits
    from dicomsniff.dimse.shelf import Shelf, ShelfFile

_PIECE = 1 << 20
_SPILL = 1 << 20  # once a file exists, bytes go there in writes of this size: small enough to stay in the cache


def _sha256(view: memoryview | bytes = b"") -> _Hash:
    """The hash begins with these bytes. It comes with OpenSSL, which is loaded where there is a data set."""
    from hashlib import sha256

    return sha256(view)


@dataclass(frozen=True, slots=True)
class Payload:
    """One data set as it crossed the wire, by reference.

    `length` counts all bytes from the first fragment to the last seen, including unseen ones; `missing` lists unseen
    ranges (start, end) within it. `sha256` is the hash of the bytes as they crossed the wire, None unless every byte
    was seen. `complete`: first to last fragment, every byte.
    """

    length: int
    missing: tuple[tuple[int, int], ...]
    complete: bool
    sha256: str | None
    _store: PayloadStore
    _head: tuple[int, int]  # where the kept head lies in the store: offset, length
    _extents: tuple[tuple[int, int], ...] | None  # where its seen bytes lie, in order, when the whole was kept there
    _file: ShelfFile | None = None  # where the whole lies otherwise

    @property
    def missing_bytes(self) -> int:
        return sum(end - start for start, end in self.missing)

    @property
    def kept(self) -> bool:
        """Whether the whole data set can be read back."""
        return self._extents is not None or (self._file is not None and self._file.there)

    @property
    def head_length(self) -> int:
        """Of how many bytes the head is, without reading them."""
        return self._head[1]

    def head(self) -> bytes:
        """The leading bytes that were kept (contiguous from the first byte; shorter where some were not seen).

        Raises ValueError once the store is closed."""
        return self._store.read(*self._head)

    def pieces(self) -> Iterator[bytes]:
        """The whole data set in order in pieces of at most 1 MiB, unseen ranges as zeros.

        Raises LookupError unless `kept`, ValueError once the store is closed."""
        self._store.check_open()
        if not self.kept:
            raise LookupError("the data set was not kept: open the PayloadStore with keep=True")
        return self._pieces(self._extents) if self._extents is not None else self._pieces_of_file()

    def take(self, header: bytes) -> Path | None:
        """A file of this header and the whole data set, to be moved elsewhere, if that is where it lies; it is not kept
        any more then. Raises OSError as the file system does."""
        return self._file.take(header) if self._file is not None and self._file.there else None

    def _pieces_of_file(self) -> Iterator[bytes]:
        assert self._file is not None
        for start in range(0, self.length, _PIECE):
            yield self._file.read(start, min(_PIECE, self.length - start))

    def _pieces(self, extents: tuple[tuple[int, int], ...]) -> Iterator[bytes]:
        position = 0
        holes = iter((*self.missing, (self.length, self.length)))
        start, end = next(holes)
        for offset, length in extents:
            while length:
                while position == start and start < end:
                    yield from _zeros(end - start)
                    position = end
                    start, end = next(holes)
                size = min(length, _PIECE, start - position)
                yield self._store.read(offset, size)
                offset, length, position = offset + size, length - size, position + size
        yield from _zeros(self.length - position)


def _zeros(length: int) -> Iterator[bytes]:
    for done in range(0, length, _PIECE):
        yield bytes(min(_PIECE, length - done))


class PayloadStore:
    """Keeps payload bytes: in memory up to a limit, then in a temporary file that goes when the store is closed.

    All writers share one growing log, so that 200,000 heads are one buffer and not 200,000 objects. With `keep` the
    whole of every data set is kept, else only its head; those that are likely to be exported lie on the `shelf`, where there is
    one, in files of their own. `path` names the file, for another process to adopt once this one
    has left it there. One thread may write; several may read once it is done.
    """

    def __init__(
        self, limits: Limits = LIMITS, keep: bool = False, path: str | None = None, shelf: Shelf | None = None
    ) -> None:
        self.keep = keep
        self.shelf = shelf
        self._path = path
        self._reading = Lock()
        self._memory = bytearray()
        self._spilled = 0  # bytes of the log that are in the file; the rest is in memory
        self._threshold = limits.payload_memory_bytes
        self._file: BinaryIO | None = None
        self._closed = False
        self._adopted: list[PayloadStore] = []  # stores of other processes, closed with this one

    @property
    def whole(self) -> bool:
        """Whether every data set is there still."""
        return self.keep and not (self.shelf is not None and self.shelf.taken)

    def writer(self, head_bytes: int, room: int | None = None) -> PayloadWriter:
        """A writer for one data set, of which the first `head_bytes` are kept. `room`: bytes that are free in front
        of it where it lies on the shelf; None where it need not."""
        return PayloadWriter(self, head_bytes, room if self.keep else None)

    def append(self, data: bytes | bytearray | memoryview) -> int:
        """Add bytes to the log; returns their offset in it. Raises ValueError once closed."""
        if self._closed:
            self.check_open()
        memory = self._memory
        offset = self._spilled + len(memory)
        memory += data
        if len(memory) > self._threshold:
            self._spill()
        return offset

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the log. Raises ValueError once closed."""
        if self._closed:
            self.check_open()
        in_memory = offset - self._spilled
        if in_memory >= 0:
            return bytes(memoryview(self._memory)[in_memory : in_memory + length])
        from_file = self._read_file(offset, min(length, -in_memory))
        if len(from_file) == length:
            return from_file
        return from_file + bytes(memoryview(self._memory)[: length - len(from_file)])

    def _read_file(self, offset: int, length: int) -> bytes:
        """Without moving in the file where that can be: copies of a process share the place in it."""
        assert self._file is not None
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), length, offset)
        with self._reading:
            self._file.seek(offset)
            return self._file.read(length)

    def leave(self) -> None:
        """Put the whole log into the file that has a name, for another process to adopt, and close."""
        self._spill()
        self.close()

    def log(self) -> bytes:
        """The whole log, for a process that shares no files with this one."""
        return self.read(0, self._spilled + len(self._memory))

    def adopt_bytes(self, log: bytes) -> PayloadStore:
        """A store over a log that came as bytes."""
        adopted = PayloadStore()
        adopted.append(log)
        self._adopted.append(adopted)
        return adopted

    def adopt(self, path: str) -> PayloadStore:
        """A store over the log in a file and, for what lies there, over the same shelf, which goes when this store is closed (where the system lets open files go, it
        goes at once)."""
        adopted = PayloadStore(keep=self.keep, shelf=self.shelf)
        adopted._file = Path(path).open("rb")  # noqa: SIM115
        adopted._spilled = Path(path).stat().st_size
        self._adopted.append(adopted)
        with suppress(PermissionError):
            Path(path).unlink()
        return adopted

    def check_open(self) -> None:
        """Raises ValueError once the store is closed."""
        if self._closed:
            raise ValueError("the payload store is closed: read data sets before closing it")

    def close(self) -> None:
        """Forget everything, for good."""
        self._closed = True
        self.forget()

    def forget(self) -> None:
        """Forget everything, to begin anew; the temporary file goes."""
        for each in self._adopted:
            each.close()
        if self.shelf is not None:
            self.shelf.clear()
        self._memory = bytearray()
        self._spilled = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> PayloadStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _spill(self) -> None:
        if self._file is None:
            self._file = self._new_file()
            self._threshold = min(self._threshold, _SPILL)
        self._file.seek(self._spilled)
        view = memoryview(self._memory)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            from tempfile import gettempdir

            raise OSError(error.errno, error.strerror, self._path or gettempdir()) from error
        self._spilled += len(self._memory)
        self._memory = bytearray()

    def _new_file(self) -> BinaryIO:
        if self._path is not None:
            return cast("BinaryIO", Path(self._path).open("x+b", buffering=0))
        from tempfile import TemporaryFile  # 5 ms that most captures do not need

        return cast("BinaryIO", TemporaryFile(prefix="dicomsniff-", buffering=0))


class PayloadWriter:
    """Takes the bytes of one data set in order; gives a Payload. Views are read at once and never kept."""

    __slots__ = ("_extents", "_file", "_front", "_hash", "_head", "_length", "_missing", "_room", "_store")

    def __init__(self, store: PayloadStore, head_bytes: int, front: int | None) -> None:
        self._store = store
        self._length = 0
        self._missing: list[tuple[int, int]] | None = None
        self._hash: _Hash | None = None
        self._head: bytes | bytearray = b""
        self._room = head_bytes
        self._extents: list[tuple[int, int]] | None = [] if store.keep else None
        self._front = front
        self._file: ShelfFile | None = None

    @property
    def length(self) -> int:
        """Bytes so far, unseen ones included."""
        return self._length

    def write(self, view: memoryview | bytes) -> None:
        """The next bytes."""
        size = len(view)
        if not size:
            return
        if self._hash is not None:
            self._hash.update(view)
        elif self._missing is None:
            self._hash = _sha256(view)
        if self._front is not None:
            self._begin_file(self._front)
        self._length += size
        if self._extents is not None:
            self._keep(view, self._extents)
            return
        if self._room:
            self._keep_head(view, size)
        if self._file is not None:
            self._file.write(view)

    def skip(self, length: int) -> None:
        """The next `length` bytes were not seen: no hash of the whole, and the head ends here at the latest."""
        if length <= 0:
            return
        start = self._length
        self._length = end = start + length
        self._front = None  # its beginning was not seen: who knows what it is
        if self._file is not None:
            self._file.skip(length)
        if self._missing is None:
            self._missing = []
        if self._missing and self._missing[-1][1] == start:
            start = self._missing.pop()[0]
        self._missing.append((start, end))
        self._hash = None
        if self._extents is None:
            self._room = 0

    def finish(self, complete: bool) -> Payload:
        """The data set as far as it came; `complete` says that its last fragment was seen."""
        missing = tuple(self._missing) if self._missing else ()
        digest = None if missing or not complete else (self._hash or _sha256()).hexdigest()
        store, extents, file = self._store, self._extents, self._file
        if file is not None:
            file.finish(bool(missing) and missing[-1][1] == self._length)
        if extents is None:
            head, kept = (store.append(self._head), len(self._head)), None
        else:
            head, kept = self._head_of(extents, missing[0][0] if missing else self._length), tuple(extents)
        return Payload(self._length, missing, complete and not missing, digest, store, head, kept, file)

    def _begin_file(self, front: int) -> None:
        """The first bytes: the data set goes to the shelf, if there is a place."""
        self._front = None
        if self._store.shelf is not None:
            self._file = self._store.shelf.file(front)
        if self._file is not None:
            self._extents = None

    def _keep_head(self, view: memoryview | bytes, size: int) -> None:
        if size > self._room:
            view, size = view[: self._room], self._room
        if not self._head:
            self._head = bytes(view)
        else:
            if isinstance(self._head, bytes):
                self._head = bytearray(self._head)
            self._head += view
        self._room -= size

    def _keep(self, view: memoryview | bytes, extents: list[tuple[int, int]]) -> None:
        offset = self._store.append(view)
        if extents and sum(extents[-1]) == offset:
            first, length = extents[-1]
            extents[-1] = (first, length + len(view))
        else:
            extents.append((offset, len(view)))

    def _head_of(self, extents: list[tuple[int, int]], seen: int) -> tuple[int, int]:
        """Where the head lies: at the start of the first extent, or copied together where other writers came between."""
        wanted = min(self._room, seen)
        if not wanted:
            return 0, 0
        if extents[0][1] >= wanted:
            return extents[0][0], wanted
        head = bytearray()
        for offset, length in extents:
            head += self._store.read(offset, min(length, wanted - len(head)))
            if len(head) == wanted:
                break
        return self._store.append(head), wanted
