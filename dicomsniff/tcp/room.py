"""The segments of one sender and what its receiver confirmed and offered in; which of them had waited for room in the window out.

Columns are int64, those of segments of shape (n,), those of acknowledgements of shape (m,), both in the order of time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.segments import I64

AT_ONCE_NS = 1_000_000
QUEUE_NS = 5_000_000
GATHERED = 3
"""A sender that may fill the rest of a window with short of this part of it waits for more room, and sends longer runs at once
(RFC 9293 §3.8.6.2.1; Linux: tcp_tso_win_divisor)."""
Mask = npt.NDArray[np.bool_]


class Acks(NamedTuple):
    """What came back: when it passed here and when it had reached the sender, the highest number confirmed by then (as a
    distance from where that of the segments begins), the window as its header says, the widest window until then."""

    time: I64
    reached: I64
    confirmed: I64
    window: I64
    widest: I64


class Room(NamedTuple):
    """Of each segment: `waited` for the window, until an acknowledgement made room; `nearly`: so little was left of a window
    that its sender had filled before that it waited for more; `busy`: it went into a queue, so that it would have waited
    there without the window; `opening`: the widest window offered when the segment before was sent, 0 where it had shrunk by
    half since. `filled`: see `room`."""

    waited: Mask
    nearly: Mask
    busy: Mask
    opening: I64
    filled: int


class Terms(NamedTuple):
    """Of the data of one direction: the round trip between here and its sender, and between the ends (None: not known), the
    shift of its receiver's windows (likewise), its longest segment."""

    way_ns: int
    round_ns: int | None
    scale: int | None
    mss: int


def room(time: I64, ends: I64, had: I64, acks: Acks, terms: Terms, filled: int) -> Room:
    """`ends`: behind the highest byte sent with each segment; `had`: the acknowledgement that was the last to reach its
    sender before; `filled`: the largest window that was full before, in bytes."""
    scale, round_ns = terms.scale, terms.round_ns
    if scale is None or round_ns is None:
        never = np.zeros(len(time), bool)
        return Room(never, never, never, np.zeros(len(time), np.int64), filled)
    late = _late(time, ends, acks, round_ns - terms.way_ns)
    offered = acks.confirmed + (acks.window << scale)
    edge = np.maximum.accumulate(offered)
    first = np.searchsorted(edge, ends)
    at = np.minimum(first, len(edge) - 1)
    # the first acknowledgement that offered so much had reached the sender just before
    soon = max(AT_ONCE_NS, round_ns // 8)  # what took longer stood in a queue before it came here
    waited = (first > 0) & (first < len(edge)) & (time - acks.reached[at] < soon)
    waited &= ~_behind(late, at, ends, acks)
    # or the window was taken back, so that what was offered once says nothing
    left, size = offered[had] - ends, acks.window[had] << scale
    full = left < terms.mss
    fresh = (had[1:] > had[:-1]) & (time[1:] - acks.reached[had[1:]] < soon)
    fresh &= ~_behind(late, had[1:], ends, acks)
    waited[1:] |= full[:-1] & fresh
    known = np.maximum(np.maximum.accumulate(np.where(full, size, 0)), filled)
    nearly = np.zeros(len(time), bool)
    nearly[1:] = ((left < size // GATHERED) & (4 * known >= 3 * size))[:-1] & fresh
    opening = np.zeros(len(time), np.int64)
    opening[1:] = np.where(2 * acks.window[had] >= acks.widest[had], acks.widest[had], 0)[:-1]
    return Room(waited & ~late, nearly & ~late, late, opening, int(known[-1]))


def _late(time: I64, ends: I64, acks: Acks, forth_ns: int) -> Mask:
    """Which segments were confirmed late because a queue was before the receiver: and not late on purpose, as the last of a burst."""
    heard = np.searchsorted(acks.confirmed, ends)
    when = acks.time[np.minimum(heard, len(acks.time) - 1)]
    late: Mask = (heard < len(acks.time)) & (when - time > forth_ns + max(QUEUE_NS, forth_ns // 8))
    late[:-1] &= time[1:] < when[:-1]
    late[-1] = False
    return late


def _behind(late: Mask, at: I64, ends: I64, acks: Acks) -> Mask:
    """Whether what these acknowledgements confirmed was late."""
    if not late.any():
        return np.zeros(len(at), bool)
    return late[np.minimum(np.searchsorted(ends, acks.confirmed[at]), len(late) - 1)]
