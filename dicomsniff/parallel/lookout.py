"""Blocks in as they are read, and out whether the captures can be shared out at all; with what only the whole shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dicomsniff.capture import PacketBlock
from dicomsniff.capture.places import Places
from dicomsniff.parallel.helper import CrewLostError
from dicomsniff.tcp.points import several_points
from dicomsniff.tcp.sighting import Sighting
from dicomsniff.tcp.witness import Witness


class Lookout:
    """Is shown every block behind its sighting, and tells `progress` how much was read. `files` are those of the capture."""

    def __init__(self, sighting: Sighting, files: Sequence[str], progress: Callable[[int], None] | None) -> None:
        self._sighting, self._files, self._progress = sighting, files, progress
        self._witness = sighting.witness = Witness() if len(files) > 1 else None
        self._read = 0
        self.places = Places()

    def see(self, block: PacketBlock) -> None:
        """One block. Raises CrewLostError where one process must follow the captures."""
        if block.origin is not None:
            self.places.add(block.number, block.origin)
        if self._sighting.book.crowded:
            raise CrewLostError("IPv6 addresses are so many that some are forgotten")
        if self._witness is not None and self._witness.due:
            self._compare(self._witness)
        self._read += block.data.nbytes
        if self._progress is not None:
            self._progress(block.data.nbytes)

    def finish(self) -> None:
        """There are no more blocks. Raises as `see`."""
        if self._witness is not None:
            self._compare(self._witness)

    def forget(self) -> None:
        """All will be read again."""
        if self._progress is not None and self._read:
            self._progress(-self._read)

    def _compare(self, witness: Witness) -> None:
        if several_points(witness.common(), self._files):
            raise CrewLostError("the files were captured at several points")
