"""An IEEE 802.11 frame in, the EtherTypes that its data hold and where they begin out.

Before it may stand what the adapter said of its reception: radiotap, Prism or AVS.
"""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.tcp.shims import Way, llc, u16

RADIO, PRISM, RADIOTAP, AVS = 105, 119, 127, 163  # link types
QUALITY, NULL_DATA = 8, 4  # bits of a data frame's subtype
_PRISM_LENGTH, _AVS_MAGIC = 144, b"\x80\x21\x10"
_AGGREGATED = 0x80  # in the first byte of the quality field: several frames in one, each behind a header of its own
_SUBFRAME = 14
_ENCAPSULATED = b"\xaa\xaa\x03\0\0\0"  # no chance in what is encrypted (RFC 1042)
_OPEN, _SEALED = (0, 2), (8, 4)  # bytes between header and LLC: padding; the vector of CCMP and TKIP, of WEP

Held = tuple[int, int, int]  # EtherType, where it leads and where the frame ends


def radio_frames(data: memoryview, link_type: int, at: int, end: int) -> Iterator[Held]:
    """The frames that a packet of one of these link types holds."""
    frame = data[at:end]
    if link_type == RADIOTAP:
        return networks(data, at + int.from_bytes(frame[2:4], "little"), end)
    if link_type == AVS or (link_type == PRISM and frame[:3] == _AVS_MAGIC):
        return networks(data, at + int.from_bytes(frame[4:8], "big"), end)
    return networks(data, at + (_PRISM_LENGTH if link_type == PRISM else 0), end)


def radio_network(data: memoryview, at: int, end: int) -> Way:
    """The first of these frames."""
    found = next(networks(data, at, end), None)
    return found and found[:2]


def networks(data: memoryview, at: int, end: int) -> Iterator[Held]:
    """The frames within a data frame (IEEE 802.11 §9.2): one, or several if they are aggregated. Cisco's controllers swap the
    bytes of its first field, some adapters pad its header to four bytes, and some decrypt it and say that it is encrypted."""
    head = bytes(data[at : min(end, at + 64)])
    for frame in (head, head[1::-1] + head[2:]):
        length, aggregated, sealed = _header(frame)
        for before in (_SEALED if sealed else _OPEN) if length else ():
            start = at + length + before
            found = False
            for each in _aggregated(data, start, end) if aggregated else _alone(data, start, end, sealed):
                found = True
                yield each
            if found:
                return


def _alone(data: memoryview, at: int, end: int, sealed: bool) -> Iterator[Held]:
    way = llc(data, at) if at + 8 < end else None
    if way is not None and not (sealed and bytes(data[at : at + 6]) != _ENCAPSULATED):
        yield *way, end


def _aggregated(data: memoryview, at: int, end: int) -> Iterator[Held]:
    """Each behind its addresses and its length, padded to four bytes (IEEE 802.11 §9.3.2.2.2)."""
    while at + _SUBFRAME + 8 < end:
        stop = at + _SUBFRAME + u16(data, at + 12)
        way = llc(data, at + _SUBFRAME)
        if way is not None:
            yield *way, min(stop, end)
        at += max(_SUBFRAME, stop - at) + 3 & ~3


def _header(frame: bytes) -> tuple[int, bool, bool]:
    """The bytes before the LLC header of a data frame, 0 for a frame without data; whether it is several in one, and whether it
    says that it is encrypted."""
    import dpkt  # 30 ms that only captures of radio frames need

    control = dpkt.ieee80211.IEEE80211()
    if len(frame) < len(control):
        return 0, False, False
    dpkt.Packet.unpack(control, frame)  # the fixed header alone: dpkt's reading of the rest fails on many real frames
    if control.type != dpkt.ieee80211.DATA_TYPE or control.subtype & NULL_DATA:
        return 0, False, False
    quality, four_addresses = bool(control.subtype & QUALITY), bool(control.to_ds and control.from_ds)
    length = 24 + 6 * four_addresses + 2 * quality
    aggregated = quality and length <= len(frame) and bool(frame[length - 2] & _AGGREGATED)
    return length + 4 * bool(quality and control.order), aggregated, bool(control.wep)
