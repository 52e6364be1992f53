"""Bytes as they are written: a pipe or a growing file in, what has come of it by now out; both can be told to stop."""

import os
import select
import stat
import time
from io import FileIO
from typing import Protocol

FOLLOW_SECONDS = 0.1
"""How often a growing file is looked at."""
PARTING_SECONDS = 0.3
"""After being told to stop, how long to wait for what is still on its way through a pipe."""
LONGEST_PARTING = 2.0


class LiveStream(Protocol):
    """A `ByteStream` that waits: `ready` says whether there is more within some seconds, `stop` ends the waiting."""

    compression: str

    @property
    def cut(self) -> bool: ...
    @property
    def notes(self) -> list[str]: ...

    def readinto(self, target: memoryview) -> int: ...
    def ready(self, seconds: float) -> bool: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


class PipeStream:
    """A pipe, a socket or standard input, by its file descriptor."""

    compression = ""
    cut = False

    def __init__(self, descriptor: int) -> None:
        self.notes: list[str] = []
        self._descriptor = descriptor
        self._wake, self._waker = os.pipe()
        self._parting: float | None = None
        self._selectable = os.name != "nt"  # select takes only sockets there

    def readinto(self, target: memoryview) -> int:
        """Waits for bytes; 0 at the end, or once told to stop and nothing more comes."""
        if self._selectable and not self._wait():
            return 0
        data = os.read(self._descriptor, min(len(target), 1 << 20))
        target[: len(data)] = data
        return len(data)

    def ready(self, seconds: float) -> bool:
        if not self._selectable or seconds <= 0:
            return False
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def stop(self) -> None:
        """Wait no longer; may be called from any thread."""
        self._parting = time.monotonic() + LONGEST_PARTING
        os.write(self._waker, b"x")

    def close(self) -> None:
        for each in (self._wake, self._waker):
            os.close(each)

    def _wait(self) -> bool:
        if self._parting is None and self._descriptor in select.select([self._descriptor, self._wake], [], [])[0]:
            return True
        left = (self._parting or 0.0) - time.monotonic()
        return self.ready(min(PARTING_SECONDS, left))


class GrowingStream:
    """A file that something still writes to; it ends when told to stop."""

    compression = ""

    def __init__(self, path: str) -> None:
        self.path = path
        self.notes: list[str] = []
        self.cut = False
        self._file = FileIO(path, "r")
        self._stopped = False

    def readinto(self, target: memoryview) -> int:
        while True:
            last = self._stopped  # what was written before that is still read
            count = self._file.readinto(target) or 0
            if count or last or self._over():
                return count
            time.sleep(FOLLOW_SECONDS)

    def ready(self, seconds: float) -> bool:
        return self._size() > self._file.tell()

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self._file.close()

    def _size(self) -> int:
        status = os.fstat(self._file.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else 0

    def _over(self) -> bool:
        """Whether the file became shorter: somebody began it anew."""
        if self._size() >= self._file.tell():
            return False
        self.cut = True
        self.notes.append("the file was cut short or begun anew while it was followed")
        return True
