"""What the file says of itself: an object's negotiation in, the bytes before its data set out (PS3.10 §7.1)."""

from __future__ import annotations

from struct import Struct, pack

from dicomsniff.core.patterns import pattern

GROUP = 0x0002
LOOSE_UID = pattern(r"[0-9][0-9.]{0,127}")
IMPLEMENTATION_CLASS_UID = "2.25.168430890990940398366005342047209081648"
LONGEST_AE_TITLE = 16
_HEAD = Struct("<HH2sH")
_VERSION = pack("<HH2sxxI2s", GROUP, 0x0001, b"OB", 2, b"\x00\x01")


def part10_header(
    sop_class: str, sop_instance: str, transfer_syntax: str, sender: str | None, receiver: str | None, version: str
) -> bytes:
    """Preamble, prefix and File Meta Information; the AE titles are those of the association, None where unknown.

    UIDs are written as they are, also those that break the rules of PS3.5 §9.1: what was sent is what is exported.
    """
    elements = [
        _VERSION,
        _element(0x0002, "UI", sop_class),
        _element(0x0003, "UI", sop_instance),
        _element(0x0010, "UI", transfer_syntax),
        _element(0x0012, "UI", IMPLEMENTATION_CLASS_UID),
        _element(0x0013, "SH", f"DICOMSNIFF_{version}"[:16]),
    ]
    for number, title in ((0x0016, _title(sender)), (0x0017, _title(sender)), (0x0018, _title(receiver))):
        elements += [_element(number, "AE", title)] if title else []
    group = b"".join(elements)
    return bytes(128) + b"DICM" + _HEAD.pack(GROUP, 0x0000, b"UL", 4) + pack("<I", len(group)) + group


def _element(number: int, vr: str, value: str) -> bytes:
    """One element of the group in Explicit VR Little Endian, padded to even length (PS3.5 §6.2, §7.1.2)."""
    text = value.encode("ascii")
    text += (b"\0" if vr == "UI" else b" ") * (len(text) % 2)
    return _HEAD.pack(GROUP, number, vr.encode(), len(text)) + text


def _title(ae: str | None) -> str | None:
    """An AE title if it is a legal one (PS3.5 §6.2): 1 to 16 printable characters without backslash."""
    legal = ae and len(ae) <= LONGEST_AE_TITLE and ae.isascii() and ae.isprintable() and "\\" not in ae
    return ae if legal else None
