"""Stretches of time in, how long at least one of them lasted out."""

from __future__ import annotations

from collections.abc import Iterable


def union(spans: Iterable[tuple[int, int]]) -> int:
    """Begins and ends in ns; what several share counts once."""
    busy, until = 0, None
    for begin, end in sorted(spans):
        if until is None or begin > until:
            busy, until = busy + max(0, end - begin), max(begin, end)
        elif end > until:
            busy, until = busy + end - until, end
    return busy
