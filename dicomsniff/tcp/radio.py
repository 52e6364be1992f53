"""An IEEE 802.11 frame in, the EtherType that its data hold and where they begin out.

Before it may stand what the adapter said of its reception: radiotap, Prism or AVS.
"""

from __future__ import annotations

from dicomsniff.tcp.shims import Way, llc

RADIO, PRISM, RADIOTAP, AVS = 105, 119, 127, 163  # link types
QUALITY, NULL_DATA = 8, 4  # bits of a data frame's subtype
_PRISM_LENGTH, _AVS_MAGIC = 144, b"\x80\x21\x10"
_AGGREGATED = 0x80  # in the first byte of the quality field: several frames in one, each behind a header of its own
_SUBFRAME = 14


def radio_frame(data: memoryview, link_type: int, at: int, end: int) -> Way:
    """The same for a packet of one of these link types."""
    frame = data[at:end]
    if link_type == RADIOTAP:
        return radio_network(data, at + int.from_bytes(frame[2:4], "little"), end)
    if link_type == AVS or (link_type == PRISM and frame[:3] == _AVS_MAGIC):
        return radio_network(data, at + int.from_bytes(frame[4:8], "big"), end)
    return radio_network(data, at + (_PRISM_LENGTH if link_type == PRISM else 0), end)


def radio_network(data: memoryview, at: int, end: int) -> Way:
    """The first frame of an unencrypted data frame (IEEE 802.11 §9.2); Cisco's controllers swap the bytes of its first
    field, and some adapters pad its header to four bytes."""
    head = bytes(data[at : min(end, at + 64)])
    for frame in (head, head[1::-1] + head[2:]):
        length = _header_length(frame)
        for padding in (0, 2) if length else ():
            found = llc(data, at + length + padding) if at + length + padding + 8 < end else None
            if found is not None:
                return found
    return None


def _header_length(frame: bytes) -> int:
    """The bytes before the LLC header of a data frame; 0 for a frame that holds no readable data."""
    import dpkt  # 30 ms that only captures of radio frames need

    control = dpkt.ieee80211.IEEE80211()
    if len(frame) < len(control):
        return 0
    dpkt.Packet.unpack(control, frame)  # the fixed header alone: dpkt's reading of the rest fails on many real frames
    if control.type != dpkt.ieee80211.DATA_TYPE or control.subtype & NULL_DATA or control.wep:
        return 0
    quality, four_addresses = bool(control.subtype & QUALITY), bool(control.to_ds and control.from_ds)
    length = 24 + 6 * four_addresses + 2 * quality
    aggregated = quality and length <= len(frame) and frame[length - 2] & _AGGREGATED
    return length + 4 * bool(quality and control.order) + (_SUBFRAME if aggregated else 0)
