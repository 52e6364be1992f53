"""Tunnels that do not say how what they carry begins in, where that is out, if it can be proved.

L2TP version 3 (RFC 3931), whose two ends agree on the length of a cookie and on what the session carries; and ESP that
encrypts nothing (RFC 2410, RFC 4543), whose two ends agree on that and on the length of the check value at the end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dicomsniff.tcp.segments import I64, U8
from dicomsniff.tcp.shims import BRIDGED, IPV4, IPV6, Way, by_version, ppp, u16
from dicomsniff.tcp.sound import sound

_BEFORE = 16  # less than so many bytes of cookie and sublayer stand between the session and what it carries
_ESP_HEADER = 8
_VECTORS = (0, 8)  # the second with GMAC
_CHECKS = (12, 16, 0, 24, 32)
_TCP = 6
_HELD = {4: IPV4, 41: IPV6}


def session(data: memoryview, at: int, end: int) -> Way:
    """Behind a session ID of L2TP version 3: a frame, IP, or PPP."""
    if not any(data[at : at + 4]):  # a control message
        return None
    for start in range(at + 4, min(at + 4 + _BEFORE, end - 39), 4):
        for way in ((BRIDGED, start), by_version(data, start), ppp(data, start)):
            if sound(data, way, end):
                return way
    return None


def unencrypted(data: memoryview, at: int, end: int, addresses: bytes) -> tuple[int, int, int] | None:
    """What an ESP packet from `at` to `end` holds: the EtherType (0 for TCP), where that begins and where it ends.

    TCP, between the outer `addresses`, is proved by its checksum; IP by its header and its length; either by the trailer.
    """
    for check in _CHECKS:
        tail = end - check - 2
        if tail <= at + _ESP_HEADER:
            continue
        padding, kind = data[tail], data[tail + 1]
        stop = tail - padding
        if bytes(data[stop:tail]) != bytes(range(1, padding + 1)):
            continue
        for vector in _VECTORS:
            start = at + _ESP_HEADER + vector
            if kind == _TCP and stop - start >= 20 and _checked(data[start:stop], addresses):
                return 0, start, stop
            held = _HELD.get(kind)
            if (
                held
                and start + 40 <= stop
                and sound(data, (held, start), stop)
                and _length(data, held, start) == stop - start
            ):
                return held, start, stop
    return None


def _length(data: memoryview, ether: int, at: int) -> int:
    return u16(data, at + 2) if ether == IPV4 else 40 + u16(data, at + 4)


def _checked(segment: memoryview, addresses: bytes) -> bool:
    """Whether the checksum of a TCP segment is right (RFC 9293 §3.1)."""
    odd = b"\0" * (len(segment) & 1)
    whole = bytes(segment) + odd + addresses + (_TCP + len(segment)).to_bytes(2, "big")
    total = int(np.frombuffer(whole, ">u2").sum(dtype=np.int64))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def perhaps_unencrypted(data: U8, at: I64, end: I64) -> npt.NDArray[np.bool_]:
    """Which ESP packets end in a trailer that says TCP or IP at a place where one can stand: few of those encrypted do."""
    found = np.zeros(len(at), bool)
    for check in _CHECKS:
        tail = end - check - 2
        fits = np.flatnonzero(tail > at + _ESP_HEADER)
        padding, kind = data[tail[fits]], data[tail[fits] + 1]
        found[fits] |= (padding < 16) & ((kind == _TCP) | (kind == 4) | (kind == 41))
    return found
