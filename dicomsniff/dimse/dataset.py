"""Data-set bytes and their transfer syntax in, elements as plain text out: headers and short values, bounded."""

import zlib

from dicomsniff.core import LIMITS, Limits
from dicomsniff.core.records import replace
from dicomsniff.dimse.element import UNDEFINED_LENGTH, DataSet, Element
from dicomsniff.dimse.element_walker import BIG_ENDIAN, EXPLICIT, IMPLICIT, Syntax, walk

__all__ = ["UNDEFINED_LENGTH", "DataSet", "Element", "read_dataset"]

# Everything else is explicit little-endian, encapsulated or not (PS3.5 Annex A). The last two are a private syntax of
# GE, with big-endian pixels only, and Papyrus 3.
_SYNTAXES = {
    "1.2.840.10008.1.2": IMPLICIT,
    "1.2.840.10008.1.2.2": BIG_ENDIAN,
    "1.2.840.113619.5.2": IMPLICIT,
    "1.2.840.10008.1.20": IMPLICIT,
}
# Deflated Explicit VR, JPIP Referenced Deflate, JPIP HTJ2K Referenced Deflate.
_DEFLATED = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
_INFLATE_STEP = 4096
_ENOUGH = 3  # elements that show a syntax: one or two may read by chance


def read_dataset(
    data: bytes,
    transfer_syntax: str | None,
    *,
    limits: Limits = LIMITS,
    total_length: int | None = None,
    until: int | None = None,
) -> DataSet:
    """The elements of a data set, of which `data` may be only the head; never raises.

    `transfer_syntax` None: guessed from the bytes. `total_length` is the length of the whole data set where it is
    known (as sent): elements that run past it are errors then, not cuts. `until` ends the reading after this tag of
    the top level, which is cheaper where a few identifiers are wanted. Bytes that do not read as the transfer syntax
    give a DataSet with `error`, not made-up values.
    """
    if not data:
        return DataSet((), truncated=bool(total_length), guessed=transfer_syntax is None)
    if data[128:132] == b"DICM":
        return DataSet((), error="a whole file (PS3.10) with its preamble instead of a data set")
    if transfer_syntax is None:
        return _guess(data, limits, total_length, until)
    if transfer_syntax in _DEFLATED:
        return _read_deflated(data, limits, total_length, until)
    syntax = _SYNTAXES.get(transfer_syntax, EXPLICIT)
    found = walk(data, syntax, limits, total_length, until)
    if found.error is None or len(found.elements) >= _ENOUGH:
        return found
    other = _other_syntax(data, syntax, limits)
    if other is None:
        return replace(found, error=f"not readable as {syntax.name}: {found.error}")
    return DataSet((), error=f"not {syntax.name} but {other.name}: {found.error}", encoding=syntax.name)


def encoding_of(transfer_syntax: str) -> Syntax:
    """How the elements of a data set are encoded under this transfer syntax, before it is deflated."""
    return _SYNTAXES.get(transfer_syntax, EXPLICIT)


def is_deflated(transfer_syntax: str) -> bool:
    return transfer_syntax in _DEFLATED


def plain_bytes(data: bytes, transfer_syntax: str, limits: Limits = LIMITS) -> bytes:
    """The bytes that offsets of elements are of: inflated where the syntax deflates."""
    return _inflate(data, limits.inflate_bytes)[0] if transfer_syntax in _DEFLATED else data


def _guess(data: bytes, limits: Limits, total: int | None, until: int | None) -> DataSet:
    """Implicit little-endian, the default (PS3.5 §10.1), if the bytes read so; else the explicit ones; else what came
    furthest."""
    best: DataSet | None = None
    for syntax in (IMPLICIT, EXPLICIT, BIG_ENDIAN):
        found = walk(data, syntax, limits, total, until)
        if found.error is None:
            return replace(found, guessed=True)
        if best is None or len(found.elements) > len(best.elements):
            best = found
    assert best is not None
    return replace(best, guessed=True)


def _other_syntax(data: bytes, but: Syntax, limits: Limits) -> Syntax | None:
    """The syntax these bytes do read as."""
    for syntax in (IMPLICIT, EXPLICIT, BIG_ENDIAN):
        if syntax is not but:
            found = walk(data, syntax, limits, None, None)
            whole = found.error is None and not found.truncated
            if len(found.elements) >= _ENOUGH or (whole and found.elements):
                return syntax
    return None


def _read_deflated(data: bytes, limits: Limits, total: int | None, until: int | None) -> DataSet:
    """Deflated without a zlib header (PS3.5 §A.5); the whole length of what it inflates to is not known."""
    inflated, ended, broken = _inflate(data, limits.inflate_bytes)
    if not inflated and not ended:
        if broken:
            return DataSet((), error="not a deflated data set", encoding="Deflated Explicit VR Little Endian")
        return DataSet((), truncated=True, encoding="Deflated Explicit VR Little Endian")
    found = walk(inflated, EXPLICIT, limits, len(inflated) if ended else None, until)
    error = found.error
    if broken and error is None and (total is None or total <= len(data)):
        error = "the deflated stream breaks off"
    truncated = found.truncated or (not ended and not _whole_enough(found, until))
    return replace(found, truncated=truncated, error=error, encoding="Deflated Explicit VR Little Endian")


def _whole_enough(found: DataSet, until: int | None) -> bool:
    """Whether everything asked for was read although the stream went on: up to the pixel data, or to `until`."""
    last = found.elements[-1].tag if found.elements else 0
    return not found.truncated and (last >= 0x7FE00008 or (until is not None and last >= until))


def _inflate(data: bytes, most: int) -> tuple[bytes, bool, bool]:
    """What the stream inflates to (at most `most` bytes), whether its end was reached, whether it is broken."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    out = bytearray()
    for start in range(0, len(data), _INFLATE_STEP):
        try:
            out += stream.decompress(data[start : start + _INFLATE_STEP], most - len(out))
        except zlib.error:
            return bytes(out), False, True
        if stream.eof or len(out) >= most:
            break
    return bytes(out), stream.eof, False
