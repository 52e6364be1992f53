"""TCP segments as columns: what the decoders make of a block and the connection tracker takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.core.records import dataclass, field_names

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
_FACTORS = (0x1E3779B97F4A7C15, 0x3F58476D1CE4E5B9)  # odd, so that nothing is lost by wrapping

SEQUENCE = (1 << 32) - 1
"""`column & SEQUENCE` wraps sequence numbers around, in a tenth of the time of `%`."""
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10


@dataclass(frozen=True, slots=True)
class Segments:
    """One row per TCP segment, int64, shape (n,), in packet order.

    `source` and `target` are endpoint ids of the `EndpointBook`; `payload` is the offset of the payload in the buffer
    the columns were made for, `captured` how much of it is there, `length` how long it was on the wire; `option` is
    where the TCP options begin, `option_end` where they end in that buffer; `network` is where the IP header begins,
    -1 where there is none in one piece, and `frame` where the link-layer header before it does (at `network` itself
    where other headers lie between).
    """

    number: I64
    time_ns: I64
    source: I64
    target: I64
    seq: I64
    ack: I64
    flags: I64
    window: I64
    payload: I64
    captured: I64
    length: I64
    option: I64
    option_end: I64
    network: I64
    frame: I64

    def __len__(self) -> int:
        return len(self.number)

    def columns(self) -> list[I64]:
        return [getattr(self, name) for name in field_names(self)]

    def take(self, rows: I64) -> Segments:
        """These rows, in this order."""
        return Segments(*(getattr(self, name)[rows] for name in field_names(self)))


def join_segments(parts: list[Segments]) -> Segments:
    """Rows of several decoders as one table in packet order."""
    if len(parts) == 1:
        return parts[0]
    joined = Segments(*(np.concatenate([getattr(p, name) for p in parts]) for name in field_names(Segments)))
    return joined.take(np.argsort(joined.number, kind="stable"))


def no_segments() -> Segments:
    empty = np.empty(0, np.int64)
    return Segments(*(empty for _ in field_names(Segments)))


def pair_numbers(one: I64, other: I64) -> I64:
    """A number for each pair of endpoint ids, the same for both directions and in every block; int64 of shape (n,)."""
    return np.asarray(np.minimum(one, other) * _FACTORS[0] ^ np.maximum(one, other) * _FACTORS[1])
