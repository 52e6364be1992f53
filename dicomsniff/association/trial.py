"""A data set of unknown encoding in, what it reads as out: which transfer syntaxes it can have been sent under.

The four encodings of PS3.5 Annex A are tried on what was kept of the data set. Only one that reads, alone, counts.
"""

from __future__ import annotations

from itertools import pairwise
from struct import Struct
from typing import Final

from dicomsniff.association.frame_syntax import BASELINE, Syntaxes, frame_syntaxes
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.dataset import DataSet, read_dataset
from dicomsniff.dimse.element import UNDEFINED_LENGTH
from dicomsniff.dimse.payload import Payload
from dicomsniff.dimse.uids import is_compressed

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
ENCODINGS = (IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED)
ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
# Other syntaxes of these encodings: a private one of GE and Papyrus; JPIP, whose pixels lie behind a URL (0028,7FE0).
_SAME = {"1.2.840.113619.5.2": IMPLICIT, "1.2.840.10008.1.20": IMPLICIT}
_REFERENCED = {
    "1.2.840.10008.1.2.4.94": EXPLICIT,
    "1.2.840.10008.1.2.4.95": DEFLATED,
    "1.2.840.10008.1.2.4.204": EXPLICIT,
    "1.2.840.10008.1.2.4.205": DEFLATED,
}
_ENOUGH: Final = 3  # elements that show an encoding: fewer may read by chance, unless they are all there is
_FARTHEST: Final = 1 << 20  # bytes read of a data set that was kept whole, to reach pixel data behind large headers
_SCREENED: Final = 256
_PIXEL_TAGS = range(0x7FE00008, 0x7FE00011)
_ENCAPSULATED = bytes.fromhex("E07F1000") + b"OB\0\0" + b"\xff" * 4
_CANDIDATES = 8  # places that look like pixel data: icons inside sequences come before the real ones
_ITEM = Struct("<HHI")


@dataclass(frozen=True, slots=True)
class Trial:
    """What a data set reads as. `encoding` is the plain syntax of its encoding. `pixels`: "native", "encapsulated",
    "referenced", "none" (the data set was read to its end) or "unseen". `frames` are the syntaxes that the first frame
    fits, None where it was not seen. `sop_class` is (0008,0016), `elements` how many were read, `ordered` whether their
    tags ascend (PS3.5 §7.1)."""

    encoding: str
    pixels: str
    frames: Syntaxes | None
    sop_class: str | None
    elements: int
    ordered: bool

    def allows(self, syntax: str) -> bool:
        """Whether this data set can have been sent under `syntax`; a private one is explicit little-endian."""
        if syntax in _REFERENCED:
            return self.pixels in ("referenced", "unseen") and self.encoding == _REFERENCED[syntax]
        if self.encoding != (syntax if syntax in ENCODINGS else _SAME.get(syntax, EXPLICIT)):
            return False
        compressed = is_compressed(syntax) or syntax == ENCAPSULATED_UNCOMPRESSED
        match self.pixels:
            case "native":
                return not compressed
            case "encapsulated":
                return compressed and (self.frames is None or syntax in self.frames)
            case "referenced":
                return False
            case _:
                return True

    def alone(self) -> tuple[str | None, bool]:
        """The syntax to assume where no proposal is known, and whether nothing else of the standard fits."""
        if self.pixels == "referenced":
            return None, False
        if self.encoding == DEFLATED:  # JPIP deflates too, and its URL may lie behind what was read
            return DEFLATED, self.pixels != "unseen"
        if self.encoding != EXPLICIT or self.pixels == "native":
            return self.encoding, True
        if self.pixels == "none":  # encapsulated syntaxes differ in pixel data only, and there are none
            return EXPLICIT, False
        if self.frames and (len(self.frames) == 1 or self.frames[0] == BASELINE):
            return self.frames[0], len(self.frames) == 1
        return None, False


def try_payload(payload: Payload) -> Trial | None:
    """What the data set reads as; None where nothing fits or two encodings do. Reads on past the kept head where the
    whole was kept and the head does not tell."""
    head = payload.head()
    total = payload.length if payload.complete else None
    found = try_bytes(head, total) if head else None
    if found is None or found.pixels != "unseen" or not payload.kept:
        return found
    seen = payload.missing[0][0] if payload.missing else payload.length
    if seen <= len(head):
        return found
    more = bytearray()
    for piece in payload.pieces():
        more += piece
        if len(more) >= min(seen, _FARTHEST):
            break
    return try_bytes(bytes(more[: min(seen, _FARTHEST)]), total)


def try_bytes(data: bytes, total: int | None = None) -> Trial | None:
    """The same for bytes from the beginning of a data set, whose whole length is `total` where known."""
    fitting = []
    for encoding in ENCODINGS:
        if read_dataset(data[:_SCREENED], encoding).error:  # most do not need more than their first elements
            continue
        found = read_dataset(data, encoding, total_length=total)
        if _fits(found, encoding, total):
            fitting.append((encoding, found))
    if len(fitting) != 1:
        return None
    encoding, found = fitting[0]
    pixels, frames = _pixels(data, encoding, found, total)
    return Trial(encoding, pixels, frames, found.get(0x00080016), len(found.elements), _ordered(found))


def _fits(found: DataSet, encoding: str, total: int | None) -> bool:
    """Read without error, and enough of it or all there is. Implicit VR has no VRs to go by: its tags must ascend."""
    if found.error or not found.elements or (encoding == IMPLICIT and not _ordered(found)):
        return False
    return len(found.elements) >= _ENOUGH or (total is not None and not found.truncated)


def _ordered(found: DataSet) -> bool:
    return all(one.tag < other.tag for one, other in pairwise(found.elements))


def _pixels(data: bytes, encoding: str, found: DataSet, total: int | None) -> tuple[str, Syntaxes | None]:
    last = found.elements[-1]
    if found.element(0x00287FE0) is not None:
        return "referenced", None
    if last.tag in _PIXEL_TAGS:
        if last.length == UNDEFINED_LENGTH and encoding == EXPLICIT:
            return "encapsulated", _first_frame(data)
        return "native", None
    if last.tag > _PIXEL_TAGS[-1] or (total is not None and not found.truncated):
        return "none", None
    return "unseen", None


def _first_frame(data: bytes) -> Syntaxes | None:
    """The syntaxes that the first frame of the top level's pixel data fits, None where it was not seen (PS3.5 §A.4)."""
    at = -1
    for _ in range(_CANDIDATES):
        at = data.find(_ENCAPSULATED, at + 1)
        if at < 0:
            return None
        before = read_dataset(data[:at], EXPLICIT, total_length=at)
        if before.error is None and not before.truncated:
            return _second_item(data, at + len(_ENCAPSULATED))
    return None


def _second_item(data: bytes, at: int) -> Syntaxes | None:
    """The item behind the offset table."""
    for frame in (False, True):
        if at + _ITEM.size > len(data):
            return None
        group, number, length = _ITEM.unpack_from(data, at)
        if (group, number) != (0xFFFE, 0xE000):
            return None if not frame else ()
        at += _ITEM.size
        if frame:
            return frame_syntaxes(data[at : at + length])
        at += length
    return None
