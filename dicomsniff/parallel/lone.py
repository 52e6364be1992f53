"""The beginning of a capture in; whether one conversation is nearly all of it out."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import numpy as np

from dicomsniff.capture.capture_file import CaptureFile
from dicomsniff.core import Limits
from dicomsniff.core.records import replace
from dicomsniff.parallel.shares import PACKET
from dicomsniff.tcp.backlog import pairs
from dicomsniff.tcp.sighting import Sighting

NEARLY_ALL = 0.9
SAMPLE = 4 << 20
"""Bytes that are looked at: nothing else is done meanwhile."""
BLOCKS = 2
"""The first is small: it was read to see what the file is."""


def one_conversation(path: str, limits: Limits) -> bool:
    """Whether one 4-tuple carries nearly everything in the first blocks of a file: it then most likely does in the rest,
    and other processes would have nothing to do but cost their start. Raises as `CaptureFile`."""
    limits = replace(limits, block_bytes=min(limits.block_bytes, SAMPLE))
    file, sighting, weights = CaptureFile(path, limits), Sighting(limits), Counter[int]()
    try:
        for block in islice(file.packets(), BLOCKS):
            segments = sighting.sight(block).segments
            distinct, place = np.unique(pairs(segments), return_inverse=True)
            of_each = np.bincount(place, segments.length + PACKET).tolist()
            weights.update(dict(zip(distinct.tolist(), map(int, of_each), strict=True)))
    finally:
        file.close()
    return max(weights.values(), default=0) >= NEARLY_ALL * (weights.total() or 1)
