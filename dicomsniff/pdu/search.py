"""Stream bytes of unknown framing in; the first PDU boundary that can be proved, out.

Positions are judged strictly in stream order and each only once the bytes that decide are there, so the answer does
not depend on how the stream was cut into chunks. A plausible header says where the next must stand; nothing between
is looked at again. A boundary is proved by three plausible headers in a chain, by one PDU that nothing else looks
like (a command set's first element, the application context of PS3.7 §A.2.1), or by a chain that contains a PDU of
fixed length and ends exactly where the bytes end.
"""

import re
from heapq import heapify, heappop, heappush, nsmallest
from struct import Struct
from typing import Final

from dicomsniff.core import Limits
from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import PduType

_HEADER = Struct(">BBI")
_ITEM = Struct(">IBB")
_CHAIN = 3
_FIXED_PDU = 10
_ASSOCIATE_LEAST = 68
_APPLICATION_CONTEXT = b"1.2.840.10008.3.1.1.1"
_COMMAND_START = bytes.fromhex("0000000004000000")
"""(0000,0000) Command Group Length, VL 4, Implicit VR Little Endian (PS3.7 §6.3.1)."""
_MOST_EXPECTED: Final = 1024
"""Places kept where a header must stand; noise may promise many, those nearest are kept."""

_ODD = b"[" + b"".join(b"\\x%02x" % value for value in range(1, 256, 2)) + b"]"
_MAYBE_HEADER = pattern(
    rb"\x04\x00[\x00-\x3f]...(?:[\x00-\x3f]..." + _ODD + rb"[\x00-\x03]|.{0,5}\Z)"
    rb"|[\x03\x05-\x07]\x00\x00\x00\x00\x04"
    rb"|[\x01\x02]\x00\x00[\x00-\x1f]..(?:\x00[\x00-\x0f]\x00\x00[ -~]|.{0,4}\Z)",
    re.DOTALL,
)
"""What may begin a chain: a loose sieve in C that leaves few places to judge."""


class _Expected(NamedTuple):
    """A place where something must stand if the headers in `chain` are real: a PDU header where `remaining` is 0, else
    a PDV item with `remaining` bytes of its PDU left. `fixed`: a PDU of fixed length is in the chain."""

    at: int
    remaining: int
    order: int  # of several expectations at one place the longest chain is judged first
    chain: tuple[int, ...]
    fixed: bool


def _expected(at: int, remaining: int = 0, chain: tuple[int, ...] = (), fixed: bool = False) -> _Expected:
    return _Expected(at, remaining, -len(chain), chain, fixed)


class _Link(NamedTuple):
    """A plausible header: where the next thing must stand, and how telling this one is."""

    next: int
    remaining: int
    proof: bool
    fixed: bool


class BoundarySearch:
    """Looks for a PDU boundary from stream offset `origin` on; `seeds` are offsets where a header may well stand."""

    def __init__(self, origin: int, limits: Limits, seeds: tuple[int, ...] = ()) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self.start = origin
        """Stream offset of the first byte that is kept."""
        self._next = origin
        self._hit: int | None = None
        self._expected = [_expected(at) for at in sorted({origin, *seeds})]

    def feed(self, view: memoryview) -> int | None:
        """The stream's next bytes. The offset of a proved boundary, at or behind `start`, or None."""
        self._buffer += view
        boundary = self._scan(final=False)
        if boundary is None:
            self._trim()
        return boundary

    def finish(self) -> int | None:
        """No byte follows directly (a hole, or the end). The offset of a boundary that is proved by that, or None."""
        if not self._expected and self._end - self._next < _HEADER.size:
            return None
        boundary = self._scan(final=True)
        return self._ending() if boundary is None else boundary

    def rest(self, boundary: int) -> bytes:
        """All kept bytes from `boundary` on."""
        return bytes(memoryview(self._buffer)[boundary - self.start :])

    def hole(self, end: int) -> None:
        """Bytes up to stream offset `end` are not there; what is expected behind them stays expected."""
        self._buffer.clear()
        self.start = self._next = end
        self._hit = None
        heappush(self._expected, _expected(end))

    @property
    def _end(self) -> int:
        return self.start + len(self._buffer)

    def _trim(self) -> None:
        surplus = self._next - self._limits.detect_bytes - self.start
        if surplus > 0:
            del self._buffer[:surplus]
            self.start += surplus

    def _scan(self, final: bool) -> int | None:
        last = self._end - _HEADER.size
        hit = self._next_hit(last)
        while True:
            expected = self._pop_before(hit, last)
            if expected is None and hit > last:
                self._next = max(self._next, last + 1)
                return None
            entry = expected or _expected(hit)
            link = self._judge(entry, final)
            if link is True:
                self._wait(entry, expected)
                return None
            boundary = self._follow(entry, link) if link else None
            if boundary is not None:
                return boundary
            if expected is None:
                self._next, self._hit = hit + 1, None
                hit = self._next_hit(last)

    def _wait(self, entry: _Expected, expected: _Expected | None) -> None:
        """Judge this place again when there is more; a hit goes through the sieve again, which may have seen too little."""
        if expected:
            heappush(self._expected, expected)
        self._next, self._hit = entry.at, None

    def _next_hit(self, last: int) -> int:
        """Offset of the next place the sieve lets through; beyond `last` where there is none."""
        if self._hit is None:
            found = _MAYBE_HEADER.search(self._buffer, max(self._next - self.start, 0))
            if found is None:
                return last + 1
            self._hit = self.start + found.start()
        return self._hit

    def _pop_before(self, hit: int, last: int) -> _Expected | None:
        """The next expected place at or before `hit`; those that fell into a hole are dropped."""
        while self._expected and self._expected[0].at < self.start:
            heappop(self._expected)
        if self._expected and self._expected[0].at <= min(hit, last):
            return heappop(self._expected)
        return None

    def _judge(self, entry: _Expected, final: bool) -> _Link | bool:
        """The link that stands at `entry`, False where nothing plausible does, True where more bytes must decide."""
        link = self._item(entry.at, entry.remaining) if entry.remaining else self._header(entry.at)
        return False if link is True and final else link

    def _follow(self, entry: _Expected, link: _Link) -> int | None:
        chain = entry.chain if entry.remaining else (*entry.chain, entry.at)
        if link.proof or (not entry.remaining and len(chain) >= _CHAIN):
            floor = max(self.start, entry.at - self._limits.detect_bytes)
            boundary = next((at for at in chain if at >= floor), None)
            if boundary is not None:
                return boundary
        heappush(self._expected, _expected(link.next, link.remaining, chain, entry.fixed or link.fixed))
        if len(self._expected) > _MOST_EXPECTED:
            self._expected = nsmallest(_MOST_EXPECTED // 2, self._expected)
            heapify(self._expected)
        return None

    def _ending(self) -> int | None:
        """The start of a chain that ends where the bytes end and holds a PDU of fixed length."""
        end = self._end
        floor = max(self.start, end - self._limits.detect_bytes)
        chains = [e.chain for e in self._expected if e.at == end and e.remaining == 0 and e.fixed]
        return min((at for chain in chains for at in chain if at >= floor), default=None)

    def _header(self, at: int) -> _Link | bool:
        index = at - self.start
        kind, reserved, length = _HEADER.unpack_from(self._buffer, index)
        if reserved:
            return False
        match kind:
            case PduType.P_DATA_TF:
                return self._p_data(at, length)
            case PduType.ASSOCIATE_RQ | PduType.ASSOCIATE_AC:
                return self._associate(at, length)
            case PduType.ASSOCIATE_RJ | PduType.RELEASE_RQ | PduType.RELEASE_RP | PduType.ABORT:
                return length == 4 and self._fixed(at)
            case _:
                return False

    def _p_data(self, at: int, length: int) -> _Link | bool:
        if not 6 <= length <= self._limits.pdu_length:
            return False
        return self._item(at + 6, length)

    def _item(self, at: int, remaining: int) -> _Link | bool:
        """A PDV item in a PDU that has `remaining` bytes left (PS3.8 §9.3.5.1)."""
        index = at - self.start
        if len(self._buffer) - index < 6:
            return remaining >= 6
        length, context_id, control = _ITEM.unpack_from(self._buffer, index)
        rest = remaining - 4 - length
        if length < 2 or rest < 0 or 0 < rest < 6 or context_id % 2 == 0 or control > 3:
            return False
        proof = False
        if control & 1 and length >= 14:
            begin = self._buffer[index + 6 : index + 14]
            if len(begin) < 8 and _COMMAND_START.startswith(begin):
                return True
            proof = begin == _COMMAND_START
        return _Link(at + 4 + length, rest, proof, False)

    def _associate(self, at: int, length: int) -> _Link | bool:
        if not _ASSOCIATE_LEAST <= length <= self._limits.associate_bytes:
            return False
        index = at - self.start
        if len(self._buffer) - index < min(99, 6 + length):
            return True
        items = bytes(self._buffer[index + 74 : index + 6 + min(93, length)])
        if items[:1] not in (b"", b"\x10", b"\x20", b"\x21", b"\x50"):
            return False
        return _Link(at + 6 + length, 0, items[:1] == b"\x10" and items[4:] == _APPLICATION_CONTEXT, False)

    def _fixed(self, at: int) -> _Link | bool:
        index = at - self.start
        if len(self._buffer) - index < _FIXED_PDU:
            return True
        return _Link(at + _FIXED_PDU, 0, False, _sane_body(self._buffer[index], self._buffer[index + 6 : index + 10]))


def _sane_body(kind: int, body: bytearray) -> bool:
    """Whether the four bytes hold only defined codes (PS3.8 Tables 9-21, 9-24, 9-25, 9-26)."""
    if kind == PduType.ASSOCIATE_RJ:
        return body[0] == 0 and body[1] in (1, 2) and body[2] in (1, 2, 3) and body[3] <= 10
    if kind == PduType.ABORT:
        return body[:2] == b"\0\0" and body[2] <= 2 and body[3] <= 6
    return body == b"\0\0\0\0"
