"""A TLS key log that is being written in, the secrets in it by now out."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from dicomsniff.tls.keylog import MASTER, PREMASTER, TRAFFIC, Keys

SESSIONS = 20_000
"""Whose secrets are kept, the latest: a thousand bytes each."""
PIECE = 16 << 20
"""Read at once at most."""


class GrowingKeys(Keys):
    """The keys of a log that grows; a file that is not there yet, or was begun anew, is one too. True although nothing is
    known yet: what is encrypted may open later."""

    __slots__ = ("_at", "_path", "_rest", "_which", "waiting")

    def __init__(self, path: Path | None, server_keys: tuple[bytes, ...] = ()) -> None:
        super().__init__({}, server_keys)
        self._path = path
        self._at, self._rest = 0, b""
        self._which = 0
        self.waiting = 0  # bytes of connections whose keys have not come

    def __bool__(self) -> bool:
        return True

    def refresh(self) -> int:
        """Read what was written since; how many secrets came."""
        if self._path is None:
            return 0
        data = b""
        with suppress(OSError), self._path.open("rb") as file:
            status = os.fstat(file.fileno())
            if (
                status.st_ino != self._which or status.st_size < self._at
            ):  # another file, or this one from its beginning
                self._which, self._at, self._rest = status.st_ino, 0, b""
            file.seek(self._at)
            data = file.read(PIECE)
            self._at += len(data)
        if not data:
            return 0
        lines, _, self._rest = (self._rest + data).rpartition(b"\n")
        found = self.learn(lines)
        for random in list(self.secrets)[: max(0, len(self.secrets) - SESSIONS)]:
            del self.secrets[random]
        return found

    def enough(self, random: bytes) -> bool:
        """Whether a session can be opened: a log of TLS 1.3 gets its lines one by one."""
        known = self.of(random)
        return bool(self.server_keys) or MASTER in known or PREMASTER in known or all(one in known for one in TRAFFIC)
