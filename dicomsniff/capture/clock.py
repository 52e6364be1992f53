"""The clock of one capture file: blocks with the times that were written in, blocks whose time never steps back out.

Packets that stand a little out of order keep their times. Where the clock was set back, later times are moved on by
as much, so that what came later is never earlier; a packet without a time counts as late as the one before it. What was
met is counted, and the places across which no duration is known are kept.
"""

from collections.abc import Callable, Iterable

import numpy as np

from dicomsniff.capture.block import I64, PacketBlock
from dicomsniff.core.records import dataclass, replace

SECOND = 1_000_000_000
STEP_NS = SECOND
"""Packets of several queues or interfaces are written out of order by up to some hundred ms; further back goes only a
clock that is set."""
JUMP_NS = 3600 * SECOND
"""A pause on the network, or a clock that was set forward: after an hour nothing can tell."""
DAY_NS = 86_400 * SECOND
"""Times below are counted from the start of a capture; then the time 0 is one, elsewhere it means that there is none."""
BREAKS = 1000
"""Breaks kept one by one; a capture with more has no clock worth the name, and they are taken together."""
FEW, MANY = 20, 100
"""Packets from which on equal times, and round ones, say something about the clock."""
_LAST_NS = (1 << 63) - 1
SAMPLE = 256
GRAINS = (SECOND, 100_000_000, 10_000_000, 1_000_000)


@dataclass(slots=True)
class Steps:
    """How often something was met, the largest of it in ns, and the packet where it was met first."""

    count: int = 0
    largest_ns: int = 0
    packet: int = 0

    def add(self, number: int, size_ns: int) -> None:
        self.count += 1
        self.largest_ns = max(self.largest_ns, size_ns)
        self.packet = self.packet or number

    def add_all(self, numbers: I64, sizes_ns: I64) -> None:
        """The same met with several packets, in order; the greatest of all these sizes is that of one of them."""
        self.count += len(numbers)
        self.largest_ns = max(self.largest_ns, int(sizes_ns.max()))
        self.packet = self.packet or int(numbers[0])


class Clock:
    """Follows the times of one file. `steady` is given its blocks in order; the rest may be asked at any time."""

    def __init__(self) -> None:
        self.untimed = 0
        self.late, self.back, self.forward = Steps(), Steps(), Steps()
        self.leaps: list[tuple[int, int]] = []  # packet and size of the jumps forward, the first of them
        self._timed = 0
        self._offset = 0
        self._first = self._latest = self._raw = -1
        self._relative = False
        self._grains = list(GRAINS)
        self._breaks: list[tuple[int, int]] = []
        self._untimed_since = 0
        self._number = 0

    def steady(self, block: PacketBlock) -> PacketBlock:
        """The block, which must not be empty, with times that hold; itself where they do, as nearly always."""
        behind = self._behind(block.time_ns)
        if behind is not None:
            self._take_sound(block, behind)
            return block
        if self._latest < 0:
            known = block.time_ns[block.time_ns > 0]
            self._relative = bool(len(known) and known[0] < DAY_NS)
        numbers, raw = block.number.tolist(), block.time_ns.tolist()
        times = np.fromiter((self._next(n, t) for n, t in zip(numbers, raw, strict=True)), np.int64, len(numbers))
        self._number = numbers[-1]
        self._see_grain(block.time_ns[block.time_ns > 0])
        return replace(block, time_ns=times)

    def breaks(self) -> Iterable[tuple[int, int]]:
        """Ranges (first, last) of packet numbers: what lies before `last` and what lies at or behind `first` have no
        known distance in time. Ascending."""
        yield from self._breaks
        if self._untimed_since:
            yield self._untimed_since, self._number + 1

    def notes(self, final: Callable[[int], int] = int, late_ns: int = 0) -> list[str]:
        """A sentence for the user on everything odd that was met; `final` gives packets their numbers in the timeline.
        Packets out of order by less than `late_ns` are passed over."""
        notes = []
        if self.untimed:
            notes.append(
                f"{_packets(self.untimed)} no time and count as late as the one before; durations that involve them are "
                "unknown"
            )
        if self.late.count and self.late.largest_ns >= late_ns:
            notes.append(
                f"{_packets(self.late.count, 'stand')} out of the order of time, by up to {span(self.late.largest_ns)}"
            )
        if self.back.count:
            notes.append(
                f"the clock steps back {_times(self.back.count)}, first at packet {final(self.back.packet)}, by up to "
                f"{span(self.back.largest_ns)}; later times are shown moved on by as much"
            )
        if self.forward.count:
            notes.append(jumps(self.forward.count, final(self.forward.packet), self.forward.largest_ns))
        return notes + self._coarseness()

    def _coarseness(self) -> list[str]:
        if self._timed < FEW:
            return []
        if self._first == self._latest:
            return [f"all {self._timed} packets with a time carry the same one: how long anything took is unknown"]
        if not self._grains or self._timed < MANY:
            return []
        return [f"times are whole multiples of {span(self._grains[0])}: shorter durations are lost"]

    def _behind(self, times: I64) -> I64 | None:
        """How far each packet stands behind the latest before it, negative where it is later. None where something needs
        a closer look: a time unknown, a jump, a step back, something moved."""
        if self._offset or self._untimed_since or times.min() <= 0:
            return None
        before = times[0] if self._latest < 0 else self._latest
        behind: I64 = np.maximum.accumulate(np.append(before, times))[:-1] - times
        return behind if behind.max() <= STEP_NS and behind.min() >= -JUMP_NS else None

    def _take_sound(self, block: PacketBlock, behind: I64) -> None:
        if self._latest < 0:
            self._first = self._latest = int(block.time_ns[0])
        if behind.max() > 0:
            self.late.add_all(block.number[behind > 0], behind)
        self._latest = max(self._latest, int(block.time_ns.max()))
        self._raw = int(block.time_ns[-1])
        self._timed += len(block)
        self._number = int(block.number[-1])
        self._see_grain(block.time_ns)

    def _see_grain(self, times: I64) -> None:
        for sample in (times[:SAMPLE], times):
            while self._grains and (sample % self._grains[0]).any():
                del self._grains[0]
            if not self._grains:
                return

    def _next(self, number: int, raw: int) -> int:
        """The time at which a packet counts, given the one that is written."""
        if raw < 0 or (raw == 0 and not (self._relative and self._raw <= 0)):
            self.untimed += 1
            self._untimed_since = self._untimed_since or number
            return self._latest
        self._timed += 1
        if self._untimed_since:
            self._break(self._untimed_since, number)
            self._untimed_since = 0
        if self._latest < 0:
            self._first = self._latest = raw
        now = self._moved(number, raw)
        self._raw, self._latest = raw, max(now, self._latest)
        return now

    def _moved(self, number: int, raw: int) -> int:
        now, latest = min(raw + self._offset, _LAST_NS), self._latest
        if now < latest - STEP_NS:
            self.back.add(number, latest - now)
            self._offset = latest - raw
        elif self._offset and raw >= latest and raw - self._raw >= self._offset // 2:
            self._offset = 0  # it is back on the clock of before
        elif now - latest > JUMP_NS:
            self.forward.add(number, now - latest)
            if len(self.leaps) < BREAKS:
                self.leaps.append((number, now - latest))
        else:
            if now < latest:
                self.late.add(number, latest - now)
            return now
        self._break(number, number)
        return min(raw + self._offset, _LAST_NS)

    def _break(self, first: int, last: int) -> None:
        if len(self._breaks) < BREAKS:
            self._breaks.append((first, last))
        else:
            self._breaks[-1] = self._breaks[-1][0], last


def jumps(count: int, packet: int, largest_ns: int) -> str:
    """What is said of so many jumps, the first of them at this packet (by its final number)."""
    return (
        f"the time jumps forward {_times(count)}, first at packet {packet}, by up to {span(largest_ns)}: a pause, or the clock was "
        "set; durations across it prove nothing"
    )


def _packets(count: int, verb: str = "carry") -> str:
    return f"1 packet {verb.replace('carry', 'carrie')}s" if count == 1 else f"{count} packets {verb}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def span(span_ns: int) -> str:
    """ "0.03 ms", "250 ms", "3600 s"."""
    return f"{span_ns / SECOND:.10g} s" if span_ns >= SECOND else f"{span_ns / 1e6:.6g} ms"
