"""Which follower gets which connection: blocks of segments in, the rows of each follower out."""

from __future__ import annotations

import numpy as np

from dicomsniff.tcp.segments import I64, Segments
from dicomsniff.tcp.sighting import Sighted

FACTORS = (0x1E3779B97F4A7C15, 0x3F58476D1CE4E5B9)
PACKET = 256
"""What a packet costs, in bytes that cost the same: its own handling, whatever it carries."""
REMEMBERED = 200_000
"""4-tuples whose follower is remembered; the others are shared out by chance. A flood has millions, each of no weight."""


def pairs(segments: Segments) -> I64:
    """A number for each segment's 4-tuple, the same for both directions; int64 (n,)."""
    low, high = np.minimum(segments.source, segments.target), np.maximum(segments.source, segments.target)
    return np.asarray(low * FACTORS[0] ^ high * FACTORS[1])


class Shares:
    """A 4-tuple goes to the follower to whom least has gone so far, and stays there."""

    def __init__(self, followers: int) -> None:
        self._followers = followers
        self._owner: dict[int, int] = {}
        self._load = [0] * followers

    def of(self, seen: Sighted) -> list[Sighted]:
        """What each follower sees of a block; all see its buffer, its ICMP messages and its time."""
        owners, again = self._owners(seen.segments), self._owners(seen.copies)
        return [
            seen.take(np.flatnonzero(owners == each), np.flatnonzero(again == each)) for each in range(self._followers)
        ]

    def _owners(self, segments: Segments) -> I64:
        if not len(segments):
            return np.empty(0, np.int64)
        distinct, place = np.unique(pairs(segments), return_inverse=True)
        weights = np.bincount(place, segments.length + PACKET)
        owners = [self._give(*each) for each in zip(distinct.tolist(), weights.tolist(), strict=True)]
        return np.array(owners, np.int64)[place]

    def _give(self, pair: int, weight: float) -> int:
        owner = self._owner.get(pair)
        if owner is None:
            if len(self._owner) >= REMEMBERED:
                return pair % self._followers
            owner = self._owner[pair] = self._load.index(min(self._load))
        self._load[owner] += int(weight)
        return owner
