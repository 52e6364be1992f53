"""The front door of the room: files, directories and patterns in, one source of packet blocks out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from dicomsniff.capture.block import CaptureFacts, PacketBlock
from dicomsniff.capture.capture_file import CaptureFile
from dicomsniff.capture.paths import expand
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

    `blocks` is one pass. `facts` are in the order of the timeline, complete once that pass is over.
    """

    def __init__(self, files: Sequence[CaptureFile]) -> None:
        self._files = files
        self._blocks = merge(files)

    def blocks(self) -> Iterator[PacketBlock]:
        """The packets of all files in the order of time, numbered from 1. Raises OSError where reading fails."""
        return self._blocks

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

    Files that begin at the same time stay as given; one whose first packet has no time comes first.
    Formats are told by magic number: pcap, pcapng, either of them in gzip or zstd. Raises CaptureError with one line
    for what is no such file or matches none, and OSError (FileNotFoundError, PermissionError …) as the system does.
    """
    files: list[CaptureFile] = []
    try:
        names = expand(paths)
        for name in names:
            files.append(CaptureFile(name, limits))
            if len(names) > 1:
                files[-1].peek()
                files[-1].rest()
        return CaptureSource(sorted(files, key=lambda file: file.first_ns))
    except BaseException:
        for file in files:
            file.close()
        raise
