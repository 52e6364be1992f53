"""Numbers in, the middle one out; the standard library's own takes a twentieth of a second to import."""

from collections.abc import Iterable


def median(values: Iterable[int]) -> float:
    """The middle value, or the mean of the two middle ones. Raises IndexError where there is none."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
