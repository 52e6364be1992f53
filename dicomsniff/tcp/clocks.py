"""Packets that were captured at two points in, how far the clocks of these points differ out, as NTP tells it (RFC 5905 §8).

What goes from the first point to the second shows the difference plus a journey, what comes back shows it less a journey.
The shortest journeys each way say the most: half their difference is that of the clocks, known to half their sum.
"""

from __future__ import annotations

import numpy as np

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.segments import I64

BINS, LEAST_BINS = 32, 4
"""Pieces of the common time in which the clocks are compared, and how many are needed to see one run faster."""
SIGNIFICANT = 6
"""So many times what single pieces scatter, a drift must amount to before it is believed."""
STRAYS = 5
"""So many of the shortest journeys are not believed where there are many."""
FASTEST = 1e-3
"""No clock of a computer is wrong by more than a second in a thousand."""
GRAIN_NS = 2_000
"""Rounding of times in a capture file."""


class Difference(NamedTuple):
    """By how much the second clock was ahead at `at_ns` (its own time), how much faster it runs, the journey between the
    points and what the first may be wrong by; None where only one direction was common."""

    ahead_ns: int
    at_ns: int
    drift: float
    delay_ns: int | None
    packets: int


def difference(one_ns: I64, other_ns: I64, forward: I64) -> Difference:
    """`one_ns`, `other_ns`: times of the same packets at both points; `forward`: 1 for those that passed the first point
    first, -1 for the others. Shape (n,), n > 0."""
    at = int(other_ns.min())
    late = other_ns - one_ns
    if not (forward > 0).any() or not (forward < 0).any():
        return Difference(int(np.median(late)), at, 0.0, None, len(late))
    drift = 0.0
    for _ in range(3):
        drift += _slope(other_ns - at, late - np.rint(drift * (other_ns - at)).astype(np.int64), forward)
    if abs(drift) > FASTEST:
        drift = 0.0
    late = late - np.rint(drift * (other_ns - at)).astype(np.int64)
    there, back = _shortest(late[forward > 0]), -_shortest(-late[forward < 0])
    return Difference((there + back) // 2, at, drift, abs(there - back) // 2, len(late))


def _shortest(late: I64) -> int:
    """The least of many, but for a few that may come of packets doubled on their way, taken for one another."""
    place = min(len(late) // 20, STRAYS)
    return int(np.partition(late, place)[place])


def _slope(since_ns: I64, late: I64, forward: I64) -> float:
    """How much faster the second clock runs, 0.0 where that cannot be told from the scatter of the journeys."""
    span = int(since_ns.max())
    piece = since_ns * BINS // (span + 1)
    centres, middles = [], []
    for number in range(BINS):
        inside = piece == number
        there, back = np.flatnonzero(inside & (forward > 0)), np.flatnonzero(inside & (forward < 0))
        if len(there) and len(back):
            first, last = there[late[there].argmin()], back[late[back].argmax()]
            centres.append((float(since_ns[first]) + float(since_ns[last])) / 2)
            middles.append((float(late[first]) + float(late[last])) / 2)
    if len(centres) < LEAST_BINS:
        return 0.0
    x, y = np.array(centres), np.array(middles)
    x, y = x - x.mean(), y - np.median(y)
    if not (x * x).sum():
        return 0.0
    slope = float((x * y).sum() / (x * x).sum())
    scatter = float(np.abs(y - slope * x - (y - slope * x).mean()).max())
    return slope if abs(slope) * (x.max() - x.min()) > SIGNIFICANT * scatter + GRAIN_NS else 0.0


def passing(one_ns: I64, other_ns: I64, way: I64) -> int:
    """Which of two ways leads from the first point to the second: 1 if that is what `way` says, -1 if it is the other.
    `way` is 1 or -1, shape (n,). Neighbours in time are compared, as clocks may drift apart."""
    order = np.argsort(one_ns, kind="stable")
    late, way = (other_ns - one_ns)[order], way[order]
    turns = np.flatnonzero(way[1:] != way[:-1])
    if not len(turns):
        return 1
    return 1 if np.median((late[turns] - late[turns + 1]) * way[turns]) >= 0 else -1
