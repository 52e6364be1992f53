"""What a framer is in the middle of: a PDU not yet whole, one passed on in pieces, one skipped, or a lost framing."""

from dataclasses import dataclass

from dicomsniff.core import Evidence
from dicomsniff.pdu.pdata import PdvStream
from dicomsniff.pdu.search import BoundarySearch


def joined(first: Evidence | None, last: Evidence) -> Evidence:
    """The range from the start of `first`, where there is one, to the end of `last`."""
    return first.through(last) if first else last


@dataclass(slots=True)
class Pending:
    """The beginning of a PDU that is to be read whole, at stream offset `start`; with `need` bytes reading goes on."""

    start: int
    need: int
    data: bytearray


@dataclass(slots=True)
class Pieces:
    """A P-DATA-TF passed on as its bytes come. `since` covers the PDU so far, `piece` what of that is not yet passed
    on (None: everything is)."""

    stream: PdvStream
    length: int
    since: Evidence
    piece: Evidence | None
    begins: bool = True
    holed: bool = False

    def add(self, seen: Evidence) -> None:
        self.since = self.since.through(seen)
        self.piece = joined(self.piece, seen)


@dataclass(slots=True)
class Skip:
    """The rest of a PDU of known end (a stream offset) that cannot be read; `seen` covers it so far."""

    end: int
    seen: Evidence | None
    reason: str
    type: int
    length: int


@dataclass(slots=True)
class Lost:
    """The framing is lost. `seen` covers the bytes given up so far, up to offset `upto`; the rest is with the search.
    Type and length are those of the PDU in which it was lost, where known."""

    search: BoundarySearch
    seen: Evidence | None
    upto: int
    reason: str
    type: int | None
    length: int | None
