"""A hole between the records of one direction and how many records it took in; how many bytes of content these had, out."""

from __future__ import annotations

from dicomsniff.tls.protection import Opener
from dicomsniff.tls.records import HEADER, Hole

LONGEST_CONTENT = 1 << 14


class Contents:
    """Content by length of the record, where padding makes that uncertain and only a record like it can tell."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def note(self, record_length: int, content_length: int) -> None:
        """A record of this length, header included, held so many bytes."""
        self._known[record_length] = content_length

    def lost(self, hole: Hole, end: int, records: int | None, opener: Opener | None) -> int:
        """Of the records from the hole's start to `end`; None where their number is not known."""
        size = end - hole.start
        if opener is None:
            return max(1, size - HEADER)
        each = HEADER + opener.overhead
        if records is None:
            records = 1 if hole.whole else max(1, round(size / (each + LONGEST_CONTENT)))
        if opener.exact:
            left = size - records * each
            return left if left >= 0 else 1  # more were passed over than lay here: others are missing besides
        tail = hole.tail if end == hole.end else b""
        if records == 1:
            length = self._of(size, tail, opener)
        elif records == 2 and hole.start < hole.split < end:
            length = self._of(hole.split - hole.start, b"", opener) + self._of(end - hole.split, tail, opener)
        else:
            length = self._guess(size, records, each)
        return max(1 if records else 0, length)  # how much was padding is not known: there may have been something

    def _of(self, size: int, tail: bytes, opener: Opener) -> int:
        """One record."""
        told = opener.content_length(size - HEADER, tail)
        return self._guess(size, 1, HEADER + opener.overhead) if told is None else told

    def _guess(self, size: int, records: int, each: int) -> int:
        """What others of that size held or, of the longest records, what such records hold."""
        length, longest = size - records * each, records * LONGEST_CONTENT
        return self._known.get(size, longest if abs(length - longest) <= 8 * records else length)
