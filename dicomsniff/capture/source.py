"""The front door of the room: files, directories and patterns in, one source of packet blocks out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from dicomsniff.capture.block import I64, ORIGIN, CaptureFacts, PacketBlock
from dicomsniff.capture.capture_file import CaptureFile
from dicomsniff.capture.distinct import distinct
from dicomsniff.capture.paths import expand
from dicomsniff.capture.points import Point
from dicomsniff.capture.timeline import merge
from dicomsniff.core import LIMITS, Limits


class PacketSource(Protocol):
    """Where packets come from, be it files or an interface."""

    def blocks(self) -> Iterator[PacketBlock]:
        """The packets, once, in order; no block is empty."""
        ...

    def facts(self) -> tuple[CaptureFacts, ...]:
        """What is known by now of each capture."""
        ...


class CaptureSource:
    """Capture files as one timeline; a PacketSource and a context manager that closes the files.

    `blocks` is one pass. `facts` are in the order of the timeline, complete once that pass is over. Where the files turn
    out to be of several points of capture, `regroup` says so and the pass begins anew, a timeline for each point.
    """

    def __init__(self, files: Sequence[CaptureFile]) -> None:
        self._files = tuple(files)
        self._points: tuple[tuple[CaptureFile, ...], ...] = (self._files,)
        self._count = 0
        self._streams = self._timelines()

    def blocks(self) -> Iterator[PacketBlock]:
        """The packets of all files in the order of time, numbered from 1. Raises OSError where reading fails. With
        several points one point comes after the other."""
        for stream in self._streams:
            yield from stream

    def streams(self, together: bool = False) -> Iterator[Iterator[PacketBlock]]:
        """The packets of each point, to be read one point after the other and numbered throughout; with `together` at
        once, each numbered on its own."""
        return self._timelines(together)

    def regroup(self, points: Sequence[tuple[Point, Sequence[int]]]) -> None:
        """Begin anew: the files, by their places so far, belong to these points, the one whose clock counts first."""
        groups = [[(self._files[place], point) for place in places] for point, places in points]
        for file, point in (pair for group in groups for pair in group):
            file.rest()
            file.point = point
        self._points = tuple(tuple(file for file, _ in group) for group in groups)
        self._files = tuple(file for group in self._points for file in group)

    @property
    def files(self) -> tuple[CaptureFile, ...]:
        """The files in the order in which packets name them as their origin."""
        return self._files

    def settle(self, origin: I64, number: I64) -> None:
        """Packets of these origins have these final numbers, both of shape (n,)."""
        for place in distinct(origin >> ORIGIN).tolist():
            rows = np.flatnonzero(origin >> ORIGIN == place)
            rows = rows[np.argsort(origin[rows], kind="stable")]
            self._files[place].tally.renumber(origin[rows] & ((1 << ORIGIN) - 1), number[rows])

    def _timelines(self, together: bool = False) -> Iterator[Iterator[PacketBlock]]:
        place = 0
        for files in self._points:
            yield self._timeline(files, place, together)
            place += len(files)

    def _timeline(self, files: Sequence[CaptureFile], place: int, together: bool) -> Iterator[PacketBlock]:
        count = 0 if together or not place else self._count
        for block in merge(files, count, place, several=len(self._files) > 1, final=not together):
            self._count = int(block.number[-1])
            yield block

    def facts(self) -> tuple[CaptureFacts, ...]:
        """What is known of each file so far."""
        return tuple(file.facts() for file in self._files)

    @property
    def size(self) -> int:
        """Bytes of all files, as they lie on the disk; 0 for those that are no plain file."""
        return sum(file.size for file in self._files)

    @property
    def secrets(self) -> bytes:
        """TLS key log lines that pcapng files carry in Decryption Secrets Blocks, as far as they have been read."""
        return b"".join(bytes(file.tally.secrets) for file in self._files)

    def close(self) -> None:
        """Closes every file; what was not read is not read any more."""
        for file in self._files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_captures(paths: Sequence[str | Path], limits: Limits = LIMITS) -> CaptureSource:
    """Opens captures: files, directories (every capture directly in them) and glob patterns, in any order.

    Files that begin at the same time stay as given, those with whole packets before others; one whose first packet has no time comes first.
    Formats are told by magic number: pcap, pcapng, either of them in gzip or zstd. Raises CaptureError with one line
    for what is no such file or matches none, and OSError (FileNotFoundError, PermissionError …) as the system does.
    """
    files: list[CaptureFile] = []
    try:
        names = expand(paths)
        for name in names:
            files.append(CaptureFile(name, limits, len(files)))
            if len(names) > 1:
                files[-1].peek()
                files[-1].rest()
        return CaptureSource(sorted(files, key=lambda file: (file.first_ns, file.shortened)))
    except BaseException:
        for file in files:
            file.close()
        raise


def secrets_of(source: PacketSource) -> bytes:
    """The TLS key log lines that a source has shown so far; of an interface, none."""
    return source.secrets if isinstance(source, CaptureSource) else b""
