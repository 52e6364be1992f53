"""Packets as columns: many packets over one buffer, never one object each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PacketBlock:
    """A run of packets in capture order over one read-only buffer.

    All columns have shape (n,). `number` is the packet number Wireshark shows (from 1, continued over several files in
    the order of the timeline), `time_ns` nanoseconds since 1970 UTC (-1 before the first packet of a file that has
    a time; `capture.clock` says how times that step back or lack are held together), `offset` and `captured` the
    packet's bytes in `data`, `wire` its length on the wire, `link_type` the LINKTYPE_ number
    (https://www.tcpdump.org/linktypes.html).
    """

    data: U8
    number: I64
    time_ns: I64
    offset: I64
    captured: I64
    wire: I64
    link_type: I64

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """What is known of one capture file once it has been read (or of what was read of it so far).

    `dropped` is the sum of the drop counters the capturing tool wrote, None where it wrote none. `cut` says that the
    file ended inside a record. `notes` are sentences for the user. `comments` are pcapng comments with their packet
    number (0 for a comment on the file or an interface). `clock_breaks` are ranges (first, last) of packet numbers: how
    long before a packet from `first` on another one before `last` came, the clock does not tell.
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


class CaptureError(Exception):
    """The request cannot be carried out: not a capture, no packets to be had. One line, with what to try."""
