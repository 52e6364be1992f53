"""IP fragments in, whole packets' payloads out (RFC 791, RFC 8200): where fragments overlap the first copy wins."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import field

from dicomsniff.core.records import dataclass

Key = tuple[bytes, int, int]  # source and destination, identification, protocol

WAITING = 1024
"""Packets whose fragments are remembered at once; a receiver keeps far fewer."""
STALE_NS = 1_000_000_000
"""Fragments of one packet follow one another at once; a busy host uses an identification again after seconds."""
LARGEST = 65_535


@dataclass(slots=True)
class _Parts:
    first_ns: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    length: int | None = None
    done: bool = False
    numbers: list[int] = field(default_factory=list)

    def add(self, offset: int, more: bool, piece: bytes, number: int) -> None:
        if offset not in self.pieces:
            self.numbers.append(number)
            self.pieces[offset] = piece
            self.size += len(piece)
        if not more and self.length is None:
            self.length = offset + len(piece)

    def whole(self) -> bytes | None:
        """The payload once it has no holes."""
        if self.length is None or self.size < self.length:
            return None
        joined = bytearray()
        for start in sorted(self.pieces):
            if start > len(joined):
                return None
            joined += self.pieces[start][len(joined) - start :]
        return bytes(joined[: self.length]) if len(joined) >= self.length else None


class FragmentTable:
    """Collects fragments until a packet is whole; the oldest packet gives way when there are too many. `joined` are the
    packets that carried the fragments of the last that became whole."""

    def __init__(self) -> None:
        self.joined: list[int] = []
        self._packets: OrderedDict[Key, _Parts] = OrderedDict()

    def add(self, key: Key, offset: int, more: bool, piece: bytes, time_ns: int, number: int = 0) -> bytes | None:
        """The whole payload if this piece completes it; further copies of its fragments are passed over."""
        if offset + len(piece) > LARGEST:
            return None
        parts = self._current(key, time_ns) or self._new(key, time_ns)
        if parts.done:
            return None
        parts.add(offset, more, piece, number)
        whole = parts.whole()
        if whole is not None:
            parts.done = True
            parts.pieces.clear()
            self.joined, parts.numbers = parts.numbers, []
        return whole

    def begin(self, key: Key, time_ns: int) -> bool:
        """A packet whose fragments all came together: False if some are known already, which must be `add`ed then;
        otherwise further copies of its fragments are passed over from now on."""
        if self._current(key, time_ns) is not None:
            return False
        self._new(key, time_ns).done = True
        return True

    def _current(self, key: Key, time_ns: int) -> _Parts | None:
        parts = self._packets.get(key)
        return None if parts is None or abs(time_ns - parts.first_ns) > STALE_NS else parts

    def _new(self, key: Key, time_ns: int) -> _Parts:
        self._packets.pop(key, None)
        parts = self._packets[key] = _Parts(time_ns)
        if len(self._packets) > WAITING:
            self._packets.popitem(last=False)
        return parts
