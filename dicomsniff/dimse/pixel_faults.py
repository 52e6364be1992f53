"""The attributes of an image, the header of its pixel data and their first bytes in, what does not fit out (PS3.5 §8, §A.4)."""

from collections.abc import Mapping
from struct import Struct

from dicomsniff.dimse.element import UNDEFINED_LENGTH
from dicomsniff.dimse.uids import is_compressed

_ROWS, _COLUMNS, _BITS, _SAMPLES, _FRAMES = 0x00280010, 0x00280011, 0x00280100, 0x00280002, 0x00280008
_PHOTOMETRIC = 0x00280004
_ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
_ITEM, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE0DD
_HEADER = Struct("<HHI").unpack_from
_JPEG, _J2K, _JXL = (b"\xff\xd8",), (b"\xff\x4f", b"\0\0\0\x0cjP"), (b"\xff\x0a", b"\0\0\0\x0cJXL")
_FIRST_BYTES = {
    **{f"1.2.840.10008.1.2.4.{n}": ("JPEG", _JPEG) for n in (50, 51, 57, 70)},
    **{f"1.2.840.10008.1.2.4.{n}": ("JPEG-LS", _JPEG) for n in (80, 81)},
    **{f"1.2.840.10008.1.2.4.{n}": ("JPEG 2000", _J2K) for n in (90, 91, 92, 93, 201, 202, 203)},
    **{f"1.2.840.10008.1.2.4.{n}": ("JPEG XL", _JXL) for n in (110, 111, 112)},
}
_RLE = "1.2.840.10008.1.2.5"
_RLE_SEGMENTS = 15


def pixel_fault(
    values: Mapping[int, bytes], length: int, after: bytes, syntax: str, little: bool, whole: bool
) -> str | None:
    """What is wrong with pixel data of `length` (of the header), whose value begins with `after`, under a transfer syntax.
    `values` are the raw attributes; `whole`: `after` reaches to the end of the data set."""
    encapsulated = is_compressed(syntax) or syntax == _ENCAPSULATED_UNCOMPRESSED
    if (length == UNDEFINED_LENGTH) != encapsulated:
        if length == UNDEFINED_LENGTH:
            return "the pixel data are encapsulated (compressed) under an uncompressed transfer syntax"
        return f"the pixel data are not encapsulated ({length} bytes) under a compressed transfer syntax"
    if encapsulated:
        return _of_fragments(values, after, syntax, whole)
    wanted = _native_lengths(values, "little" if little else "big")
    if not wanted or length in wanted:
        return None
    return f"the pixel data have {length} bytes, the attributes imply {min(wanted)}"


def _number(values: Mapping[int, bytes], tag: int, order: str) -> int:
    raw = values.get(tag, b"")
    return int.from_bytes(raw[:2], "little" if order == "little" else "big") if len(raw) >= 2 else 0


def _frames(values: Mapping[int, bytes]) -> int:
    text = values.get(_FRAMES, b"1").strip(b" \0")
    return int(text) if text.isdigit() and len(text) < 10 else 1 if not text else 0


def _native_lengths(values: Mapping[int, bytes], order: str) -> set[int]:
    """The lengths that pixel data may have, empty where the attributes do not tell."""
    rows, columns, bits = (_number(values, tag, order) for tag in (_ROWS, _COLUMNS, _BITS))
    samples, frames = _number(values, _SAMPLES, order) or 1, _frames(values)
    if not (rows and columns and bits and frames):
        return set()
    subsampled = samples == 3 and b"42" in values.get(_PHOTOMETRIC, b"")
    every = {samples, 2, 1.5} if subsampled else {samples}  # YBR_FULL_422, YBR_PARTIAL_420; some send all samples
    lengths = {-(-int(rows * columns * one * frames * bits) // 8) for one in every}
    lengths |= {-(-int(rows * columns * one * bits) // 8) * frames for one in every}  # each frame on its own bytes
    return lengths | {length + 1 for length in lengths if length % 2}


def _of_fragments(values: Mapping[int, bytes], after: bytes, syntax: str, whole: bool) -> str | None:
    """The items behind the header, as far as they lie in the head."""
    position, items = 0, 0
    while position + 8 <= len(after):
        group, number, length = _HEADER(after, position)
        tag = group << 16 | number
        position += 8
        if tag == _SEQUENCE_END:
            lacking = 0 < items - 1 < _frames(values)
            return f"{items - 1} fragments for {_frames(values)} frames" if lacking else None
        if tag != _ITEM:
            return f"({group:04X},{number:04X}) where a fragment had to begin"
        if length & 1:
            return f"a fragment has an odd length of {length} bytes"
        items += 1
        if items == 2 and (wrong := _first_bytes(after[position : position + min(length, 16)], syntax)):
            return wrong
        position += length
    return "the sequence of fragments has no end" if whole else None


def _first_bytes(frame: bytes, syntax: str) -> str | None:
    """Whether the first frame begins as its codec wants."""
    if syntax == _RLE and len(frame) >= 4:
        segments = int.from_bytes(frame[:4], "little")
        return None if 1 <= segments <= _RLE_SEGMENTS else f"the first frame claims {segments} RLE segments"
    name, starts = _FIRST_BYTES.get(syntax, ("", ()))
    if not starts or len(frame) < 12 or frame.startswith(starts):
        return None
    return f"the first frame begins with {frame[:4].hex(' ').upper()}, which is not {name}"
