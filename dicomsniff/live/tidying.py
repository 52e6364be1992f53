"""Nothing in; memory that nobody uses any more given back to the system, now and then."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import cache

EVERY_SECONDS = 30.0


def tidy() -> None:
    """Find what refers to itself, then give back what the C library keeps of everything that was freed: where objects of a
    look lie between those that stay, it would never shrink by itself."""
    gc.collect()
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """`malloc_trim` of glibc; None where there is none."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # another C library; Windows knows no library without a name
        return None
    return found
