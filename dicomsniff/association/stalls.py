"""An exchange in, the times out in which its transfer stood still, and what each of them waited for."""

from __future__ import annotations

from dicomsniff.association.timing import Timing
from dicomsniff.association.values import Exchange
from dicomsniff.core import Direction
from dicomsniff.core.tuples import NamedTuple

STALLS = 50
"""Kept of one exchange: the longest, in the order of time."""
LEAST_NS = 5_000_000


class Stall(NamedTuple):
    """Nothing came from one sender between two packets. `kind` is a name of `Parts`, `direction` that of its data."""

    begin_ns: int
    end_ns: int
    kind: str
    direction: Direction
    since_packet: int
    packet: int

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.begin_ns


def stalls(exchange: Exchange, times: Timing, least_ns: int = LEAST_NS, most: int = STALLS) -> list[Stall]:
    """Those within its request and within its responses, that last so long and have a name ("wire" has none)."""
    clock = times.clock(times.traffic.association(exchange.association))
    found: list[Stall] = []
    if clock.holes or not clock.tcp.pauses:
        return found
    first, final = exchange.first_response, exchange.final
    for one, last in ((exchange.request, exchange.request), (first, final)):
        if one is None or last is None or not clock.holds(one, last):
            continue
        for pause in clock.within(one.direction, one.first_ns, last.last_ns):
            begin = pause.since_ns
            for kind, took in clock.sorters[one.direction].split(pause):
                if took >= least_ns and kind != "wire":
                    found.append(Stall(begin, begin + took, kind, one.direction, pause.since_packet, pause.packet))
                begin += took
    longest = sorted(found, key=lambda stall: -stall.duration_ns)[:most]
    return sorted(longest, key=lambda stall: stall.begin_ns)
