"""Timestamps of pcapng: ticks of any resolution in, nanoseconds since 1970 out."""

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.block import I64

U64 = npt.NDArray[np.uint64]

SECOND = 1_000_000_000
LAST_SECOND = (1 << 63) // SECOND - 1
"""The last whole second that nanoseconds in 64 bits can name, in the year 2262."""


def nanoseconds(ticks: U64, resolution: int, offset: I64) -> I64:
    """Time in ns of `ticks` (shape (n,)) counted in if_tsresol `resolution`, plus `offset` seconds each.

    Times before 1970 or after 2262 are 0, which is no time: no capture has them, broken and hostile files do.
    """
    if resolution <= 9 and not offset.any():
        scale = 10 ** (9 - resolution)
        if not len(ticks) or int(ticks.max()) <= LAST_SECOND * SECOND // scale:
            direct: I64 = ticks.astype(np.int64) * scale
            return direct
    seconds, fraction = _binary(ticks, resolution & 0x7F) if resolution & 0x80 else _decimal(ticks, resolution)
    whole = np.minimum(seconds, np.uint64(1 << 62)).astype(np.int64) + offset
    times: I64 = np.clip(whole, 0, LAST_SECOND) * SECOND + fraction.astype(np.int64)
    times[(whole < 0) | (whole > LAST_SECOND)] = 0
    return times


def _decimal(ticks: U64, exponent: int) -> tuple[U64, U64]:
    """Seconds and the rest in ns, of ticks of 10**-exponent seconds."""
    if exponent > 28:  # 2**64 of such ticks are less than a nanosecond
        return np.zeros_like(ticks), np.zeros_like(ticks)
    if exponent > 9:
        ticks, exponent = ticks // np.uint64(10 ** (exponent - 9)), 9
    return ticks // np.uint64(10**exponent), ticks % np.uint64(10**exponent) * np.uint64(10 ** (9 - exponent))


def _binary(ticks: U64, exponent: int) -> tuple[U64, U64]:
    """The same of ticks of 2**-exponent seconds. Fractions keep 34 bits, all that fits beside 10**9 and finer than a ns."""
    surplus = max(0, exponent - 34)
    if surplus > 63:
        return np.zeros_like(ticks), np.zeros_like(ticks)
    ticks, exponent = ticks >> np.uint64(surplus), exponent - surplus
    fraction = ticks & np.uint64((1 << exponent) - 1)
    return ticks >> np.uint64(exponent), fraction * np.uint64(SECOND) >> np.uint64(exponent)
