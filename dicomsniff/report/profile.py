"""A data element in, whether it may say who somebody is out: the attributes of PS3.15 Table E.1-1, and what nobody knows.

The table (profile.csv names its edition) lists what the Basic Application Level Confidentiality Profile removes. UIDs and AE
titles, which it lists too, are names of objects and of programs: without them no fault can be followed, so they are told.
"""

from __future__ import annotations

from functools import cache

from dicomsniff.dimse.dictionary import keywords, registered

FOLLOWED = frozenset({"UI", "AE"})
"""VRs of names that are told."""
_REPEATING = 0xFF000000  # groups 50xx and 60xx


def is_protected(tag: int, vr: str = "") -> bool:
    """Whether the value of this element is masked: listed by the profile, private or unknown, or a person's name."""
    if vr in FOLLOWED:
        return False
    if vr == "PN" or tag in _table() or (tag & _REPEATING in (0x50000000, 0x60000000) and _repeats(tag)):
        return True
    return _is_nobodys(tag)


def is_protected_keyword(keyword: str) -> bool:
    """The same of the element with this keyword; of one that the standard does not know it is said too."""
    found = keywords().get(keyword)
    return found is None or is_protected(*found)


def _is_nobodys(tag: int) -> bool:
    """A private element (PS3.5 §7.8; not the creator's name) or one that the dictionary does not have: it may say anything."""
    if tag >> 16 & 1:
        return not 0x10 <= tag & 0xFFFF <= 0xFF
    return tag & 0xFFFF != 0 and registered(tag) is None


def _repeats(tag: int) -> bool:
    wanted = f"{tag:08X}"
    return any(all(a in (b, "x") for a, b in zip(row, wanted, strict=True)) for row in _patterns())


@cache
def _rows() -> tuple[str, ...]:
    """The tags of the table, as eight digits, an x for any."""
    from importlib.resources import files

    text = files("dicomsniff.report").joinpath("profile.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return tuple(line.partition(",")[0] for line in lines[1:])


@cache
def _table() -> frozenset[int]:
    return frozenset(int(row, 16) for row in _rows() if "x" not in row)


@cache
def _patterns() -> tuple[str, ...]:
    return tuple(row for row in _rows() if "x" in row)
