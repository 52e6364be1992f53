"""Where data-set bytes go: hashed as they pass, their head kept, the whole kept only when asked, spilled past a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Payload:
    """One data set as it crossed the wire, by reference.

    `length` counts all bytes from the first fragment to the last seen, including unseen ones; `missing` lists unseen
    ranges (start, end) within it. `sha256` is the hash of the bytes as they crossed the wire, None unless every byte
    was seen. `complete`: first to last fragment, every byte.
    """

    length: int
    missing: tuple[tuple[int, int], ...]
    complete: bool
    sha256: str | None
    _store: PayloadStore
    _head: tuple[int, int]  # where the kept head lies in the store: offset, length
    _extents: tuple[tuple[int, int], ...] | None  # where the whole lies, when it was kept

    @property
    def missing_bytes(self) -> int:
        return sum(end - start for start, end in self.missing)

    @property
    def kept(self) -> bool:
        """Whether the whole data set can be read back."""
        return self._extents is not None

    def head(self) -> bytes:
        """The leading bytes that were kept (contiguous from the first byte; shorter where some were not seen)."""
        raise NotImplementedError

    def pieces(self) -> Iterator[bytes]:
        """The whole data set in order, unseen ranges as zeros. Raises LookupError unless `kept`."""
        raise NotImplementedError


class PayloadStore:
    """Keeps payload bytes: in memory up to a limit, then in a temporary file that goes when the store is closed."""
