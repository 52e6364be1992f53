"""What bytes the page wants to show of a report in, and those bytes as hexadecimal text out: bounded, secrets hidden."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from dicomsniff.association.values import Association
from dicomsniff.core import Evidence
from dicomsniff.report.choice import chosen_exchanges
from dicomsniff.report.hexadecimal import hex_lines
from dicomsniff.report.html.chosen import DRAWN, DRAWN_IN_ALL, detailed, drawn, share
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.values import Report

if TYPE_CHECKING:
    from dicomsniff.tcp.excerpts import Excerpt, Excerpts, Wanted

MOST = 384
"""Bytes of one PDU or message: the command set and the beginning of the data set."""
IN_ALL = 400_000
"""Bytes of one page, each five characters in it."""


def wanted(report: Report) -> "list[Wanted]":
    """The PDUs and messages that the page draws, in order, as many as it has room for."""
    found: list[Wanted] = []
    room = IN_ALL
    for connection, evidence in _drawn(report):
        room -= min(MOST, evidence.length)
        if room < 0:
            break
        found.append((connection, evidence))
    return found


def _drawn(report: Report) -> "Iterator[Wanted]":
    numbers = detailed(report)
    for number in numbers:
        association: Association = report.associations.items[number - 1]
        yield from ((association.connection, each) for each in pdus(association))
        row = report.associations[number - 1]
        limit = share(DRAWN_IN_ALL, DRAWN, len(numbers))
        ids = drawn(chosen_exchanges(row, limit), row["failed_exchanges"], limit)
        for exchange in association.exchanges:
            if exchange.id in ids:
                told = exchange.request, exchange.first_response, exchange.final
                yield from ((association.connection, each) for each in told if each)


def pdus(association: Association) -> Iterator[Evidence]:
    """The PDUs that made and ended an association."""
    parts = (
        association.request, association.accept, association.reject,
        association.release_request, association.release_response, *association.aborts[:4],
    )  # fmt: skip
    yield from (each.evidence for each in parts if each is not None)


class Bytes:
    """The bytes that were kept, as text."""

    def __init__(self, excerpts: "Excerpts | None", wanted: "list[Wanted]", redaction: Redaction) -> None:
        self._excerpts, self._redaction = excerpts, redaction
        self._wanted = {(id, each.direction, each.start) for id, each in wanted}

    def data(self, connection: int, evidence: Evidence | None) -> bytes | None:
        """The first bytes of a range of this connection, without a hole; None where nothing was kept of it."""
        excerpt = self._excerpt(connection, evidence)
        if excerpt is None or not excerpt.pieces:
            return None
        seen = bytearray()
        for start, piece in excerpt.pieces:
            if start != excerpt.start + len(seen):
                break
            seen += piece
        return bytes(seen)

    def _excerpt(self, connection: int, evidence: Evidence | None) -> "Excerpt | None":
        if self._excerpts is None or evidence is None:
            return None
        if (connection, evidence.direction, evidence.start) not in self._wanted:
            return None
        return self._excerpts.of(connection, evidence)

    def text(self, connection: int, evidence: Evidence | None) -> Markup | None:
        """Lines of hexadecimal and ASCII; None where nothing was kept of it."""
        excerpt = self._excerpt(connection, evidence)
        if excerpt is None or not excerpt.pieces:
            return None
        lines = (
            f"{line.offset:04x}  {' '.join(line.cells):<47}  {line.text}"
            for line in hex_lines(excerpt, self._redaction)
        )
        return Markup("\n".join(str(escape(line)) for line in lines))
