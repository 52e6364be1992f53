"""The first bytes of a compressed frame in, the transfer syntaxes that such a frame can be sent under out (PS3.5 §8.2).

What two syntaxes both allow is answered with both: a reversible JPEG 2000 stream, say, is lossless and general alike.
"""

from __future__ import annotations

from itertools import pairwise
from struct import Struct
from typing import Final

BASELINE, EXTENDED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
LOSSLESS, LOSSLESS_SV1 = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
LS_LOSSLESS, LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
J2K_LOSSLESS, J2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
RLE = "1.2.840.10008.1.2.5"

Syntaxes = tuple[str, ...]
_LONGEST_HEADER: Final = 4096  # marker segments looked through; profiles and comments in front are rare
_u16 = Struct(">H").unpack_from
_RLE_HEADER = Struct("<16I")
_HIGH_THROUGHPUT_OR_PART_2 = 0xC000  # of Rsiz: ISO/IEC 15444-15 and 15444-2, which have syntaxes of their own


def frame_syntaxes(frame: bytes) -> Syntaxes | None:
    """The syntaxes that fit, the usual one first; () where none that is known does, None where more bytes must tell.

    A baseline stream (SOF0) is usually Baseline (.50), but every decoder of Extended (.51) takes it.
    """
    if len(frame) < 4:
        return None
    if frame[:2] == b"\xff\xd8":
        return _jpeg(frame[:_LONGEST_HEADER], len(frame) < _LONGEST_HEADER)
    if frame[:4] == b"\xff\x4f\xff\x51":
        return _jpeg_2000(frame[:_LONGEST_HEADER], len(frame) < _LONGEST_HEADER)
    return _rle(frame)


def _jpeg(frame: bytes, cut: bool) -> Syntaxes | None:
    """ITU-T T.81 and T.87: the start of frame names the process, the start of scan the predictor or the error."""
    process, at = 0, 2
    while at + 4 <= len(frame):
        if frame[at] != 0xFF:
            return ()
        marker, length = frame[at + 1], _u16(frame, at + 2)[0]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == 0xC0:
            return BASELINE, EXTENDED
        if marker == 0xC1:
            return (EXTENDED,)
        if marker in (0xC3, 0xF7):
            process = marker
        elif 0xC2 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return ()  # processes that PS3.5 has retired or never had
        elif marker == 0xDA:
            return _scan(process, frame[at + 4 : at + 2 + length], length)
        elif length < 2:
            return ()
        at += 2 + length
    return None if cut else ()


def _scan(process: int, scan: bytes, length: int) -> Syntaxes | None:
    """The parameters at the end of a start of scan: components, two bytes each, then predictor or NEAR."""
    if not scan:
        return None
    at = 1 + 2 * scan[0]
    if length != at + 5:
        return ()
    if len(scan) <= at:
        return None
    if process == 0xC3:
        return (LOSSLESS,) if scan[at] != 1 else (LOSSLESS_SV1, LOSSLESS)
    if process == 0xF7:
        return (LS_NEAR,) if scan[at] else (LS_LOSSLESS, LS_NEAR)
    return ()


def _jpeg_2000(frame: bytes, cut: bool) -> Syntaxes | None:
    """ISO/IEC 15444-1 §A.6.1: the last byte of COD names the wavelet; 0 is irreversible, which .90 does not allow."""
    at = 2
    while at + 4 <= len(frame):
        if frame[at] != 0xFF:
            return ()
        marker, length = frame[at + 1], _u16(frame, at + 2)[0]
        if length < 2:
            return ()
        if marker == 0x51 and at + 6 <= len(frame) and _u16(frame, at + 4)[0] & _HIGH_THROUGHPUT_OR_PART_2:
            return ()
        if marker == 0x50 or marker in (0x90, 0x93):  # CAP: high throughput; a tile before any COD: broken
            return ()
        if marker == 0x52:
            if at + 14 > len(frame):
                break
            return (J2K,) if frame[at + 13] == 0 else (J2K_LOSSLESS, J2K)
        at += 2 + length
    return None if cut else ()


def _rle(frame: bytes) -> Syntaxes | None:
    """PS3.5 §G.5: the number of segments, their ascending offsets from 64 on, zeros."""
    if not 1 <= int.from_bytes(frame[:4], "little") <= 15:
        return ()
    if len(frame) < _RLE_HEADER.size:
        return None
    segments, *offsets = _RLE_HEADER.unpack_from(frame)
    used, rest = offsets[:segments], offsets[segments:]
    ascending = all(one < other for one, other in pairwise(used))
    return (RLE,) if used[0] == _RLE_HEADER.size and ascending and not any(rest) else ()
