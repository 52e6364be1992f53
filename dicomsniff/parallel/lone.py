"""The beginning of a capture in; whether one conversation is nearly all of it out."""

from __future__ import annotations

import numpy as np

from dicomsniff.capture.capture_file import CaptureFile
from dicomsniff.core import Limits
from dicomsniff.parallel.shares import PACKET, pairs
from dicomsniff.tcp.sighting import Sighting

NEARLY_ALL = 0.9


def one_conversation(path: str, limits: Limits) -> bool:
    """Whether one 4-tuple carries nearly everything in the first block of a file: it then most likely does in the rest,
    and other processes would have nothing to do but cost their start. Raises as `CaptureFile`."""
    file = CaptureFile(path, limits)
    try:
        block = next(file.packets(), None)
        segments = None if block is None else Sighting(limits).sight(block).segments
    finally:
        file.close()
    if segments is None or not len(segments):
        return False
    _, place = np.unique(pairs(segments), return_inverse=True)
    weights = np.bincount(place, segments.length + PACKET)
    return bool(weights.max() >= NEARLY_ALL * weights.sum())
