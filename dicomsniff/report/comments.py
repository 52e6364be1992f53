"""Traffic in, the error comments of its responses out, with what the data sets beside them say of a patient masked.

A comment (0000,0902) is free text of an archive: "patient 4711 is unknown". What is somebody's in it is found by comparing it
with the values of the exchange it answers, and with the identifiers of every object in the capture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from dicomsniff.association.content import answers_of, dataset_of
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.patterns import pattern
from dicomsniff.dimse.dataset import DataSet
from dicomsniff.report.profile import FOLLOWED, is_protected

LEARNED = 3000
"""Different comments that are compared; more of them differ in what they name, and are masked whole."""

_SHORTEST = 2
_NOBODY = frozenset({"patient", "name", "test", "unknown", "anonymous", "anonymized", "dicom"})
"""Parts of the names of patients who are none, and words that comments are made of."""

_WORD = pattern(r"[^\s'\"“”‘’`,;:()\[\]{}<>=|/]+")
_DATE = pattern(r"(\d{4})(\d{2})(\d{2})$")


class Comments:
    """The error comments of some traffic. `mask` gives the name that is shown for a value."""

    def __init__(self, traffic: Traffic, identifiers: Iterable[str], mask: Callable[[str], str]) -> None:
        self._mask = mask
        self._known = {value.casefold(): value for value in identifiers if len(value) > _SHORTEST}
        self._masked: Mapping[str, str] = dict(self._learn(traffic))

    def masked(self, comment: str) -> str:
        """The comment with everything masked that is known as somebody's; masked whole where nothing is known of it."""
        return self._masked.get(comment) or self._mask(comment)

    def _learn(self, traffic: Traffic) -> Iterator[tuple[str, str]]:
        first: dict[str, Exchange] = {}
        for exchange in traffic.exchanges:
            if exchange.error_comment and len(first) < LEARNED:
                first.setdefault(exchange.error_comment, exchange)
        for comment, exchange in first.items():
            with suppress(ValueError):  # the data sets have been forgotten: nothing is known of this comment
                yield comment, self._compared(comment, exchange)

    def _compared(self, comment: str, exchange: Exchange) -> str:
        own = sorted(_spellings(exchange), key=lambda value: (-len(value), value))
        if own:
            names = rf"(?<!\w)(?:{'|'.join(map(re.escape, own))})(?!\w)"
            comment = re.sub(names, lambda found: self._mask(found[0]), comment, flags=re.IGNORECASE)
        return _WORD.sub(self._word, comment)

    def _word(self, found: re.Match[str]) -> str:
        value = self._known.get(found[0].rstrip(".!?").casefold())
        return found[0] if value is None else found[0].replace(found[0].rstrip(".!?"), self._mask(value))


def _spellings(exchange: Exchange) -> set[str]:
    """How the values of its data sets may stand in a sentence: as they are, names in parts, dates with dashes."""
    request = dataset_of(exchange)
    found: set[str] = set()
    for data in (*((request,) if request else ()), *answers_of(exchange)):
        for vr, value in _values(data, False):
            found.update(_spelt(vr, value))
    return {value for value in found if len(value) >= _SHORTEST}


def _values(data: DataSet, inside: bool) -> Iterator[tuple[str, str]]:
    for element in data.elements:
        protected = inside or is_protected(element.tag, element.vr)
        for item in element.items:
            yield from _values(item, protected)
        if protected and element.value and element.vr not in FOLLOWED:
            yield from ((element.vr, value.strip(" \0")) for value in element.value.split("\\"))


def _spelt(vr: str, value: str) -> Iterator[str]:
    yield value.strip("*?^ ")
    if vr == "PN":
        parts = [part for part in re.split(r"[\^=\s*?]+", value) if part]
        yield from (part for part in parts if len(part) > _SHORTEST and part.casefold() not in _NOBODY)
        yield " ".join(parts)
        yield " ".join(reversed(parts[:2]))
    elif vr == "DA" and (date := _DATE.match(value)):
        yield f"{date[1]}-{date[2]}-{date[3]}"
        yield f"{date[3]}.{date[2]}.{date[1]}"
