"""The first bytes of a direction in; which protocol speaks, out: "is this DICOM at all?"."""

import re
from struct import unpack_from
from typing import Final

from dicomsniff.core import LIMITS, Limits
from dicomsniff.core.patterns import pattern
from dicomsniff.pdu.preamble import STARTS
from dicomsniff.pdu.search import BoundarySearch
from dicomsniff.pdu.values import PduType

ENOUGH_BYTES: Final = 26
"""With this many bytes `protocol_of` always decides."""

_Verdict = bool | None
"""Yes, no, or not yet."""

_HTTP_METHODS = ("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "CONNECT", "PRI", "PROPFIND")
_HTTP_STARTS = (*(word.encode() + b" " for word in _HTTP_METHODS), b"HTTP/1.", b"HTTP/2")
_HL7_STARTS = (b"\x0bMSH", b"\x0bFHS", b"\x0bBHS")
_TLS_HEADER = pattern(rb"[\x14-\x17]\x03[\x00-\x04][\x00-\x48].", re.DOTALL)
_TLS_LONGEST: Final = (1 << 14) + 2048
_COTP_CODES = (0xE0, 0xD0, 0xF0, 0x80, 0x70)
_CONTROL = pattern(rb"[\x01-\x1f\x7f]")


def protocol_of(first: bytes, limits: Limits = LIMITS) -> str | None:
    """The protocol whose stream begins with `first`: "dicom", "tls", "http", "ssh", "hl7", "rdp", "proxy" or "unknown".

    None while the bytes fit a protocol but are too few to tell; `ENOUGH_BYTES` always suffice.
    """
    if not first:
        return None
    dicom = _is_dicom(first, limits)
    if dicom:  # what most is asked about
        return "dicom"
    verdicts = {
        "dicom": dicom,
        "tls": _is_tls(first),
        "http": _begins_with(first, _HTTP_STARTS),
        "ssh": _begins_with(first, (b"SSH-",)),
        "hl7": _begins_with(first, _HL7_STARTS),
        "rdp": _is_rdp(first),
        "proxy": _begins_with(first, STARTS),
    }
    for name, verdict in verdicts.items():
        if verdict:
            return name
    return None if None in verdicts.values() else "unknown"


def looks_like_pdus(data: bytes, limits: Limits = LIMITS) -> bool:
    """Whether bytes from the middle of a stream hold a PDU boundary that can be proved (see `search`)."""
    search = BoundarySearch(0, limits)
    return search.feed(memoryview(data)) is not None or search.finish() is not None


def _begins_with(first: bytes, starts: tuple[bytes, ...]) -> _Verdict:
    if first.startswith(starts):
        return True
    return None if any(start.startswith(first) for start in starts) else False


def _is_dicom(first: bytes, limits: Limits) -> _Verdict:
    """A PDU header of PS3.8 §9.3 with a length and first fields that its type allows; reserved bytes may hold anything."""
    if not 1 <= first[0] <= 7:
        return False
    if len(first) < 6:
        # The first byte of every PDU-length in reach of the limits is at most 40H; more cannot be said yet.
        return None if len(first) < 3 or first[2] <= limits.pdu_length >> 24 else False
    length = unpack_from(">I", first, 2)[0]
    match first[0]:
        case PduType.ASSOCIATE_RQ | PduType.ASSOCIATE_AC:
            return 68 <= length <= limits.associate_bytes and _is_associate(first)
        case PduType.P_DATA_TF:
            return 6 <= length <= limits.pdu_length and _is_p_data(first, length)
        case _:
            return length == 4 and _is_fixed(first)


def _is_associate(first: bytes) -> _Verdict:
    """Protocol version bit 0 (PS3.8 §9.3.2) and, in a request, a called AE title of characters.

    Either may be a little wrong in a real request, and a rule has to tell: with the version right, half of the title
    may be control characters; with the version wrong, none.
    """
    if len(first) < 8:
        return None
    versioned = bool(first[7] & 1)
    if first[0] == PduType.ASSOCIATE_AC:
        return versioned and first[6] == 0
    if len(first) < ENOUGH_BYTES:
        return None
    odd = len(_CONTROL.findall(first, 10, ENOUGH_BYTES))
    return odd <= (8 if versioned else 0)


def _is_p_data(first: bytes, length: int) -> _Verdict:
    """A PDV item that fits, with an odd context ID and a control header of two bits (PS3.8 §9.3.5.1, §E.2)."""
    if len(first) < 12:
        return None
    item_length, context_id, control = unpack_from(">IBB", first, 6)
    fits: bool = 2 <= item_length <= length - 4
    return fits and context_id % 2 == 1 and control <= 3


def _is_fixed(first: bytes) -> _Verdict:
    """Codes of PS3.8 Table 9-21 in a rejection, small ones in an abort; a release has only reserved bytes."""
    if len(first) < 10:
        return None
    if first[0] == PduType.ASSOCIATE_RJ:
        return first[7] in (1, 2) and first[8] in (1, 2, 3)
    return first[0] != PduType.ABORT or (first[8] <= 2 and first[9] <= 6)


def _is_tls(first: bytes) -> _Verdict:
    """A record header: change cipher spec, alert, handshake or application data, SSL 3.0 to TLS 1.3."""
    if len(first) < 5:
        template = (range(0x14, 0x18), range(3, 4), range(5), range(0x49))
        return None if all(byte in allowed for byte, allowed in zip(first, template, strict=False)) else False
    return _TLS_HEADER.match(first) is not None and 0 < unpack_from(">H", first, 3)[0] <= _TLS_LONGEST


def _is_rdp(first: bytes) -> _Verdict:
    """TPKT version 3 with a length, then COTP. An A-ASSOCIATE-RJ (03 00 00 00 00 04) would be a TPKT of no length."""
    if len(first) < 6:
        return None if b"\x03\x00".startswith(first[:2]) and (len(first) < 4 or first[2:4] != b"\0\0") else False
    return first[:2] == b"\x03\x00" and unpack_from(">H", first, 2)[0] >= 7 and first[5] in _COTP_CODES
