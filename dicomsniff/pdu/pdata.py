"""The bytes of one P-DATA-TF in, in any pieces and with holes; its presentation-data-value items, out (PS3.8 §9.3.5)."""

from struct import Struct
from typing import Final

from dicomsniff.core import AnomalyCode
from dicomsniff.pdu.items import Flaw
from dicomsniff.pdu.trace import PacketTrace
from dicomsniff.pdu.values import PData, PduType, Pdv

PDU_HEADER: Final = 6
PDV_HEADER: Final = 6
"""Item length (4), presentation context ID (1), message control header (1): PS3.8 §9.3.5.1, §E.2."""
_ITEM = Struct(">IBB")
_HEADER_AND_ITEM = Struct(">BxIIBB")
_P_DATA: Final = int(PduType.P_DATA_TF)
_COMMAND = 1
_LAST = 2
_NEW = tuple.__new__  # half the time of a named tuple's own, which there are two of for every PDU


def read_bulk(
    view: memoryview, at: int, trace: PacketTrace, longest: int, out: list[PData], *, together: bool = False
) -> int:
    """Most of all traffic: whole P-DATA-TF PDUs with one PDV item of even length, at most `longest` long.

    Reads from stream offset `at` to the first PDU that is anything else, appends to `out`, gives the bytes used. With
    `together` those of one length that carry the middle of one data set are one value: most of most traffic.
    """
    pos, end, header = 0, len(view), _HEADER_AND_ITEM.size
    runs: list[tuple[int, list[Pdv]]] = []
    ends: list[list[int]] = []  # of each run: behind its first PDU, and behind its last where there are more
    alike: tuple[int, int] | None = None  # length and context of PDUs that the run takes
    while end - pos >= header:
        kind, length, item_length, context_id, control = _HEADER_AND_ITEM.unpack_from(view, pos)
        stop = pos + PDU_HEADER + length
        if (
            kind != _P_DATA
            or item_length + 4 != length
            or item_length < 2
            or length & 1
            or stop > end
            or length > longest
        ):
            break
        values = (
            context_id,
            control & _COMMAND == _COMMAND,
            control & _LAST == _LAST,
            view[pos + header : stop],
            0,
            False,
        )
        pdv = _NEW(Pdv, values)
        if alike == (length, context_id) and not control:
            runs[-1][1].append(pdv)
            ends[-1][1:] = (at + stop,)
        else:
            runs.append((length, [pdv]))
            ends.append([at + stop])
            alike = (length, context_id) if together and not control else None
        pos = stop
    seen = iter(trace.consecutive(at, [end for own in ends for end in own]))
    for (length, pdvs), first in zip(runs, seen, strict=False):
        several = len(pdvs) > 1
        whole = first.through(next(seen)) if several else first
        out.append(_NEW(PData, (whole, length, tuple(pdvs), True, True, len(pdvs), first if several else None)))
    return pos


def odd_length(item_start: int, item_length: int) -> Flaw:
    """The item at stream offset `item_start` has an odd number of value bytes, which PS3.8 §E.1 forbids."""
    detail = f"a PDV item carries an odd fragment of {item_length - 2} bytes"
    return Flaw(AnomalyCode.PDV_ODD_LENGTH, item_start, item_start + PDV_HEADER, detail)


def no_items(start: int) -> Flaw:
    """The P-DATA-TF at stream offset `start` is empty; PS3.8 §9.3.5 demands one item at least."""
    return Flaw(AnomalyCode.PDV_BAD_LENGTH, start, start + PDU_HEADER, "P-DATA-TF holds no PDV item")


class PdvStream:
    """Reads the PDV items of one P-DATA-TF whose header stands at stream offset `start`.

    `position` is the stream offset of the next byte wanted, `end` that behind the PDU. `bad_at` is the offset of an
    item that cannot be; from there to `end` nothing can be read.
    """

    __slots__ = ("_command", "_context_id", "_head", "_item_end", "_item_start", "_last", "bad_at", "end", "position")

    def __init__(self, start: int, length: int) -> None:
        self.position = start + PDU_HEADER
        self.end = self.position + length
        self.bad_at: int | None = None
        self._head = b""
        self._item_start = self.position
        self._item_end: int | None = None
        self._context_id = 0
        self._command = self._last = False

    @property
    def keep_from(self) -> int:
        """The first stream offset that a later flaw may still point at."""
        return self._item_start if self._head and self._item_end is None else self.position

    @property
    def readable(self) -> int:
        """The stream offset up to which bytes have told something: half an item's header tells nothing yet."""
        return self.keep_from if self.bad_at is None else self.bad_at

    def feed(self, view: memoryview) -> tuple[list[Pdv], list[Flaw]]:
        """Items and pieces of items in the bytes at `position`, no more than up to `end`. Stops at a bad item."""
        pdvs: list[Pdv] = []
        flaws: list[Flaw] = []
        origin, stop = self.position, self.position + len(view)
        while self.position < stop and self.bad_at is None:
            if self._item_end is None:
                self._read_head(view, origin, stop, pdvs, flaws)
            else:
                self._take(view, origin, min(self._item_end, stop), pdvs)
        return pdvs, flaws

    def hole(self, length: int) -> Pdv | None:
        """The next `length` bytes were not captured. None where that leaves the item boundaries unknown."""
        if self._item_end is None or self.position + length > self._item_end:
            return None
        self.position += length
        return self._piece(b"", length)

    def _read_head(self, view: memoryview, origin: int, stop: int, pdvs: list[Pdv], flaws: list[Flaw]) -> None:
        if self.end - self._item_start < PDV_HEADER:
            self._refuse(flaws, f"{self.end - self._item_start} bytes are left where a PDV item needs {PDV_HEADER}")
            return
        upto = min(self.position + PDV_HEADER - len(self._head), stop)
        self._head += view[self.position - origin : upto - origin]
        self.position = upto
        if len(self._head) < PDV_HEADER:
            return
        length, self._context_id, control = _ITEM.unpack(self._head)
        self._command, self._last = bool(control & _COMMAND), bool(control & _LAST)
        item_end = self._item_start + 4 + length
        if length < 2 or item_end > self.end:
            left = self.end - self._item_start - 4
            self._refuse(flaws, f"a PDV item announces {length} bytes where {left} are left")
            return
        self._item_end = item_end
        if length & 1:
            flaws.append(odd_length(self._item_start, length))
        if length == 2:
            pdvs.append(self._piece(b""))

    def _take(self, view: memoryview, origin: int, upto: int, pdvs: list[Pdv]) -> None:
        data = view[self.position - origin : upto - origin]
        self.position = upto
        pdvs.append(self._piece(data))

    def _piece(self, data: memoryview | bytes, missing: int = 0) -> Pdv:
        more = self.position != self._item_end
        if not more:
            self._item_end, self._item_start, self._head = None, self.position, b""
        return Pdv(self._context_id, self._command, self._last, data, missing, more)

    def _refuse(self, flaws: list[Flaw], detail: str) -> None:
        self.bad_at = self._item_start
        shown = min(self._item_start + PDV_HEADER, max(self.position, self._item_start + 1))
        flaws.append(Flaw(AnomalyCode.PDV_BAD_LENGTH, self._item_start, shown, detail))
