"""Packet blocks in, their TCP segments out, each packet once: all of the TCP room that looks at every packet alike.

What comes after it (`assembler`) looks at each connection for itself, so that connections can be shared out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dicomsniff.capture.block import PacketBlock
from dicomsniff.core import LIMITS, Limits
from dicomsniff.core.records import dataclass, replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.copies import Copies
from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.multipath import Multipath
from dicomsniff.tcp.numberings import Numberings
from dicomsniff.tcp.odd import QuotedSyn
from dicomsniff.tcp.renumbered import Renumbered
from dicomsniff.tcp.segments import I64, U8, Segments, join_segments
from dicomsniff.tcp.silences import Silence, Silences

if TYPE_CHECKING:
    from dicomsniff.tcp.witness import Witness


@dataclass(frozen=True, slots=True)
class Sighted:
    """One block: its `segments` without `copies` (segments that the capture held before), the buffer `data` that their
    offsets refer to, ICMP refusals, and for each segment `clock`, int64 (n,): the latest time of any packet up to it.
    `latest_ns` is that time at the end of the block."""

    segments: Segments
    clock: I64
    data: U8
    copies: Segments
    quotes: list[QuotedSyn]
    latest_ns: int

    def take(self, rows: I64, copies: I64) -> Sighted:
        """These segments and these copies only, over the same buffer."""
        return replace(self, segments=self.segments.take(rows), clock=self.clock[rows], copies=self.copies.take(copies))


class Odd(NamedTuple):
    """Packets with a link layer that was not understood, and such of which IP fragments overlapped and did not agree; what
    senders' clocks tell of silences."""

    not_decoded: int = 0
    contradictory: int = 0
    silences: tuple[Silence, ...] = ()

    def plus(self, other: Odd) -> Odd:
        """Those of two captures."""
        silences = (*self.silences, *other.silences)
        return Odd(self.not_decoded + other.not_decoded, self.contradictory + other.contradictory, silences)


NOTHING = Odd()


class Sighting:
    """Decodes blocks in order and takes out the packets that were captured again; counts both those and what is
    odd."""

    def __init__(self, limits: Limits = LIMITS, book: EndpointBook | None = None) -> None:
        self.book = EndpointBook(limits) if book is None else book
        self._decoder = Decoder(self.book)
        self._clock = np.iinfo(np.int64).min  # the latest time of any packet so far
        self._silences = Silences()
        self._multipath = Multipath()
        self._renumbered = Renumbered()
        self._numberings = Numberings()
        self._copies = Copies(limits)
        self.witness: Witness | None = None  # to be shown all segments
        self._not_decoded = 0
        self.copies = 0

    @property
    def odd(self) -> Odd:
        """So far."""
        return Odd(self._not_decoded, self._decoder.differing, self._silences.told())

    def sight(self, block: PacketBlock) -> Sighted:
        """Never raises for any packet bytes."""
        decoded = self._decoder.decode(block)
        self._not_decoded += decoded.not_decoded
        if self.witness is not None:
            self.witness.see(decoded, block)
        segments = decoded.segments
        self._silences.see(block, segments, decoded.data)
        clock = self._tick(block, segments)
        segments = self._multipath.gather(segments, decoded.data)
        segments, clock, renumbered = _parted(segments, clock, self._renumbered.find(segments, decoded.data))
        segments, gone = self._numberings.join(segments, clock, decoded.data)
        segments, clock, strange = _parted(segments, clock, gone)
        segments, clock, twice = _parted(segments, clock, self._copies.find(segments, clock, decoded.data))
        if len(renumbered) or len(strange):
            twice = join_segments([twice, renumbered, strange])
        self.copies += len(twice)
        return Sighted(segments, clock, decoded.data, twice, decoded.quotes, self._clock)

    def look(self, block: PacketBlock) -> None:
        """Show a block to the witness only."""
        if self.witness is not None:
            self.witness.see(self._decoder.decode(block), block)

    def _tick(self, block: PacketBlock, segments: Segments) -> I64:
        """For each segment the latest time of any packet up to it: its own, unless times go back."""
        if not len(block):
            return segments.time_ns
        first, clock = self._clock, np.maximum.accumulate(block.time_ns)
        self._clock = max(first, int(clock[-1]))
        if first <= block.time_ns[0] and (clock == block.time_ns).all():
            return segments.time_ns
        return np.maximum(first, clock[np.searchsorted(block.number, segments.number)])


def _parted(segments: Segments, clock: I64, rows: I64) -> tuple[Segments, I64, Segments]:
    """What is left without these rows, and they themselves."""
    taken = segments.take(rows)
    if len(rows):
        once = np.delete(np.arange(len(clock)), rows)
        segments, clock = segments.take(once), clock[once]
    return segments, clock, taken
