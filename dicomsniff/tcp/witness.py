"""Segments of several files in, those that more than one file holds out: what tells which captures show the same traffic.

Of each file a sample of segments is remembered by numbers that no other packet has and no router changes. The sample is
the same in every file, so what two files have in common is found however far their clocks are apart.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.block import ORIGIN, PacketBlock
from dicomsniff.core import LIMITS
from dicomsniff.core.records import dataclass, field_names
from dicomsniff.tcp.decode import Decoded
from dicomsniff.tcp.segments import ACK, FIN, I64, RST, SYN, U8, Segments
from dicomsniff.tcp.stamps import stamps_of, word

Mask = npt.NDArray[np.bool_]
U64 = npt.NDArray[np.uint64]

SAMPLE = 1 << 19
"""Segments remembered of all files together, 24 MB; beyond it the sample is thinned to every second, fourth …"""
FIRST_LOOK = 2048
"""Segments after which the files are first compared; later whenever half as many again have come."""
FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD)
MIXED = 0x1E3779B97F4A7C15
ENDS = FIN | SYN | RST | ACK


@dataclass(frozen=True, slots=True)
class Sample:
    """Segments by which files are compared, int64 of shape (n,): `key` is the same for the same packet anywhere,
    `telling` 1 where the packet sent again would have another key."""

    key: I64
    file: I64
    time_ns: I64
    source: I64
    target: I64
    telling: I64

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: I64 | Mask) -> Sample:
        return Sample(*(getattr(self, name)[rows] for name in field_names(self)))


@dataclass(frozen=True, slots=True)
class Common:
    """Segments that two files have in common, int64 of shape (n,): the files, the time in each, the ends in the first."""

    one: I64
    other: I64
    one_ns: I64
    other_ns: I64
    source: I64
    target: I64
    telling: I64

    def __len__(self) -> int:
        return len(self.one)

    def take(self, rows: I64 | Mask) -> Common:
        return Common(*(getattr(self, name)[rows] for name in field_names(self)))


class Witness:
    """Remembers a sample of all files."""

    def __init__(self) -> None:
        self._known = _joined([])
        self._fresh: list[Sample] = []
        self._mask = 0
        self._due = FIRST_LOOK

    @property
    def due(self) -> bool:
        """Whether it is time to compare."""
        return self._due <= 0

    def see(self, decoded: Decoded, block: PacketBlock) -> None:
        """Take the segments of a block."""
        segments = decoded.segments
        if block.origin is None or not len(segments):
            return
        file = block.origin[np.searchsorted(block.number, segments.number)] >> ORIGIN
        fresh = _sample(segments, file, decoded.data)
        fresh = fresh.take(fresh.key & self._mask == 0)
        self._fresh.append(fresh)
        self._due -= len(fresh)

    def sample(self, most: int | None = None) -> Sample:
        """What is remembered, thinned to so many segments (default: `SAMPLE`)."""
        known = _joined([self._known, *self._fresh])
        while len(known) > (SAMPLE if most is None else most):
            self._mask = self._mask << 1 | 1
            known = known.take(known.key & self._mask == 0)
        self._known, self._fresh = known, []
        self._due = max(FIRST_LOOK, len(known) // 2)
        return known

    def add(self, sample: Sample) -> None:
        """Take what another witness remembered, of other files."""
        self._fresh.append(sample)

    def common(self) -> Common:
        """What any two files have in common so far; a packet sent again alike tells nothing."""
        known = self.sample()
        known = _once(known.take(np.lexsort((known.time_ns, known.file, known.key))))
        same = known.key[1:] == known.key[:-1]
        again = same & (known.file[1:] == known.file[:-1])
        group = np.cumsum(np.concatenate([[True], ~same])[: len(known)])
        spoilt = np.zeros(len(known) + 2, bool)
        spoilt[group[1:][again]] = True
        rows = np.flatnonzero(same & ~spoilt[group[1:]]) if len(known) else np.empty(0, np.int64)
        one, other = known.take(rows), known.take(rows + 1)
        telling = one.telling & other.telling
        return Common(one.file, other.file, one.time_ns, other.time_ns, one.source, one.target, telling)


def _once(known: Sample) -> Sample:
    """Without the copies that a mirror session made; where there are only a few, nobody knows which of them a file lacks,
    and they tell nothing. Rows are in the order of key, file and time."""
    near = np.diff(known.time_ns) <= LIMITS.copy_ns
    copies = near & (known.key[1:] == known.key[:-1]) & (known.file[1:] == known.file[:-1])
    if not len(known) or 4 * np.count_nonzero(copies) < len(known):
        return known
    return known.take(np.concatenate([[True], ~copies]))


def signatures(segments: Segments, data: U8) -> tuple[U64, Mask]:
    """A number for each segment that is the same wherever the packet is met, also behind a NAT; and where a packet that
    was sent again would have another one, as it shows the sender's clock or counts packets (RFC 6864)."""
    syn = segments.flags & SYN != 0
    stamped, value, echo = stamps_of(segments, data)
    network = np.where(segments.network >= 0, segments.network, 0)
    v4 = (segments.network >= 0) & (data[network] >> 4 == 4)
    identification = np.where(v4, word(data, network + 4), 0)
    own = np.where(stamped, value << 32 | echo, identification)
    key = (segments.seq | segments.ack << 32).view(np.uint64) * np.uint64(FACTORS[0])
    bare = stamped & (segments.length == 0)  # several in one tick of the sender's clock look alike
    own = np.where(bare, own ^ identification * MIXED, own)
    key ^= own.view(np.uint64) * np.uint64(FACTORS[1]) + ((segments.flags & ENDS) << 32 | segments.length).view(
        np.uint64
    )
    for shift in (31, 29):
        key = (key ^ (key >> np.uint64(shift))) * np.uint64(FACTORS[2])
    return key ^ (key >> np.uint64(32)), ~syn & ((stamped & ~bare) | (identification > 0))


def _sample(segments: Segments, file: I64, data: U8) -> Sample:
    """What is worth remembering: no bare acknowledgement that its sender may repeat."""
    key, telling = signatures(segments, data)
    worth = np.flatnonzero((telling | (segments.length > 1) | (segments.flags & SYN != 0)) & (segments.time_ns > 0))
    columns = file, segments.time_ns, segments.source, segments.target, telling.astype(np.int64)
    return Sample((key >> np.uint64(1)).astype(np.int64)[worth], *(column[worth] for column in columns))


def _joined(parts: list[Sample]) -> Sample:
    if not parts:
        return Sample(*(np.empty(0, np.int64) for _ in field_names(Sample)))
    return Sample(*(np.concatenate([getattr(part, name) for part in parts]) for name in field_names(Sample)))
