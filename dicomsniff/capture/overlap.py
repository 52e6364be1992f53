"""Packets in order of time that stand in several files: a batch in, the rows that are left when each counts once out."""

import numpy as np

from dicomsniff.capture.block import I64, ORIGIN, PacketBlock

HEAD = 68
"""Leading bytes by which a packet is known again, beside its time and length: what the shortest usual snap length keeps."""


MOST = 100_000
"""Packets of one time that are remembered; a clock that stands still has no other end."""


class Overlap:
    """Finds packets that files share: copies of a file, cuttings from it, and files joined from others.

    Two files may hold a packet with the same time twice each (a mirrored port); then it counts twice."""

    def __init__(self) -> None:
        self._time = -1
        self._seen: dict[tuple[int, bytes], dict[int, int]] = {}  # of the time `_time`: how often each file had it

    def once(self, block: PacketBlock, order: I64) -> tuple[I64, I64]:
        """`order` puts rows of the block in order of time. Returns which places of it to keep, and the rows to use
        there: of a packet that one file holds in full and another cut short, the full one."""
        keep, rows = np.ones(len(order), bool), order.copy()
        origin = block.origin
        if origin is None or not len(order):
            return keep, rows
        times, files = block.time_ns[order], origin[order] >> ORIGIN
        shared = self._shared(times, files)
        kept: dict[tuple[int, int, bytes, int], int] = {}
        for place in np.flatnonzero(shared).tolist():
            row, time, file = int(order[place]), int(times[place]), int(files[place])
            start, captured = int(block.offset[row]), int(block.captured[row])
            what = int(block.wire[row]), bytes(block.data[start : start + min(captured, HEAD)])
            if time != self._time or len(self._seen) > MOST:
                self._time, self._seen = time, {}
            counts = self._seen.setdefault(what, {})
            most = max(counts.values(), default=0)
            counts[file] = own = counts.get(file, 0) + 1
            if own > most:
                kept[(time, *what, own)] = place
                continue
            keep[place] = False
            first = kept.get((time, *what, own))
            if first is not None and captured > block.captured[rows[first]]:
                rows[first] = row
        return keep, rows

    def _shared(self, times: I64, files: I64) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Packets whose time is also that of a packet of another file, or may be."""
        new = np.diff(times, prepend=times[0] - 1) != 0
        starts = np.flatnonzero(new)
        several = np.minimum.reduceat(files, starts) != np.maximum.reduceat(files, starts)
        several[0] |= times[0] == self._time
        several[-1] = True  # the next batch may begin with the same time
        return np.repeat(several & (times[starts] > 0), np.diff(np.append(starts, len(times))))
