"""Chunks and gaps of one direction in; its PDUs in stream order, each with its evidence, and its oddities, out.

What holds, whatever the bytes: cutting the stream into other chunks never changes the PDUs, apart from where a
P-DATA-TF that is longer than the buffer or has a hole is cut into pieces; and taking bytes away (a `Gap`) never yields
a PDU whose bytes were not sent as that PDU: what cannot be proved comes out as `BrokenPdu`.
"""

from collections.abc import Iterable
from typing import Final

from dicomsniff.core import LIMITS, Anomaly, AnomalyCode, Direction, Evidence, Limits
from dicomsniff.pdu.decode import HEADER, decode_pdu, is_plausible, longest_length
from dicomsniff.pdu.items import Flaw
from dicomsniff.pdu.pdata import PDU_HEADER, PdvStream, no_items, read_bulk
from dicomsniff.pdu.reading import Lost, Pending, Pieces, Skip, joined, truncation
from dicomsniff.pdu.search import BoundarySearch
from dicomsniff.pdu.tables import PDU_NAMES, pdu_name
from dicomsniff.pdu.trace import PacketTrace
from dicomsniff.pdu.values import BrokenPdu, PData, Pdu, PduType, Pdv, UnknownPdu
from dicomsniff.tcp.events import Chunk, Gap

_P_DATA: Final = int(PduType.P_DATA_TF)
_SEARCH_STEP: Final = 4096
"""Bytes searched at a time: behind a boundary no more than these are copied."""

Output = list[Pdu | Anomaly]


class Framer:
    """Reads the PDUs (PS3.8 §9.3) of one direction of one connection.

    `joined_late`: the capture holds no beginning of this stream, so the first boundary must be proved. No byte
    sequence raises. Data of PDV items are views into the chunks they came in. `together`: PDUs in the middle of a data set
    may be one value where they are alike, see `PData`.
    """

    def __init__(
        self, direction: Direction, *, joined_late: bool = False, together: bool = False, limits: Limits = LIMITS
    ) -> None:  # fmt: skip
        self._limits, self._together = limits, together
        self._trace = PacketTrace(direction)
        self._joined_late = joined_late
        self._position: int | None = None
        # At most one of these four is set; none means that a PDU header stands next.
        self._pending: Pending | None = None
        self._pieces: Pieces | None = None
        self._skip: Skip | None = None
        self._lost: Lost | None = None
        self._doubtful = False  # the framing rests on a length from before a hole: the next header must be plausible
        self._ends_in_hole = False
        self._synchronised = False
        self._counts: dict[int, int] = {}

    @property
    def synchronised(self) -> bool:
        """Whether a PDU boundary was ever proved, by a PDU header at the stream's beginning or by search."""
        return self._synchronised

    @property
    def pdu_counts(self) -> dict[int, int]:
        """PDU type -> how many PDUs of it were followed from their header to their end; a P-DATA-TF counts once."""
        return dict(self._counts)

    def feed(self, event: Chunk | Gap) -> Output:
        """What `event`, the next of this direction, completes, in stream order."""
        out: Output = []
        if self._position is None:
            self._position = event.start
            if self._joined_late:
                self._lose(event.start, event.start, "lost")
        if isinstance(event, Gap):
            self._hole(event.start + event.length, event.packet, event.time_ns, out)
        else:
            self._chunk(event, out)
        return out

    def close(self) -> Output:
        """What the end of the stream leaves: an unfinished PDU comes out as far as it was seen."""
        out: Output = []
        self._settle(out)
        self._open_pending_data(out)
        if self._pending:
            self._cut_pending(self._pending, out)
        elif self._pieces:
            self._cut(self._pieces.all_of(self._trace), _P_DATA, self._pieces.length, out)
        elif self._skip:
            self._end_skip(self._skip, out)
        elif self._lost:
            self._give_up(self._lost, self._position or 0, out)
        self._pending = self._pieces = self._skip = self._lost = None
        self._trace.clear()
        return out

    # Events

    def _chunk(self, chunk: Chunk, out: Output) -> None:
        position = self._position or 0
        view = memoryview(chunk.data)
        if not view or not chunk.starts:
            return
        if chunk.start > position:
            self._hole(chunk.start, chunk.numbers[0], chunk.times[0], out)
            position = chunk.start
        view = view[position - chunk.start :]
        if not view:
            return
        self._position = position + len(view)
        self._ends_in_hole = False
        self._trace.add(chunk.starts, chunk.numbers, chunk.times, chunk.heard)
        self._consume(view, position, out)
        self._forget()

    def _hole(self, end: int, packet: int, time_ns: int, out: Output) -> None:
        start = self._position or 0
        if end <= start:
            return
        self._settle(out)
        self._open_pending_data(out)
        self._trace.add([start], [packet], [time_ns])
        self._position, self._ends_in_hole = end, True
        if self._pieces:
            self._hole_in_pieces(self._pieces, start, end, out)
        elif self._pending:
            self._hole_in_pending(self._pending, end, out)
        elif self._skip:
            self._hole_in_skip(self._skip, start, end, out)
        elif self._lost:
            self._lost.search.hole(end)
        else:
            self._lose(end, end, "lost", seen=self._trace.evidence(start, end))
        self._forget()

    def _settle(self, out: Output) -> None:
        """No byte follows directly: what the search can prove by that goes on as PDUs."""
        while self._lost:
            boundary = self._lost.search.finish()
            if boundary is None:
                return
            self._consume(*self._found(self._lost, boundary, out), out)

    def _open_pending_data(self, out: Output) -> None:
        """A P-DATA-TF that will not come whole is read in pieces."""
        pending = self._pending
        if pending and len(pending.data) >= PDU_HEADER and pending.data[0] == _P_DATA:
            self._pending = None
            used = self._begin_pieces(pending.start, pending.need - PDU_HEADER, out)
            self._consume(memoryview(pending.data)[used:], pending.start + used, out)

    def _forget(self) -> None:
        """Drop the packets that no later evidence can ask for."""
        if self._pending:
            self._trace.forget(self._pending.start)
        elif self._lost:
            self._lost.tidy(self._trace)
        elif self._pieces:
            self._trace.forget(self._pieces.stream.keep_from)
        else:
            self._trace.clear()

    # Bytes

    def _consume(self, view: memoryview, at: int, out: Output) -> None:
        """Contiguous bytes from stream offset `at`; a list instead of recursion, for hostile streams would nest deeply."""
        work = [(view, at)]
        while work:
            view, at = work.pop()
            if not view:
                continue
            if self._lost:
                if len(view) > _SEARCH_STEP:
                    work.append((view[_SEARCH_STEP:], at + _SEARCH_STEP))
                boundary = self._lost.search.feed(view[:_SEARCH_STEP])
                if boundary is not None:
                    work.append(self._found(self._lost, boundary, out))
                continue
            if self._pending:
                used = self._pending.fill(view)
                work.append((view[used:], at + used))
                work.extend(self._whole(self._pending))
                continue
            if self._skip:
                used = self._pass_over(self._skip, at, len(view), out)
            elif self._pieces:
                used = self._pass_on(self._pieces, view, at, out)
            else:
                used = self._read(view, at, out)
            work.append((view[used:], at + used))

    def _read(self, view: memoryview, at: int, out: Output) -> int:
        """PDUs from a boundary on; the bytes used."""
        used = 0
        if not self._doubtful:
            bulk: list[PData] = []
            used = read_bulk(view, at, self._trace, self._limits.pdu_buffer_bytes, bulk, together=self._together)
            if bulk:
                out.extend(bulk)
                self._count(_P_DATA, sum(pdu.pdus for pdu in bulk))
        return used + self._read_one(view[used:], at + used, out) if used < len(view) else used

    def _read_one(self, view: memoryview, at: int, out: Output) -> int:
        """One PDU of any kind at a boundary; the bytes used."""
        if len(view) < PDU_HEADER:
            return self._wait(view, at, PDU_HEADER)
        kind, length = HEADER.unpack_from(view)
        if self._doubtful and not is_plausible(kind, length, self._limits):
            self._lose(at, at, "lost")
            return 0
        self._doubtful = False
        if kind not in PDU_NAMES:
            return self._unknown(at, kind, length, out)
        if length > longest_length(kind, self._limits):
            return self._too_long(at, kind, length, out)
        self._synchronised = True
        whole: int = PDU_HEADER + length
        if kind == _P_DATA and (length > self._limits.pdu_buffer_bytes or whole <= len(view)):
            return self._begin_pieces(at, length, out)
        if whole > len(view):
            return self._wait(view, at, whole)
        self._decode(bytes(view[:whole]), at, out)
        return whole

    def _wait(self, view: memoryview, at: int, need: int) -> int:
        # A copy: a view would keep the whole chunk alive for as long as this connection is silent.
        self._pending = Pending(at, need, bytearray(view))
        return len(view)

    def _whole(self, pending: Pending) -> list[tuple[memoryview, int]]:
        """What was waited for, to be read, once it is there."""
        if not pending.ready:
            return []
        self._pending = None
        return [(memoryview(pending.data).toreadonly(), pending.start)]

    def _decode(self, pdu: bytes, at: int, out: Output) -> None:
        value, flaws = decode_pdu(pdu, self._trace.evidence(at, at + len(pdu)))
        self._count(pdu[0])
        out.append(value)
        if flaws:
            self._report((flaw.shifted(at) for flaw in flaws), out)

    def _count(self, kind: int, times: int = 1) -> None:
        self._synchronised = True
        self._counts[kind] = self._counts.get(kind, 0) + times

    def _report(self, flaws: Iterable[Flaw], out: Output) -> None:
        seen = self._trace.evidence
        out.extend(Anomaly(flaw.code, seen(flaw.start, max(flaw.end, flaw.start + 1)), flaw.detail) for flaw in flaws)

    # A P-DATA-TF in pieces

    def _begin_pieces(self, at: int, length: int, out: Output) -> int:
        seen = self._trace.evidence(at, at + PDU_HEADER)
        if length == 0:
            out.append(PData(seen, length, ()))
            self._report([no_items(at)], out)
            self._count(_P_DATA)
        else:
            self._pieces = Pieces(PdvStream(at, length), length, seen, seen)
        return PDU_HEADER

    def _pass_on(self, pieces: Pieces, view: memoryview, at: int, out: Output) -> int:
        stream = pieces.stream
        pdvs, flaws = stream.feed(view[: stream.end - at])
        pieces.reach(stream.readable, self._trace)
        self._deliver(pieces, pdvs, out)
        if not pieces.holed:  # behind a hole what looks wrong may be the capture's doing
            self._report(flaws, out)
        if stream.bad_at is not None:
            self._skip_bad_item(pieces, stream.bad_at, out)
        return stream.position - at

    def _deliver(self, pieces: Pieces, pdvs: list[Pdv], out: Output) -> None:
        ends = pieces.stream.bad_at is None and pieces.stream.position == pieces.stream.end
        if pdvs and pieces.piece:
            out.append(PData(pieces.piece, pieces.length, tuple(pdvs), pieces.begins, ends))
            pieces.piece, pieces.begins = None, False
        if ends:
            self._pieces, self._doubtful = None, pieces.holed
            self._count(_P_DATA)

    def _skip_bad_item(self, pieces: Pieces, bad_at: int, out: Output) -> None:
        stream = pieces.stream
        rest = Skip(stream.end, pieces.piece, "lost" if pieces.holed else "malformed", _P_DATA, pieces.length)
        if stream.position > bad_at:
            rest.add(self._trace.evidence(bad_at, stream.position))
        self._pieces = None
        self._skip_rest(rest, out)

    # Holes

    def _hole_in_pieces(self, pieces: Pieces, start: int, end: int, out: Output) -> None:
        stream, seen = pieces.stream, self._trace.evidence(pieces.since.end, end)
        pdv = stream.hole(end - start)
        if pdv is not None:
            pieces.holed = True
            pieces.add(seen)
            self._deliver(pieces, [pdv], out)
            return
        self._pieces = None
        self._lose_rest(stream.end, joined(pieces.piece, seen), _P_DATA, pieces.length, out)

    def _hole_in_pending(self, pending: Pending, end: int, out: Output) -> None:
        self._pending = None
        seen = self._trace.evidence(pending.start, end)
        if len(pending.data) >= PDU_HEADER:
            kind, length = HEADER.unpack_from(pending.data)
            self._lose_rest(pending.start + PDU_HEADER + length, seen, kind, length, out)
        else:
            self._lose(end, end, "lost", seen=seen)

    def _hole_in_skip(self, skip: Skip, start: int, end: int, out: Output) -> None:
        seen = self._trace.evidence(start, end)
        if end <= skip.end:
            skip.add(seen)
            self._skip_rest(skip, out)
        elif skip.reason == "lost":
            self._skip = None
            self._lose(end, end, "lost", seen=joined(skip.seen, seen), pdu=(skip.type, skip.length))
        else:
            self._end_skip(skip, out)
            self._lose(end, end, "lost", seen=seen)

    def _lose_rest(self, pdu_end: int, seen: Evidence, kind: int, length: int, out: Output) -> None:
        """A hole, the end of `seen`, took from a PDU what is needed to read it; the PDU's end may be in the hole."""
        if seen.end <= pdu_end:
            self._skip_rest(Skip(pdu_end, seen, "lost", kind, length), out)
        else:
            self._lose(seen.end, seen.end, "lost", seen=seen, pdu=(kind, length))

    # Bytes that cannot be read

    def _skip_rest(self, skip: Skip, out: Output) -> None:
        self._skip = skip
        if skip.over:
            self._end_skip(skip, out)

    def _pass_over(self, skip: Skip, at: int, length: int, out: Output) -> int:
        take = min(skip.end - at, length)
        skip.add(self._trace.evidence(at, at + take))
        self._skip_rest(skip, out)
        return take

    def _end_skip(self, skip: Skip, out: Output) -> None:
        self._skip = None
        out.extend(skip.broken())
        if skip.over:
            self._count(skip.type)
        self._doubtful = skip.reason == "lost"

    def _unknown(self, at: int, kind: int, length: int, out: Output) -> int:
        evidence = self._trace.evidence(at, at + PDU_HEADER)
        out.append(UnknownPdu(evidence, kind, length))
        out.append(Anomaly(AnomalyCode.PDU_UNKNOWN_TYPE, evidence, f"{pdu_name(kind)} where a PDU header must stand"))
        # The search begins inside this header: after a PDU whose length was a few bytes off the next one stands there.
        self._lose(at + 1, at + PDU_HEADER, "malformed", seeds=(at + PDU_HEADER + length,))
        return 1

    def _too_long(self, at: int, kind: int, length: int, out: Output) -> int:
        detail = f"{pdu_name(kind)} announces {length} bytes, beyond belief"
        self._report([Flaw(AnomalyCode.PDU_BAD_LENGTH, at, at + PDU_HEADER, detail)], out)
        self._lose(at + 1, at, "malformed", pdu=(kind, length))
        return 1

    def _lose(
        self,
        origin: int,
        upto: int,
        reason: str,
        *,
        seen: Evidence | None = None,
        pdu: tuple[int | None, int | None] = (None, None),
        seeds: tuple[int, ...] = (),
    ) -> None:
        """Search from stream offset `origin`; what lies before `upto` is accounted for, by `seen` or already given."""
        self._doubtful = False
        self._lost = Lost(BoundarySearch(origin, self._limits, seeds), seen, upto, reason, *pdu)

    def _found(self, lost: Lost, boundary: int, out: Output) -> tuple[memoryview, int]:
        self._synchronised = True
        self._give_up(lost, boundary, out)
        return memoryview(lost.search.rest(boundary)), boundary

    def _give_up(self, lost: Lost, offset: int, out: Output) -> None:
        """What lies before `offset` comes out as one."""
        self._lost = None
        lost.give_up_to(offset, self._trace)
        out.extend(lost.broken())

    def _cut_pending(self, pending: Pending, out: Output) -> None:
        data = pending.data
        kind = data[0] if data[0] in PDU_NAMES else None
        length = pending.need - PDU_HEADER if len(data) >= PDU_HEADER else None
        self._cut(self._trace.evidence(pending.start, pending.start + len(data)), kind, length, out)

    def _cut(self, seen: Evidence, kind: int | None, length: int | None, out: Output) -> None:
        """The stream ends inside a PDU. Behind a hole that may be the capture's doing, not the sender's."""
        excused = self._ends_in_hole or self._doubtful
        out.append(BrokenPdu(seen, "lost" if excused else "cut", kind, length))
        if not excused:
            out.append(truncation(seen, kind, length))
