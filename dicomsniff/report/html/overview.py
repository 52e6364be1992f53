"""The traffic in, the capture at one glance out: associations as bars in lanes, findings as marks, throughput below.

Across, everything is a part (0 to 1) of the time that the capture spans.
"""

from collections.abc import Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from heapq import heapreplace

from dicomsniff.association.values import Association
from dicomsniff.core import Evidence
from dicomsniff.core.records import dataclass
from dicomsniff.report.html.finding_groups import Group
from dicomsniff.report.html.times import time_ns
from dicomsniff.report.values import Report
from dicomsniff.report.wording import size

SPANS = 400  # bars drawn; more are shown as a count over time
BINS = 160
MARKS = 120
LANES = 30
LANE = 11.0  # px
_TICKS = 6
_STEPS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
             600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """An association from `begin` to `end` in its lane."""

    number: int
    begin: float
    end: float
    lane: int
    outcome: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding at its time."""

    number: int
    at: float
    severity: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """One of BINS equal times and a number in it, as a part of the peak."""

    begin: float
    end: float
    height: float


@dataclass(slots=True)
class Overview:
    """`rates` and `active` are the columns that are not empty; `active` counts the associations under way where there are
    too many for bars."""

    start_ns: int
    length_ns: int
    spans: list[Span] = field(default_factory=list)
    lanes: int = 0
    marks: list[Mark] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    rates: list[Column] = field(default_factory=list)
    peak: str = ""
    active: list[Column] = field(default_factory=list)
    most_active: int = 0

    def part(self, time_ns: int) -> float:
        return round(min(1.0, max(0.0, (time_ns - self.start_ns) / self.length_ns)), 5)


def overview(report: Report, groups: Sequence[Group]) -> Overview | None:
    """None where there is no time to show."""
    associations: Sequence[Association] = report.associations.items
    known = [a for a in associations if a.first_ns >= 0]
    if not known:
        return None
    start = min(a.first_ns for a in known)
    made = Overview(start, max(1, max(a.last_ns for a in known) - start))
    if len(known) <= SPANS:
        _lanes(made, known)
    else:
        _count(made, known)
    made.marks = _marks(made, groups)
    _throughput(made, known)
    made.ticks = _ticks(made)
    return made


def _lanes(made: Overview, associations: Sequence[Association]) -> None:
    """Each in the lane that has been free for longest; a lane too few, and the bars lie over each other."""
    free: list[tuple[float, int]] = []
    for one in sorted(associations, key=lambda a: (a.first_ns, a.id)):
        begin, end = made.part(one.first_ns), made.part(one.last_ns)
        if free and (free[0][0] < begin or len(free) >= LANES):
            lane = free[0][1]
            heapreplace(free, (end, lane))
        else:
            lane = len(free)
            _push(free, (end, lane))
        title = f"{one.calling_ae or '?'} → {one.called_ae or '?'}"
        made.spans.append(Span(one.id, begin, end, lane, str(one.outcome), title))
    made.lanes = len(free)


def _push(free: list[tuple[float, int]], lane: tuple[float, int]) -> None:
    free.append(lane)
    free.sort()


def _count(made: Overview, associations: Sequence[Association]) -> None:
    changes = [0] * (BINS + 1)
    for one in associations:
        changes[_bin(made, one.first_ns)] += 1
        changes[_bin(made, one.last_ns) + 1] -= 1
    counts, now = [], 0
    for change in changes[:BINS]:
        now += change
        counts.append(now)
    made.most_active = max(counts)
    made.active = _columns(counts)


def _columns(numbers: Sequence[float]) -> list[Column]:
    most = max(numbers)
    return [
        Column(round(place / BINS, 5), round((place + 1) / BINS, 5), round(number / most, 4))
        for place, number in enumerate(numbers)
        if number > 0
    ]


def _bin(made: Overview, time_ns: int) -> int:
    return min(BINS - 1, max(0, (time_ns - made.start_ns) * BINS // made.length_ns))


def _marks(made: Overview, groups: Sequence[Group]) -> list[Mark]:
    found: list[Mark] = []
    for group in groups:
        for view in group.findings:
            at = time_ns(view.row["time"])
            if at is not None and group.severity != "info" and len(found) < MARKS:
                found.append(Mark(view.number, made.part(at), group.severity, group.title))
    return found


def _throughput(made: Overview, associations: Sequence[Association]) -> None:
    """Bytes of messages over time: each message's, evenly from its first to its last packet."""
    sums = [0.0] * BINS
    for one in associations:
        for exchange in one.exchanges:
            for evidence in (exchange.request, exchange.final):
                if evidence is not None:
                    _spread(made, sums, evidence)
    seconds = made.length_ns / BINS / 1e9
    most = max(sums)
    if most > 0:
        made.rates = _columns(sums)
        made.peak = f"{size(round(most / seconds))}/s"


def _spread(made: Overview, sums: list[float], evidence: Evidence) -> None:
    first, last = _bin(made, evidence.first_ns), _bin(made, evidence.last_ns)
    if last <= first:
        sums[first] += evidence.length
        return
    for place in range(first, last + 1):
        sums[place] += evidence.length / (last - first + 1)


def _ticks(made: Overview) -> list[Tick]:
    """Round times of the day, a handful."""
    span_ms = made.length_ns / 1e6
    step = next((step for step in _STEPS_MS if span_ms / step <= _TICKS), None) or _STEPS_MS[-1] * max(
        1, round(span_ms / _STEPS_MS[-1] / _TICKS)
    )
    step_ns = step * 1_000_000
    first = -(-made.start_ns // step_ns) * step_ns
    times = range(first, made.start_ns + made.length_ns + 1, step_ns)
    return [Tick(made.part(time), _clock(time, step)) for time in list(times)[: 2 * _TICKS]]


def _clock(time_ns: int, step_ms: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)
    if step_ms >= 86_400_000:
        return f"{moment:%m-%d}"
    return (
        f"{moment:%H:%M}"
        if step_ms >= 60_000
        else f"{moment:%H:%M:%S}" + (f".{moment.microsecond // 1000:03d}" if step_ms < 1000 else "")
    )
