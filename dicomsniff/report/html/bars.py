"""Timing of exchanges as bars: milliseconds in, positions in an SVG of fixed width out."""

from dicomsniff.core.records import dataclass
from dicomsniff.report.values import Row

WIDTH = 160.0  # units of the SVG's view box
_SEEN = 1.5  # the narrowest part that an eye still sees


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle of a bar: its CSS class and where it lies (0 to WIDTH)."""

    name: str
    x: float
    width: float


def longest(exchanges: list[Row]) -> float:
    """The time in ms that a bar of full width stands for: that of the longest exchange."""
    return max((_total(row) for row in exchanges), default=0.0)


def parts(row: Row, scale: float) -> list[Part]:
    """Request, its way beyond the capture point, waiting and response of one exchange, side by side, to the scale of
    `longest`."""
    waiting = _waiting(row)
    way = min(row["time"]["queue"] or 0.0, waiting)
    times = [
        ("request", row["time"]["transfer"] or 0.0),
        ("way", way),
        ("wait", waiting - way),
        ("response", _tail(row)),
    ]
    made, x = [], 0.0
    for name, milliseconds in times:
        if milliseconds <= 0 or scale <= 0:
            continue
        width = round(min(max(milliseconds / scale * WIDTH, _SEEN), WIDTH - x), 2)
        if width > 0:
            made.append(Part(name, round(x, 2), width))
            x += width
    return made


def _total(row: Row) -> float:
    return max(row["duration_ms"] or 0.0, row["time"]["transfer"] or 0.0)


def _waiting(row: Row) -> float:
    """From the last byte of the request to the first byte of an answer."""
    return max(row["first_response_ms"] or 0.0, 0.0)


def _tail(row: Row) -> float:
    """From the first byte of the first response to the last byte of the final one."""
    if row["duration_ms"] is None or row["first_response_ms"] is None:
        return 0.0
    return float(row["duration_ms"] - (row["time"]["transfer"] or 0.0) - _waiting(row))
