"""Segments of both directions of an encrypted connection in; who waited how long for whom, as an estimate, out.

Without keys it is not seen where a message ends. What is measured is when the direction of the data changes: the time from
one side's last byte to the other's first, as it passed the point of capture.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from dicomsniff.core import Direction
from dicomsniff.core.median import median
from dicomsniff.tcp.events import Chunk, Gap
from dicomsniff.tls.values import Wait, Waits

PORTS = frozenset({104, 2761, 2762, 11112})
"""Those registered for DICOM; on others no estimate is made of TLS, which on most networks is the web's."""
MOST = 20_000
"""Turns that are kept of a connection; of more the first."""


class Turns:
    """Follows one connection, block by block."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None  # direction and time of the latest segment
        self._begun, self._waited, self._ways = array("q"), array("q"), array("b")
        self.whole = True  # nothing is missing

    def feed(self, events: Sequence[Chunk | Gap]) -> None:
        """The events of one block, of both directions. Over a hole nothing is measured."""
        segments: list[tuple[int, int]] = []
        for event in events:
            if isinstance(event, Gap):
                self.whole, self._last = False, None
            else:
                way = int(event.direction)
                segments += [(time_ns, way) for time_ns in event.times]
        segments.sort()
        if segments and segments[0][0] < 0:
            self.whole = False  # packets without a time
        for time_ns, way in segments:
            last = self._last
            if last is not None and last[0] != way and len(self._begun) < MOST:
                self._begun.append(time_ns)
                self._waited.append(max(0, time_ns - last[1]))
                self._ways.append(way)
            self._last = (way, time_ns)

    def waits(self, after_ns: int) -> Waits | None:
        """Of the turns that began after this time, the end of the handshake; None where a side had none, or where what is
        missing may have been a turn."""
        if not self.whole:
            return None
        found = tuple(
            [
                waited
                for begun, waited, own in zip(self._begun, self._waited, self._ways, strict=True)
                if own == way and begun > after_ns
            ]
            for way in Direction
        )
        if not all(found):
            return None
        by_initiator, by_responder = (Wait(len(w), sum(w), int(median(w)), max(w)) for w in found)
        return Waits(by_responder, by_initiator)
