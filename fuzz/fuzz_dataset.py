"""A data set, whole or cut, in any transfer syntax through the bounded reader.

Layout of the bytes: transfer syntax, mode, place of a cut (two bytes), then the data set.
"""

import zlib
from collections.abc import Sequence
from dataclasses import replace

from dicomsniff.core import LIMITS
from dicomsniff.dimse.dataset import DataSet, Element, read_dataset
from fuzz.choices import Choices
from fuzz.engine import run

IMPLICIT, EXPLICIT, BIG, DEFLATED = (f"1.2.840.10008.1.2{end}" for end in ("", ".1", ".2", ".1.99"))
SYNTAXES = (IMPLICIT, EXPLICIT, BIG, DEFLATED, None, "1.2.840.10008.1.2.4.50", "1.2.840.113619.5.2")
LENGTH_KNOWN, UNTIL, LITTLE = 1, 2, 4
SMALL = replace(LIMITS, dataset_depth=4, dataset_elements=20, inflate_bytes=500)


def invariant(data: bytes) -> None:
    """Never raises and keeps to the limits; a head gives a prefix of the whole, deflating changes no element."""
    choices = Choices(data)
    syntax, mode, cut = SYNTAXES[choices.byte() % len(SYNTAXES)], choices.byte(), choices.word()
    content = choices.rest()
    limits = SMALL if mode & LITTLE else LIMITS
    until = 0x00200010 if mode & UNTIL else None
    total = len(content) if mode & LENGTH_KNOWN else None
    whole = read_dataset(content, syntax, limits=limits, total_length=total, until=until)
    assert whole == read_dataset(content, syntax, limits=limits, total_length=total, until=until)
    _bounded(whole, limits.dataset_elements, limits.dataset_depth)
    if syntax == DEFLATED:
        _deflated(content, until)
    elif syntax is not None:
        head = read_dataset(content[: cut % (len(content) + 1)], syntax, limits=limits, total_length=total, until=until)
        if head.error is None and whole.error is None and total is not None:
            _prefix(head.elements, whole.elements)


def _bounded(found: DataSet, elements: int, depth: int) -> None:
    count, deepest, level = 0, 0, [(element, 1) for element in found.elements]
    while level:
        element, at = level.pop()
        count, deepest = count + 1, max(deepest, at)
        level += [(inner, at + 1) for item in element.items for inner in item.elements]
    assert count <= elements + depth  # sequences that were open when the limit was reached are closed and count
    assert deepest <= depth + 1
    assert found.error is None or found.error.isprintable()


def _prefix(head: Sequence[Element], whole: Sequence[Element]) -> None:
    """The last element of a head may have come in part."""
    assert [e.tag for e in head] == [e.tag for e in whole[: len(head)]]
    assert list(head[:-1]) == list(whole[: len(head[:-1])])


def _deflated(content: bytes, until: int | None) -> None:
    """What was deflated reads as it would have, had it not been."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = deflate.compress(content) + deflate.flush()
    plain = read_dataset(content, "1.2.840.10008.1.2.4.50", total_length=len(content), until=until)
    found = read_dataset(packed, DEFLATED, total_length=len(packed), until=until)
    if plain.error is None and content and packed[128:132] != b"DICM":  # which reads as a file and not a data set
        assert found.error is None
        assert found.elements == plain.elements


if __name__ == "__main__":
    run("fuzz.fuzz_dataset")
