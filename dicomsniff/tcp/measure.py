"""Segments of one connection that are to be looked at one by one in; their figures, taken in columns where there are many, out."""

from __future__ import annotations

import numpy as np

from dicomsniff.tcp.connection import Tracker
from dicomsniff.tcp.rhythm import Rhythm
from dicomsniff.tcp.room import Terms
from dicomsniff.tcp.segments import RST, SYN, U8, Segments
from dicomsniff.tcp.stamps import stamps_of
from dicomsniff.tcp.waits import ENOUGH, table_of, tell, terms_of


def terms(tracker: Tracker) -> tuple[Terms | None, Terms | None]:
    """On what the data of each direction travel, see `waits`; None where the round trip to its sender is not known."""
    return terms_of(tracker.pace.metering(), (tracker.rtt_initiator, tracker.rtt_responder), tracker.watch.syns)


def measure(segments: Segments, initiator: int, tracker: Tracker, data: U8) -> bool:
    """Whether the figures were taken: not of few segments, nor where another connection may begin among them."""
    if len(segments) < ENOUGH or tracker.closed_ns is not None or (segments.flags & (SYN | RST)).any():
        return False
    up = bool((segments.source[0] == initiator) == (segments.source[0] < segments.target[0]))
    rows = np.arange(len(segments))
    meters = tracker.pace.metering()
    stamps = stamps_of(segments, data) if len(data) else None
    Rhythm(segments, rows, np.zeros(1, np.int64), stamps).tell(0, meters if up else (meters[1], meters[0]))
    tell(table_of(segments, rows, up), tracker.pace, terms(tracker))
    return True
