"""IP fragments in, whole packets' payloads out (RFC 791, RFC 8200): where fragments overlap the first copy wins."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

Key = tuple[bytes, int, int]  # source and destination, identification, protocol

WAITING = 1024
"""Packets that may wait for fragments at once; a receiver keeps far fewer."""
LARGEST = 65_535


@dataclass(slots=True)
class _Parts:
    pieces: dict[int, bytes] = field(default_factory=dict)
    length: int | None = None

    def whole(self) -> bytes | None:
        """The payload once it has no holes."""
        if self.length is None:
            return None
        joined = bytearray()
        for start in sorted(self.pieces):
            if start > len(joined):
                return None
            joined += self.pieces[start][len(joined) - start :]
        return bytes(joined[: self.length]) if len(joined) >= self.length else None


class FragmentTable:
    """Collects fragments until a packet is whole; the oldest unfinished packet gives way when too many wait."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Key, _Parts] = OrderedDict()

    def add(self, key: Key, offset: int, more: bool, piece: bytes) -> bytes | None:
        """The whole payload if this piece completes it."""
        if offset + len(piece) > LARGEST:
            return None
        parts = self._waiting.setdefault(key, _Parts())
        parts.pieces.setdefault(offset, piece)
        if not more:
            parts.length = offset + len(piece)
        whole = parts.whole()
        if whole is not None:
            del self._waiting[key]
        elif len(self._waiting) > WAITING:
            self._waiting.popitem(last=False)
        return whole
