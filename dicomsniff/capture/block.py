"""Packets as columns: many packets over one buffer, never one object each."""

from collections.abc import Sequence
from dataclasses import field

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.points import FIRST, Point
from dicomsniff.core.records import dataclass, replace

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

ORIGIN = 40
"""Bits of an origin that hold the packet's number in its file."""


@dataclass(frozen=True, slots=True)
class PacketBlock:
    """A run of packets in capture order over one read-only buffer.

    All columns have shape (n,). `number` is the packet number Wireshark shows (from 1, continued over several files in
    the order of the timeline), `time_ns` nanoseconds since 1970 UTC (-1 before the first packet of a file that has
    a time; `capture.clock` says how times that step back or lack are held together), `offset` and `captured` the
    packet's bytes in `data`, `wire` its length on the wire, `link_type` the LINKTYPE_ number
    (https://www.tcpdump.org/linktypes.html). `origin`, where several files are read, is the file's place in the source
    `<< ORIGIN` plus the packet's number in that file.
    """

    data: U8
    number: I64
    time_ns: I64
    offset: I64
    captured: I64
    wire: I64
    link_type: I64
    origin: I64 | None = None

    def __len__(self) -> int:
        return len(self.number)

    def take(self, rows: I64 | slice) -> "PacketBlock":
        """These packets, in this order, over the same buffer."""
        return PacketBlock(self.data, *(None if c is None else c[rows] for c in self.columns()))  # type: ignore[arg-type]

    def columns(self) -> tuple[I64 | None, ...]:
        """All but the buffer, in the order of the fields."""
        return self.number, self.time_ns, self.offset, self.captured, self.wire, self.link_type, self.origin


def join_blocks(blocks: Sequence[PacketBlock]) -> PacketBlock:
    """The packets of all, one block after the other, over one buffer; a single block stays as it is."""
    if len(blocks) == 1:
        return blocks[0]
    pieces, shifts, length = [], [], 0
    for block in blocks:
        low, high = int(block.offset.min()), int((block.offset + block.captured).max())
        pieces.append(block.data[low:high])
        shifts.append(length - low)
        length += high - low
    data = np.concatenate(pieces)
    data.flags.writeable = False
    moved = [replace(b, offset=b.offset + shift) for b, shift in zip(blocks, shifts, strict=True)]
    columns = zip(*(block.columns() for block in moved), strict=True)
    return PacketBlock(data, *(None if column[0] is None else np.concatenate(column) for column in columns))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """What is known of one capture file once it has been read (or of what was read of it so far).

    `dropped` is the sum of the drop counters the capturing tool wrote, None where it wrote none. `cut` says that the
    file ended inside a record. `notes` are sentences for the user. `comments` are pcapng comments with their packet
    number (0 for a comment on the file or an interface). `clock_breaks` are ranges (first, last) of packet numbers: how
    long before a packet from `first` on another one before `last` came, the clock does not tell. `point` says where the
    file was captured, if several were captured at different places; all times are then on the clock of the first. `unlisted`
    connections without a byte of data were counted and are no conversations; `unreadable` packets have a link layer that
    is not known (both told of the first capture, for all).
    `dropped_before` of the dropped packets were missing before the first connection that is still listed began.
    `leaps` are packets before which the time jumps forward, and by how much in ns: none where there are too many to tell.
    `fingerprint` is a hash of the first packets, which no report shows: the key that patients' pseudonyms are made with.
    """

    path: str
    format: str
    packets: int
    bytes: int
    first_packet: int
    first_ns: int | None
    last_ns: int | None
    truncated_packets: int
    snap_length: int | None
    link_types: tuple[int, ...]
    dropped: int | None
    cut: bool
    notes: tuple[str, ...]
    comments: tuple[tuple[int, str], ...]
    clock_breaks: tuple[tuple[int, int], ...] = ()
    clock_notes: tuple[str, ...] = ()  # those of the notes that are about the clock and matter
    point: Point = FIRST
    unlisted: int = 0
    unreadable: int = 0
    fingerprint: str = field(default="", repr=False)
    dropped_before: int = 0
    leaps: tuple[tuple[int, int], ...] = ()

    @property
    def dropped_since(self) -> int:
        """Packets that may be missing in what is listed."""
        return (self.dropped or 0) - self.dropped_before


class CaptureError(Exception):
    """The request cannot be carried out: not a capture, no packets to be had. One line, with what to try."""
