"""An excerpt of a stream in, lines of hexadecimal and ASCII out, without what must not be shown."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.private_parts import private_parts
from dicomsniff.report.redaction import Redaction
from dicomsniff.tcp.excerpts import Excerpt

WIDTH = 16
HIDDEN, LOST = "··", "??"


class HexLine(NamedTuple):
    """Sixteen bytes at most: the offset of the first in the PDU, two characters for each, and the text they are."""

    offset: int
    cells: tuple[str, ...]
    text: str


def hex_lines(excerpt: Excerpt, redaction: Redaction) -> Iterator[HexLine]:
    """The lines of a PDU. Passcodes and the like are hidden always, data sets where patient data are masked, bytes that
    the capture does not hold are shown as such."""
    cells, text = _cells(excerpt, redaction)
    for offset in range(0, len(cells), WIDTH):
        yield HexLine(offset, tuple(cells[offset : offset + WIDTH]), "".join(text[offset : offset + WIDTH]))


def _cells(excerpt: Excerpt, redaction: Redaction) -> tuple[list[str], list[str]]:
    cells, text = [LOST] * (excerpt.end - excerpt.start), ["?"] * (excerpt.end - excerpt.start)
    for start, piece in excerpt.pieces:
        for at, byte in enumerate(piece, start - excerpt.start):
            cells[at], text[at] = f"{byte:02x}", chr(byte) if 32 <= byte < 127 else "."
    for start, end, secret in _hidden(excerpt, redaction.uids is not None):
        if secret or redaction.masked:
            for at in range(start, end):
                if cells[at] != LOST:
                    cells[at], text[at] = HIDDEN, "·"
    return cells, text


def _hidden(excerpt: Excerpt, commands: bool) -> list[tuple[int, int, bool]]:
    """Behind a hole nothing is known: everything there is as secret as can be. `commands`: the UIDs in them too."""
    first = excerpt.pieces[0] if excerpt.pieces else (excerpt.start, b"")
    seen = bytearray()
    for start, piece in excerpt.pieces:
        if start != excerpt.start + len(seen):
            break
        seen += piece
    if first[0] != excerpt.start:
        return [(0, excerpt.end - excerpt.start, True)]
    return [*private_parts(bytes(seen), commands), (len(seen), excerpt.end - excerpt.start, True)]
