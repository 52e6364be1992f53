"""Which process follows which connection: blocks of segments in, the rows of one share out.

Every process shares out alike, for each sees the same blocks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.tcp.backlog import pairs
from dicomsniff.tcp.segments import I64, Segments
from dicomsniff.tcp.sighting import Sighted

PACKET = 256
"""What a packet costs, in bytes that cost the same: its own handling, whatever it carries."""
BITS = 14
"""4-tuples are shared out by 2 to the power of this groups, so that a flood of them needs no memory and no sorting."""


LEAVING, TAKING = 0.13, 0.1
"""What it costs a process to hand over what it followed, and the first to take it, measured by what following it costs: of many
small associations, more than of large ones. The more there are, the less the first follows itself."""


class Shares:
    """A group of 4-tuples goes to the process that has least to do so far, and stays there."""

    def __init__(self, members: int) -> None:
        self._owner = np.full(1 << BITS, -1, np.int64)
        self._load = [0.0] * members

    def of(self, seen: Sighted, member: int) -> Sighted:
        """What this process follows of a block; all see its buffer, its ICMP messages and its time."""
        if len(self._load) == 1:
            return seen
        first, again = _groups(seen.segments), _groups(seen.copies)
        self._give(np.bincount(first, seen.segments.length + PACKET, 1 << BITS))
        self._give(np.bincount(again, seen.copies.length + PACKET, 1 << BITS))
        return seen.take(np.flatnonzero(self._owner[first] == member), np.flatnonzero(self._owner[again] == member))

    def _give(self, weights: npt.NDArray[np.float64] | I64) -> None:
        """Groups that are met for the first time get an owner, the heaviest first."""
        met = np.flatnonzero(weights)
        fresh = met[self._owner[met] < 0]
        known = met[self._owner[met] >= 0]
        for owner, weight in zip(self._owner[known].tolist(), weights[known].tolist(), strict=True):
            self._burden(owner, weight)
        for group in fresh[np.argsort(-weights[fresh], kind="stable")].tolist():
            owner = self._owner[group] = self._load.index(min(self._load))
            self._burden(owner, float(weights[group]))

    def _burden(self, owner: int, weight: float) -> None:
        self._load[owner] += weight
        if owner:
            self._load[owner] += LEAVING * weight
            self._load[0] += TAKING * weight


def _groups(segments: Segments) -> I64:
    """The upper bits of a product are those that all of its factors bear on."""
    return np.asarray(pairs(segments) >> (64 - BITS) & ((1 << BITS) - 1))
