"""Packet blocks in, a ring of pcapng files in one folder out: the latest packets, never more than was allowed."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path

from dicomsniff.capture import PacketBlock
from dicomsniff.capture.writer import PcapngWriter
from dicomsniff.core.patterns import pattern
from dicomsniff.core.records import dataclass

UNITS = {"": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
_SIZES = pattern(r"(\d+)x(\d+)(kB|MB|GB)?", re.IGNORECASE)
_NAMES = "dicomsniff-*-*.pcapng"
AGAIN_SECONDS = 5.0
"""How long to wait before trying again to write on a full disk."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many files, of how many bytes each."""

    files: int
    bytes: int


def sizes(text: str) -> Sizes:
    """ "10x100MB". Raises ValueError for anything else."""
    found = _SIZES.fullmatch(text.strip())
    units = {name.lower(): size for name, size in UNITS.items()}
    if found is None or int(found[1]) < 2 or int(found[2]) < 1:
        raise ValueError(f"'{text}' is no ring: write how many files (2 or more) of which size, as 10x100MB")
    return Sizes(int(found[1]), int(found[2]) * units[(found[3] or "").lower()])


class Ring:
    """Records everything. `write` gives what is to be said: that the disk is full, that it is not any more."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        """Raises OSError where the folder cannot be made or written to. Files of an earlier ring there belong to this one."""
        self.folder, self._sizes = folder, sizes
        folder.mkdir(parents=True, exist_ok=True)
        self._old = sorted(folder.glob(_NAMES))
        self._spans: dict[Path, tuple[int, int]] = {}
        self._pinned: set[Path] = set()
        self._count = len(self._old)
        self._missed = 0
        self._again = 0.0
        self._file: PcapngWriter | None = self._open()

    @property
    def missed(self) -> int:
        """Packets that could not be written since the disk became full."""
        return self._missed

    def write(self, block: PacketBlock) -> str:
        """Add packets; a new file is begun between blocks, so that nothing is lost there."""
        if self._missed and time.monotonic() < self._again:
            self._missed += len(block)
            return ""
        try:
            self._put(block)
        except OSError as error:
            return self._failed(block, error)
        missed, self._missed = self._missed, 0
        return f"recording again in {self.folder}; {missed} packets were not recorded" if missed else ""

    def files(self, since_ns: int, until_ns: int) -> list[Path]:
        """The files that hold packets of this time, oldest first."""
        spans = dict(self._spans)
        if self._file is not None and self._file.first_ns is not None:
            spans[Path(self._file.path)] = self._file.first_ns, self._file.last_ns
        return [path for path, (first, last) in sorted(spans.items()) if first <= until_ns and last >= since_ns]

    def pin(self, files: list[Path]) -> None:
        """Keep these until further notice: only they."""
        self._pinned = set(files)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _put(self, block: PacketBlock) -> None:
        while True:
            try:
                if self._file is None or self._file.size >= self._sizes.bytes:
                    self._turn()
                assert self._file is not None
                return self._file.write(block)
            except OSError as error:
                if error.errno != ENOSPC or not self._drop_oldest():
                    raise

    def _turn(self) -> None:
        if self._file is not None:
            done, self._file = self._file, None
            done.close()
            self._old.append(Path(done.path))
            if done.first_ns is not None:
                self._spans[Path(done.path)] = done.first_ns, done.last_ns
        while len(self._old) >= self._sizes.files and self._drop_oldest():
            pass
        self._file = self._open()

    def _open(self) -> PcapngWriter:
        self._count += 1
        name = f"dicomsniff-{datetime.now(UTC):%Y%m%dT%H%M%S}-{self._count:05d}.pcapng"
        return PcapngWriter(str(self.folder / name))

    def _drop_oldest(self) -> bool:
        """Delete the oldest file that nobody needs; whether there was one."""
        for path in self._old:
            if path not in self._pinned:
                self._old.remove(path)
                self._spans.pop(path, None)
                with suppress(OSError):
                    path.unlink()
                return True
        return False

    def _failed(self, block: PacketBlock, error: OSError) -> str:
        first = not self._missed
        self._missed += len(block)
        self._again = time.monotonic() + AGAIN_SECONDS
        return f"{self.folder}: {error.strerror}: packets are not recorded; the watch goes on" if first else ""
