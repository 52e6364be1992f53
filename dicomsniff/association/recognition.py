"""The first chunks and gaps of both directions in; which protocol speaks in each, and what a load balancer put before it, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dicomsniff.association.holes import continues
from dicomsniff.core import DIRECTIONS, Direction, Limits
from dicomsniff.pdu.decode import HEADER, is_plausible
from dicomsniff.pdu.detect import ENOUGH_BYTES, looks_like_pdus, protocol_of
from dicomsniff.pdu.preamble import Preamble, preamble_of
from dicomsniff.tcp.events import Chunk, Gap

DICOM, TLS, PROXY, UNKNOWN = "dicom", "tls", "proxy", "unknown"
MOST_WAITING = 4096
"""Events kept until a connection is recognised; one that needs more gives nothing to recognise."""


class Recognition:
    """Decides from the first bytes of each direction what speaks on a connection; keeps the events until it can.

    `preamble` is what stood before the first bytes of the initiator and is taken away from them."""

    def __init__(self, late: bool, limits: Limits) -> None:
        self.late = late
        self.protocols = ["", ""]
        self.first_bytes = [b"", b""]
        self.waiting: list[Chunk | Gap] = []
        self.preamble: Preamble | None = None
        self._waiting_bytes = 0
        self._heads = [bytearray(), bytearray()]
        self._torn = [False, False]  # a hole came before the first bytes could decide
        self._searched = [0, 0]
        self._limits = limits

    def add(self, event: Chunk | Gap) -> None:
        """One more event; `protocols` tells what is known afterwards."""
        side = event.direction
        if isinstance(event, Gap):
            self._hole(event)
            return
        self.waiting.append(event)
        self._waiting_bytes += len(event.data)
        if self.protocols[side]:
            return
        head = self._heads[side]
        if not head and not self.late and self._protocol(event.data) == DICOM:  # as nearly all begin
            self.first_bytes[side] = event.data[: self._limits.first_bytes]
            self.protocols[side] = DICOM
            return
        head += event.data[: self._limits.detect_bytes - len(head)]
        if not (self._torn[side] and self.first_bytes[side]):
            self.first_bytes[side] = bytes(head[: self._limits.first_bytes])
        self.protocols[side] = self._name(side, False)

    def settle(self) -> None:
        """No more bytes will come: what is still open is decided by what there is."""
        for side in DIRECTIONS:
            if not self.protocols[side] and self._heads[side]:
                self.protocols[side] = self._name(side, True)
        if self.preamble and not self.protocols[Direction.TO_RESPONDER]:  # nothing stood behind it
            self.protocols[Direction.TO_RESPONDER] = PROXY

    def _hole(self, gap: Gap) -> None:
        last = self.waiting[-1] if self.waiting else None
        if isinstance(last, Gap) and continues(last, gap):
            self.waiting[-1] = last._replace(length=last.length + gap.length)
        else:
            self.waiting.append(gap)
        if not self.protocols[gap.direction]:
            self.late = self._torn[gap.direction] = True
            self._heads[gap.direction].clear()
            self._searched[gap.direction] = 0

    def _name(self, side: Direction, final: bool) -> str:
        """The protocol of one direction, "" while it cannot be told. A direction whose first bytes have a hole is
        never called unknown: what cannot be recognised may be the fault of the hole."""
        head, torn = bytes(self._heads[side]), self._torn[side]
        name = self._protocol(head)
        if name is None:
            return UNKNOWN if final and not torn else ""
        if name == PROXY and side is Direction.TO_RESPONDER and not torn and self.preamble is None:
            return self._behind_preamble(head, final)
        if name == UNKNOWN and self.late:
            return self._search(side, head, final)
        if name == UNKNOWN and self._answers_dicom(side, head):
            return DICOM
        return name

    def _behind_preamble(self, head: bytes, final: bool) -> str:
        """The protocol behind a header of the PROXY protocol, which is taken out of what waits."""
        side, found = Direction.TO_RESPONDER, preamble_of(head)
        if not isinstance(found, Preamble):
            return "" if found and not final else PROXY
        self.preamble = found
        self.waiting = list(_without(self.waiting, side, found.length))
        del self._heads[side][: found.length]
        self.first_bytes[side] = bytes(self._heads[side][: self._limits.first_bytes])
        return self._name(side, final) if self._heads[side] else ""

    def _protocol(self, head: bytes) -> str | None:
        return protocol_of(head[: max(ENOUGH_BYTES, self._limits.first_bytes)])

    def _search(self, side: Direction, head: bytes, final: bool) -> str:
        """The protocol of a stream of which the beginning was not seen."""
        enough = final or len(head) >= self._limits.detect_bytes
        if not enough and len(head) < 2 * self._searched[side]:
            return ""  # a search costs what there is: it is made again when that has doubled
        self._searched[side] = len(head)
        if looks_like_pdus(head):
            return DICOM
        return UNKNOWN if enough and not self._torn[side] else ""

    def _answers_dicom(self, side: Direction, head: bytes) -> bool:
        """Whether an answer to DICOM is a PDU with odd contents, such as a rejection with undefined codes."""
        if self.protocols[side.opposite] != DICOM or len(head) < HEADER.size:
            return False
        kind, length = HEADER.unpack_from(head)
        return is_plausible(kind, length, self._limits)

    @property
    def decided(self) -> bool:
        """The initiator's bytes decide; the responder's do where only they are there."""
        if self.protocols[Direction.TO_RESPONDER] or self.protocols[Direction.TO_INITIATOR] == DICOM:
            return True
        return self._waiting_bytes > 2 * self._limits.detect_bytes or len(self.waiting) > MOST_WAITING

    @property
    def complete(self) -> bool:
        """Whether nothing more can be learnt of a connection whose initiator does not speak DICOM: its responder may."""
        return all(self.protocols) or self.late or self._waiting_bytes > 2 * self._limits.detect_bytes

    @property
    def dicom(self) -> bool:
        return self.protocols[Direction.TO_RESPONDER] in (DICOM, "") and DICOM in self.protocols


def _without(events: Iterable[Chunk | Gap], side: Direction, length: int) -> Iterator[Chunk | Gap]:
    """The events without so many bytes at the beginning of one direction."""
    for event in events:
        if isinstance(event, Gap) or event.direction is not side or not length:
            yield event
            continue
        taken = min(length, len(event.data))
        length -= taken
        if taken < len(event.data):
            yield event._replace(start=event.start + taken, data=event.data[taken:])
