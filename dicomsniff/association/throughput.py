"""What one direction of a connection carried, by time; and at what rate, and what its receive window allowed."""

from __future__ import annotations

from dicomsniff.association.timing import Clock, Timing
from dicomsniff.association.values import Association
from dicomsniff.core import Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tcp.events import Connection

POINTS = 200


class Curve(NamedTuple):
    """Bytes carried (repeats included) in each of some times of equal length, `step_ns` each, the first of which begins at
    `begin_ns`."""

    begin_ns: int
    step_ns: int
    counts: tuple[int, ...]


def curve(tcp: Connection, direction: Direction, most: int = POINTS) -> Curve | None:
    """The whole of this direction in at most so many points; None where it carried nothing."""
    meter = tcp.meters[direction]
    if not meter.carried:
        return None
    first, last = meter.carried[0][0], meter.carried[-1][0]
    wider = 0
    while (last >> wider) - (first >> wider) >= most:
        wider += 1
    first >>= wider
    counts = [0] * ((last >> wider) - first + 1)
    for at, count in meter.carried:
        counts[(at >> wider) - first] += count
    shift = meter.shift + wider
    return Curve(first << shift, 1 << shift, tuple(counts))


class Rates(NamedTuple):
    """Of the data of one direction of an association. `bytes_per_second`: of its larger messages while they were sent, from
    first byte to last; `window`: the largest receive window offered, in bytes; `ceiling`: what that allows in each round
    trip, in bytes per second; `needed`: the window that the rate needs. None where it is not known."""

    bytes_per_second: float | None
    window: int | None
    ceiling: float | None
    needed: int | None


def rates(association: Association, times: Timing, large: int = 32_768) -> dict[Direction, Rates]:
    """For each direction in which a message of more than `large` bytes was sent: shorter ones tell nothing of a rate."""
    sent: dict[Direction, tuple[int, int]] = {}
    for exchange in association.exchanges:
        request = exchange.request
        if request is not None and request.length > large:
            length, took = sent.get(request.direction, (0, 0))
            sent[request.direction] = length + request.length, took + max(0, request.last_ns - request.first_ns)
    return {direction: _rates(times.clock(association), direction, *known) for direction, known in sent.items()}


def _rates(clock: Clock, direction: Direction, length: int, took: int) -> Rates:
    rate = length * 1e9 / took if took and not clock.holes else None
    scale, offered, round_ns = clock.sorters[direction].scale, clock.tcp.meters[direction].window, clock.round_ns
    window = None if offered is None or scale is None else offered << scale
    ceiling = window * 1e9 / round_ns if window is not None and round_ns else None
    needed = round(rate * round_ns / 1e9) if rate is not None and round_ns is not None else None
    return Rates(rate, window, ceiling, needed)
