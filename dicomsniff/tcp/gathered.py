"""Bytes that are in order and the packets that carried them in; one chunk of them out."""

from __future__ import annotations

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk


class Gathered:
    """What one direction has delivered since its last chunk, the next in the making: by segment the offset where it begins
    (`starts`), its packet, its time (`times`) and what its sender had received. Segments whose bytes nobody wants are kept
    without them, to know a copy by."""

    __slots__ = ("_begin", "_heard", "_numbers", "_pieces", "starts", "times")

    def __init__(self) -> None:
        self._begin = 0
        self._pieces: list[bytes | memoryview] = []
        self.starts: list[int] = []
        self._numbers: list[int] = []
        self.times: list[int] = []
        self._heard: list[int] = []

    def add(self, start: int, piece: bytes | memoryview | None, number: int, time_ns: int, heard: int) -> None:
        """One segment whose new bytes begin at `start`."""
        if piece is not None:
            if not self._pieces:
                self._begin = start
            self._pieces.append(piece)
        self.starts.append(start)
        self._numbers.append(number)
        self.times.append(time_ns)
        self._heard.append(heard)

    def add_run(
        self, pieces: list[memoryview], starts: list[int], numbers: list[int], times: list[int], heard: list[int]
    ) -> None:
        """Segments that follow one another."""
        if not self._pieces:
            self._begin = starts[0]
        self._pieces += pieces
        self.starts += starts
        self._numbers += numbers
        self.times += times
        self._heard += heard

    def chunk(self, connection: int, direction: Direction) -> Chunk | None:
        """All of it, None where nobody wants the bytes."""
        pieces = self._pieces
        if not pieces:
            return None
        data = bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)
        return Chunk(connection, direction, self._begin, data, self.starts, self._numbers, self.times, self._heard)
