"""Instance Numbers of a series in, the gaps between them out, where the numbers allow to speak of gaps at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from dicomsniff.core.tuples import NamedTuple

_RANGES = 100
_DIGITS = 9  # IS has at most 12 characters; longer numbers are no counting


class Numbering(NamedTuple):
    """`first` and `last` number, None where no object has one. `missing` are the ranges between them that no object has;
    `unclear` says why nothing can be said of gaps, None where it can."""

    first: int | None
    last: int | None
    missing: tuple[tuple[int, int], ...]
    unclear: str | None


def numbering(values: Collection[str | None], instances: int) -> Numbering:
    """The numbering of a series of so many different instances; `values` are their different Instance Numbers, None
    among them where an object has none.

    Numbers need not count: only where every object has a number of its own, and more numbers between the first and the
    last are there than not, a missing one is called a gap. Objects before the first or behind the last are never missed.
    """
    numbers = sorted({n for value in values if (n := _number(value)) is not None})
    if not numbers:
        return Numbering(None, None, (), "the objects carry no instance numbers")
    first, last = numbers[0], numbers[-1]
    if len(numbers) < len(values):
        return Numbering(first, last, (), "some objects have no instance number")
    if len(numbers) != instances:
        return Numbering(first, last, (), "several objects have the same instance number")
    absent = last - first + 1 - len(numbers)
    if absent > len(numbers) or (absent and len(numbers) < 3):
        return Numbering(first, last, (), "the instance numbers do not count the objects")
    return Numbering(first, last, tuple(_gaps(numbers)) if absent else (), None)


def _gaps(numbers: list[int]) -> Iterator[tuple[int, int]]:
    told = 0
    for before, after in pairwise(numbers):
        if after - before > 1 and told < _RANGES:
            told += 1
            yield before + 1, after - 1


def _number(value: str | None) -> int | None:
    text = (value or "").strip()
    digits = text[1:] if text[:1] in ("+", "-") else text
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS else None
