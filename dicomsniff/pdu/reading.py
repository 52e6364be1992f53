"""What a framer is in the middle of: a PDU not yet whole, one passed on in pieces, one skipped, or a lost framing."""

from dicomsniff.core import Anomaly, AnomalyCode, Evidence
from dicomsniff.core.records import dataclass
from dicomsniff.pdu.pdata import PDU_HEADER, PdvStream
from dicomsniff.pdu.search import BoundarySearch
from dicomsniff.pdu.tables import pdu_name
from dicomsniff.pdu.trace import PacketTrace
from dicomsniff.pdu.values import BrokenPdu

_MANY = 64
"""Segments whose packets are kept while the framing is lost: each evidence of many costs little more than one of few."""


def joined(first: Evidence | None, last: Evidence) -> Evidence:
    """The range from the start of `first`, where there is one, to the end of `last`."""
    return first.through(last) if first else last


def truncation(seen: Evidence, kind: int | None, length: int | None) -> Anomaly:
    """The stream ended when `seen` of a PDU had come; type and PDU-length where its header tells them."""
    name = pdu_name(kind) if kind is not None else "a PDU"
    total = "unknown length" if length is None else f"{length + PDU_HEADER} bytes"
    return Anomaly(AnomalyCode.PDU_TRUNCATED, seen, f"the stream ends after {seen.length} bytes of {name} of {total}")


@dataclass(slots=True)
class Pending:
    """The beginning of a PDU that is to be read whole, at stream offset `start`; with `need` bytes reading goes on."""

    start: int
    need: int
    data: bytearray

    @property
    def ready(self) -> bool:
        return len(self.data) == self.need

    def fill(self, view: memoryview) -> int:
        """Take what is needed from the bytes that follow; how many were."""
        take = min(self.need - len(self.data), len(view))
        self.data += view[:take]
        return take


@dataclass(slots=True)
class Pieces:
    """A P-DATA-TF passed on as its bytes come. `since` covers the PDU so far, `piece` what of that is not yet passed
    on (None: everything is). `begins`: nothing is. `holed`: bytes of it are missing."""

    stream: PdvStream
    length: int
    since: Evidence
    piece: Evidence | None
    begins: bool = True
    holed: bool = False

    def reach(self, offset: int, trace: PacketTrace) -> None:
        """Everything before this stream offset has been read."""
        if offset > self.since.end:
            self.add(trace.evidence(self.since.end, offset))

    def all_of(self, trace: PacketTrace) -> Evidence:
        """Everything seen of the PDU, the half of an item's header that was not passed on included."""
        told, position = self.since.end, self.stream.position
        return self.since.through(trace.evidence(told, position)) if position > told else self.since

    def add(self, seen: Evidence) -> None:
        self.since = self.since.through(seen)
        self.piece = joined(self.piece, seen)


@dataclass(slots=True)
class Skip:
    """The rest of a PDU that cannot be read, up to stream offset `end`; `seen` covers it so far."""

    end: int
    seen: Evidence | None
    reason: str
    type: int
    length: int

    @property
    def over(self) -> bool:
        return self.seen is not None and self.seen.end == self.end

    def add(self, seen: Evidence) -> None:
        self.seen = joined(self.seen, seen)

    def broken(self) -> list[BrokenPdu]:
        """What could not be read, none where nothing was seen of it."""
        return [BrokenPdu(self.seen, self.reason, self.type, self.length)] if self.seen else []


@dataclass(slots=True)
class Lost:
    """The framing is lost. `seen` covers the bytes given up so far, up to stream offset `upto`; the rest is with the
    search. Type and length are those of the PDU in which the framing was lost, where known."""

    search: BoundarySearch
    seen: Evidence | None
    upto: int
    reason: str
    type: int | None = None
    length: int | None = None

    @property
    def keep_from(self) -> int:
        """The first stream offset whose packets may still be asked for."""
        return min(self.upto, self.search.start)

    def tidy(self, trace: PacketTrace) -> None:
        """Give up what the search has left behind, once its packets are many."""
        if len(trace) > _MANY:
            self.give_up_to(self.search.start, trace)
            trace.forget(self.keep_from)

    def give_up_to(self, offset: int, trace: PacketTrace) -> None:
        if offset > self.upto:
            self.seen = joined(self.seen, trace.evidence(self.upto, offset))
            self.upto = offset

    def broken(self) -> list[BrokenPdu]:
        """What could not be read, none where nothing was seen of it."""
        return [BrokenPdu(self.seen, self.reason, self.type, self.length)] if self.seen else []
