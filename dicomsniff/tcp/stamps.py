"""Segments and the buffer that holds their options in; the time stamps that these carry out, in columns (RFC 7323 §3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.segments import I64, SYN, U8, Segments

WRITTEN = 0x0101080A
"""How every common system writes the option: behind two that do nothing (RFC 7323 appendix A)."""


class Stamps(NamedTuple):
    """Of each segment: whether it carries time stamps (a SYN counts as without), its sender's clock and what it echoes of
    the other's; shape (n,), the numbers int64 and 0 where not known."""

    known: npt.NDArray[np.bool_]
    value: I64
    echo: I64


def stamps_of(segments: Segments, data: U8) -> Stamps:
    """`data`: the buffer that the offsets of these segments refer to."""
    known = (segments.flags & SYN == 0) & (segments.option + 12 <= segments.option_end)
    at = np.where(known, segments.option, 0)
    known &= long_word(data, at) == WRITTEN
    at = np.where(known, segments.option, 0)
    value, echo = (np.where(known, long_word(data, at + place), 0) for place in (4, 8))
    return Stamps(known, value, echo)


def word(data: U8, at: I64) -> I64:
    """Two bytes at each place."""
    return data[at].astype(np.int64) << 8 | data[at + 1]


def long_word(data: U8, at: I64) -> I64:
    """Four bytes at each place."""
    return word(data, at) << 16 | word(data, at + 2)
