"""What a connection carried by time in, two outlines to scale out: what the requestor sent upwards, the answers downwards."""

from collections.abc import Sequence
from itertools import chain

from dicomsniff.core.records import dataclass
from dicomsniff.report.html.times import time_ns
from dicomsniff.report.values import Row
from dicomsniff.report.wording import duration, size

WIDTH, HALF = 1000, 50
"""Units of the drawing: its width, and its height above and below the line."""
_LEAST_BYTES = 50_000  # less tells nothing of a rate
_LEAST_POINTS = 8


@dataclass(frozen=True, slots=True)
class Throughput:
    """`up` and `down` are outlines as SVG paths, empty where nothing was carried that way. `peak` is the highest rate, over a
    time of `step`; `length` what the full width stands for."""

    up: str
    down: str
    peak_up: str
    peak_down: str
    step: str
    length: str


def throughput(connection: Row, requestor_is_initiator: bool) -> Throughput | None:
    """None where too little was carried for a curve."""
    curves = connection["throughput"]
    if not curves:
        return None
    ways = [curves["to_responder"], curves["to_initiator"]]
    up, down = ways if requestor_is_initiator else ways[::-1]
    if not any(each and sum(each["bytes"]) >= _LEAST_BYTES and len(each["bytes"]) >= _LEAST_POINTS for each in ways):
        return None
    span = _Span([each for each in ways if each])
    most = max(span.rate(each) for each in ways if each)
    return Throughput(
        span.outline(up, most, -1),
        span.outline(down, most, 1),
        _rate(span.rate(up)),
        _rate(span.rate(down)),
        duration(max(each["step_ms"] for each in ways if each)),
        duration(span.length_ns / 1e6),
    )


def _rate(bytes_per_second: float) -> str:
    return f"{size(round(bytes_per_second))}/s" if bytes_per_second else ""


class _Span:
    """The time of all curves."""

    def __init__(self, curves: Sequence[Row]) -> None:
        self.begin_ns = min(_begin(each) for each in curves)
        self.length_ns = max(_begin(each) + _step(each) * len(each["bytes"]) for each in curves) - self.begin_ns

    def rate(self, curve: Row | None) -> float:
        """The highest, in bytes per second."""
        return max(curve["bytes"]) * 1e9 / _step(curve) if curve else 0.0

    def outline(self, curve: Row | None, most: float, sign: int) -> str:
        """Steps from the middle line and back to it."""
        if not curve or not most:
            return ""
        heights = [round(HALF * count * 1e9 / _step(curve) / most) for count in curve["bytes"]]
        places = [self._place(_begin(curve) + number * _step(curve)) for number in range(len(heights) + 1)]
        before = 0
        drawn: list[str] = [f"M{places[0]} {HALF}"]
        for place, height in zip(places, chain(heights, (0,)), strict=True):
            if height != before:
                drawn.append(f"H{place}V{HALF + sign * height}")
                before = height
        return "".join(drawn) + f"H{places[-1]}Z"

    def _place(self, time: int) -> int:
        return round(WIDTH * (time - self.begin_ns) / self.length_ns)


def _begin(curve: Row) -> int:
    return time_ns(curve["begin"]) or 0


def _step(curve: Row) -> int:
    step: float = curve["step_ms"]
    return round(step * 1e6)
