"""What files have in common in, the points at which they were captured out: which files belong together, and how far the
clock of each point differs from that of the first.

Ring-buffer files and overlapping files are of one point. Files that hold the same packets at other times are of two.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

import numpy as np

from dicomsniff.capture.points import Point
from dicomsniff.core import LIMITS
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.clocks import Difference, difference, passing
from dicomsniff.tcp.segments import I64
from dicomsniff.tcp.witness import Common

LEAST = 4
"""So many common packets prove two points; fewer may be copies or repetitions where one ring-buffer file follows another.
Between files of other names one packet does that nobody sent again, if it is later than copies are."""
GRAIN_NS = 1_000
"""Times of one packet that differ by less are the same time, written more coarsely; so far all that is measured is wrong."""
ONE_CLOCK_NS = 2_000_000_000
"""Files whose clocks were found to differ by more than this cannot be of one point."""


MARGIN_NS, MOST_SPREAD_NS = 20_000_000, 2_000_000_000
"""A packet may be so much later than those of the sample were; and no queue on the way is longer than that."""


@dataclass(frozen=True, slots=True)
class Journey:
    """From the first point to another: `delay_ns` at best, and how much later (or, where clocks are known badly, earlier)
    packets came, `spread_ns`. `ways` are pairs of addresses, source << 32 | target, ascending, `signs` 1 where these
    packets passed the first point first, -1 where the other."""

    delay_ns: int
    spread_ns: int
    ways: I64
    signs: I64

    def shift(self, source: I64, target: I64) -> I64:
        """What takes the time of packets at the other point (on the first's clock) to that at the first; int64 (n,)."""
        way = (source >> 16) << 32 | target >> 16
        if not len(self.ways):
            return np.zeros(len(source), np.int64)
        at = np.minimum(np.searchsorted(self.ways, way), len(self.ways) - 1)
        known = (self.ways[at] == way) & (source >= 0)
        return np.where(known, -self.signs[at] * self.delay_ns, 0)


class Group(NamedTuple):
    """Files of one point by their place in the source, the point, and the journey there from the first."""

    point: Point
    files: tuple[int, ...]
    journey: Journey | None = None


def several_points(common: Common, paths: Sequence[str]) -> bool:
    """Whether any two files show the same traffic from two points."""
    return bool(_conflicts(common, paths))


def find_points(common: Common, paths: Sequence[str], given: Sequence[int]) -> list[Group]:
    """All files, which are in the order of time, by point. The first point is the one of the file that was `given`
    first."""
    conflicts = _conflicts(common, paths)
    groups = [sorted(files) for files in _grouped(common, conflicts, paths, given)]
    found = [Group(Point(1), tuple(groups[0]))]
    waiting = list(range(1, len(groups)))
    of = np.zeros(len(paths), np.int64)
    for number, files in enumerate(groups):
        of[files] = number
    points = {0: Point(1)}
    while waiting:
        best, parent, shared = max(
            ((w, p, _between(common, of, p, w)) for w in waiting for p in points), key=lambda x: len(x[2])
        )
        waiting.remove(best)
        points[best] = _placed(points[parent], shared, best + 1)
    for number in range(1, len(groups)):
        journey = _journey(_between(common, of, 0, number), points[number])
        found.append(Group(points[number], tuple(groups[number]), journey))
    return found


def _journey(shared: Common, point: Point) -> Journey:
    """How packets went between the first point and this one."""
    empty = np.empty(0, np.int64)
    if not len(shared):
        return Journey(0, MARGIN_NS + (point.uncertainty_ns or MARGIN_NS), empty, empty)
    signs, delay = forward(shared), point.delay_ns or 0
    spread = abs(point.corrected(shared.other_ns) - signs * delay - shared.one_ns)
    ways, first = np.unique((shared.source >> 16) << 32 | shared.target >> 16, return_index=True)
    return Journey(delay, min(int(spread.max()) * 5 // 4 + MARGIN_NS, MOST_SPREAD_NS), ways, signs[first])


def _series(path: str) -> str:
    """What the names of ring-buffer files have in common."""
    return re.sub(r"\d+|\.(gz|zst)$", "", path)


def _conflicts(common: Common, paths: Sequence[str]) -> set[tuple[int, int]]:
    """Pairs of files that cannot be of one point."""
    found = set()
    for pair in _pairs(common):
        shared = common.take(np.flatnonzero(_is_pair(common, *pair)))
        if _differs(shared, one_series=_series(paths[pair[0]]) == _series(paths[pair[1]])):
            found.add(pair)
    return found


def _differs(shared: Common, one_series: bool) -> bool:
    late = abs(shared.other_ns - shared.one_ns)
    if late.max() <= GRAIN_NS:
        return False
    sure = int(shared.telling.sum())
    if not one_series and (late[shared.telling > 0] > LIMITS.copy_ns).any():
        return True
    both_ways = len(np.unique(_ways(shared))) > 1
    if sure < LEAST and (len(shared) < LEAST or not both_ways):
        return False
    # a mirror session doubles packets; where a ring-buffer file ends between a packet and its copy, they are neighbours
    first, last = shared.one_ns, shared.other_ns
    seam = max(first.max(), last.max()) - min(first.min(), last.min()) <= 2 * LIMITS.copy_ns
    return not (seam and len(np.unique(np.sign(last - first))) == 1 and late.max() <= LIMITS.copy_ns)


def _ways(shared: Common) -> I64:
    return np.asarray(np.sign(shared.source - shared.target))


def _pairs(common: Common) -> list[tuple[int, int]]:
    if not len(common):
        return []
    both = np.unique(np.stack([common.one, common.other]), axis=1)
    return [(int(one), int(other)) for one, other in both.T]


def _is_pair(common: Common, one: int, other: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.asarray((common.one == one) & (common.other == other))


def _grouped(
    common: Common, conflicts: set[tuple[int, int]], paths: Sequence[str], given: Sequence[int]
) -> list[list[int]]:
    """Files put together: first those whose names differ only in numbers, as ring-buffer files do, then whatever does
    not conflict."""
    named: dict[str, list[int]] = {}
    for file, path in enumerate(paths):
        named.setdefault(_series(path), []).append(file)
    units = [
        unit
        for files in named.values()
        for unit in ([[file] for file in files] if _conflict(files, files, conflicts) else [files])
    ]
    clocks = _clocks(common, len(paths))
    groups: list[list[int]] = []
    for unit in sorted(units, key=lambda unit: min(given[file] for file in unit)):
        fitting = [g for g in groups if not _conflict(g, unit, conflicts) and not _apart(g, unit, clocks)]
        related = [g for g in fitting if any(clocks[f][0] == clocks[u][0] for f in g for u in unit)]
        if fitting:
            (related or fitting)[0].extend(unit)
        else:
            groups.append(list(unit))
    return groups


def _conflict(files: Sequence[int], others: Sequence[int], conflicts: set[tuple[int, int]]) -> bool:
    if len(files) * len(others) > len(conflicts):
        here, there = set(files), set(others)
        return any((a in here and b in there) or (b in here and a in there) for a, b in conflicts)
    return any((a, b) in conflicts or (b, a) in conflicts for a in files for b in others)


def _clocks(common: Common, files: int) -> list[tuple[int, int]]:
    """Of each file which others it can be compared with (a number that these share), and its clock among them in ns."""
    found = [(file, 0) for file in range(files)]
    near: dict[int, list[tuple[int, int]]] = {}
    for one, other in _pairs(common):
        rows = np.flatnonzero(_is_pair(common, one, other))
        late = int(np.median(common.other_ns[rows] - common.one_ns[rows]))
        near.setdefault(one, []).append((other, late))
        near.setdefault(other, []).append((one, -late))
    seen: set[int] = set()
    for start in range(files):
        waiting = [] if start in seen else [start]
        while waiting:
            file = waiting.pop()
            seen.add(file)
            for other, late in near.get(file, ()):
                if other not in seen:
                    seen.add(other)
                    found[other] = start, found[file][1] + late
                    waiting.append(other)
    return found


def _apart(files: Sequence[int], others: Sequence[int], clocks: list[tuple[int, int]]) -> bool:
    """Whether clocks that can be compared differ too much to be one."""
    return any(
        clocks[a][0] == clocks[b][0] and abs(clocks[a][1] - clocks[b][1]) > ONE_CLOCK_NS for a in files for b in others
    )


def _between(common: Common, of: I64, one: int, other: int) -> Common:
    """What two groups have in common, `one` always the first."""
    straight = common.take(np.flatnonzero((of[common.one] == one) & (of[common.other] == other)))
    turned = common.take(np.flatnonzero((of[common.one] == other) & (of[common.other] == one)))
    columns = zip(
        (
            straight.one,
            straight.other,
            straight.one_ns,
            straight.other_ns,
            straight.source,
            straight.target,
            straight.telling,
        ),
        (turned.other, turned.one, turned.other_ns, turned.one_ns, turned.source, turned.target, turned.telling),
        strict=True,
    )
    return Common(*(np.concatenate(pair) for pair in columns))


def forward(shared: Common) -> I64:
    """For each packet 1 if it passed the first point first, -1 if the second; shape (n,)."""
    source, target = shared.source >> 16, shared.target >> 16
    low, high = np.minimum(source, target), np.maximum(source, target)
    result = np.ones(len(shared), np.int64)
    for pair in np.unique(np.stack([low, high]), axis=1).T:
        rows = np.flatnonzero((low == pair[0]) & (high == pair[1]))
        way = np.where(_upwards(shared, rows), 1, -1)
        result[rows] = way * passing(shared.one_ns[rows], shared.other_ns[rows], way)
    return result


def _upwards(shared: Common, rows: I64) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """One of the two directions between hosts; between two ends on one host that between the ends."""
    source, target = shared.source[rows], shared.target[rows]
    return np.asarray(np.where(source >> 16 == target >> 16, source < target, source >> 16 < target >> 16))


def _placed(parent: Point, shared: Common, number: int) -> Point:
    """The clock of a point from what it has in common with one whose clock is known."""
    if not len(shared):
        return Point(number)
    found: Difference = difference(shared.one_ns, shared.other_ns, forward(shared))
    at_parent = found.at_ns - found.ahead_ns
    ahead = found.ahead_ns + at_parent - parent.corrected_one(at_parent)
    sure = (
        None
        if found.delay_ns is None or (parent.number > 1 and parent.uncertainty_ns is None)
        else (found.delay_ns + GRAIN_NS + (parent.uncertainty_ns or 0))
    )
    return Point(number, ahead, found.at_ns, found.drift + parent.drift, sure, found.delay_ns, found.packets)


def point_notes(groups: Sequence[Group], paths: Sequence[str], merged: bool) -> list[str]:
    """Sentences for the user: what was captured where, the clocks, and what was made of it. `paths` in the order of the
    groups."""
    names, start = [], 0
    for group in groups:
        names.append(_names(paths[start : start + len(group.files)]))
        start += len(group.files)
    notes = [
        f"these files were captured at {len(groups)} points: "
        + ", ".join(f"{names[place]} at point {group.point.number}" for place, group in enumerate(groups))
    ]
    notes += [_clock(group.point) for group in groups[1:] if group.point.common]
    if merged:
        notes.append(
            "their packets were joined, each counts once, and what one point missed the other supplies; times are those of"
            " point 1"
        )
    else:
        notes.append(
            "each conversation was followed at each point for itself and judged once, where more of it was captured; times"
            " are shown on the clock of point 1; --merge-views joins the points"
        )
    return notes


def _names(paths: Sequence[str]) -> str:
    first = os.path.basename(paths[0])
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"


def _clock(point: Point) -> str:
    how = "ahead of" if point.ahead_ns >= 0 else "behind"
    text = f"the clock at point {point.number} was {_span(abs(point.ahead_ns))} {how} that at point 1"
    if point.uncertainty_ns is None or point.delay_ns is None:
        text += f", more or less the journey between them, which packets of one direction do not show ({point.common} packets)"
    else:
        text += f", ± {_span(point.uncertainty_ns)}, by {point.common} packets that both captured"
        text += f"; the journey between them took {_span(point.delay_ns)} one way at best"
    if point.drift:
        text += f"; it ran {abs(point.drift) * 1e6:.3g} millionths {'faster' if point.drift > 0 else 'slower'}"
    return text


def _span(ns: int) -> str:
    """ "3600.000012 s", "0.25 ms"."""
    return f"{ns / 1e9:.6f} s" if ns >= 1_000_000_000 else f"{ns / 1e6:.6g} ms"
