"""What is known of one file while it is read: blocks and remarks in, CaptureFacts out."""

from collections.abc import Callable
from dataclasses import field

import numpy as np

from dicomsniff.capture.block import I64, CaptureFacts, PacketBlock
from dicomsniff.capture.clock import BREAKS, Clock
from dicomsniff.capture.distinct import distinct
from dicomsniff.core.digests import blake2b
from dicomsniff.core.records import dataclass

COMMENTS = 1000
"""Comments kept per file; people write a handful, a program that comments every packet says the same each time."""

LATE_NS = 1_000_000
"""Packets of several queues of a network card often stand out of order by microseconds; that harms nobody."""

FINGERPRINT_BYTES = 16 << 10
"""Of the first packets: some ten of full size, with sequence numbers that nobody guesses."""

_EMPTY = (
    "the capture holds no packets; a short tcpdump run without --immediate-mode may end before anything is saved, "
    "and a capture filter or interface may have been the wrong one"
)


@dataclass(slots=True)
class Tally:
    """A growing CaptureFacts. Drop counters are kept per interface: `reported_drops` are totals that statistics gave,
    `counted_drops` the losses noted packet by packet; both speak of the same packets, so the larger one counts."""

    path: str
    format: str = ""
    packets: int = 0
    bytes: int = 0
    first_packet: int = 0
    first_ns: int | None = None
    last_ns: int | None = None
    truncated_packets: int = 0
    orphan_packets: int = 0
    elsewhere: int = 0  # packets that another file holds too
    snap_length: int | None = None
    link_types: set[int] = field(default_factory=set)
    reported_drops: dict[int, int] = field(default_factory=dict)
    counted_drops: dict[int, int] = field(default_factory=dict)
    cut: bool = False
    finished: bool = False
    notes: list[str] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    secrets: bytearray = field(default_factory=bytearray)
    clock: Clock = field(default_factory=Clock)
    fingerprint: str = ""
    _renumbered: dict[int, int] = field(default_factory=dict)

    def add(self, block: PacketBlock) -> None:
        """Counts the packets of a block, which must not be empty."""
        if not self.packets:
            self.fingerprint = _fingerprint(block)
        self.packets += len(block)
        self.bytes += int(block.captured.sum())
        self.truncated_packets += int((block.captured < block.wire).sum())
        self.link_types.update(distinct(block.link_type).tolist())
        times = block.time_ns
        if times.min() < 0:
            times = times[times >= 0]
        if len(times):
            first, last = int(times.min()), int(times.max())
            self.first_ns = first if self.first_ns is None else min(first, self.first_ns)
            self.last_ns = last if self.last_ns is None else max(last, self.last_ns)

    def stop(self, note: str) -> None:
        """Nothing more can be read of this file, because of what `note` says."""
        self.cut = True
        self.notes.append(note)

    def comment(self, number: int, text: str) -> None:
        """Keeps a comment on packet `number` of this file, or on the file or an interface (0)."""
        if len(self.comments) < COMMENTS:
            self.comments.append((number, text))

    def limit_snap_length(self, snap_length: int) -> None:
        """An interface keeps this many bytes a packet (0 for all); the smallest one is reported."""
        if snap_length:
            self.snap_length = min(snap_length, self.snap_length or snap_length)

    def renumber(self, local: I64, final: I64) -> None:
        """Packets `local` of this file have the numbers `final` (both shape (n,), ascending) in the timeline."""
        if not self.first_packet:
            self.first_packet = int(final[0])
        low, high = int(local[0]), int(local[-1])
        for number in (*(number for number, _ in self.comments), *(n for ends in self.clock.breaks() for n in ends)):
            if low <= number <= high:
                self._renumbered[number] = int(final[np.searchsorted(local, number)])

    def facts(self, shown: Callable[[int], int] = int) -> CaptureFacts:
        """What is known by now; `shown` gives times of the file as they are to be shown."""
        return CaptureFacts(
            path=self.path,
            format=self.format,
            packets=self.packets,
            bytes=self.bytes,
            first_packet=self.first_packet,
            first_ns=None if self.first_ns is None else shown(self.first_ns),
            last_ns=None if self.last_ns is None else shown(self.last_ns),
            truncated_packets=self.truncated_packets,
            snap_length=self.snap_length,
            link_types=tuple(sorted(self.link_types)),
            dropped=self._dropped(),
            cut=self.cut,
            notes=tuple(self._notes()),
            comments=tuple((self._renumbered.get(number, number), text) for number, text in self.comments),
            clock_notes=tuple(self.clock.notes(self._final, LATE_NS)),
            clock_breaks=tuple((self._final(first), self._final(last)) for first, last in self.clock.breaks()),
            fingerprint=self.fingerprint,
            leaps=self._leaps(),
        )

    def _leaps(self) -> tuple[tuple[int, int], ...]:
        leaps = self.clock.leaps
        return tuple((self._final(number), ns) for number, ns in leaps) if len(leaps) < BREAKS else ()

    def _final(self, number: int) -> int:
        """Of a packet of this file its number in the timeline; of the one that would follow the last, one more."""
        found = self._renumbered.get(number)
        return found if found is not None else self._renumbered.get(number - 1, number - 1) + 1

    def _dropped(self) -> int | None:
        interfaces = self.reported_drops.keys() | self.counted_drops.keys()
        if not interfaces:
            return None
        return sum(max(self.reported_drops.get(i, 0), self.counted_drops.get(i, 0)) for i in interfaces)

    def _notes(self) -> list[str]:
        notes = list(self.notes)
        if self.finished and not self.packets:
            notes.append(_EMPTY)
        notes += self.clock.notes(self._final)
        if self.elsewhere:
            notes.append(
                f"{self.elsewhere} packets of this file stand with the same time in another one and count once"
            )
        if self.orphan_packets:
            notes.append(
                f"{self.orphan_packets} packets name an interface that the file does not describe; they were left out"
            )
        return notes


def _fingerprint(block: PacketBlock) -> str:
    start = int(block.offset[0])
    end = min(int(block.offset[-1] + block.captured[-1]), start + FINGERPRINT_BYTES)
    return blake2b(block.data[start:end].tobytes(), digest_size=32).hexdigest()
