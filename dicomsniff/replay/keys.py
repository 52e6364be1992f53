"""An identifier in, the keys of a DCMTK command line out; None where a command line cannot say it."""

from __future__ import annotations

from dicomsniff.dimse.element_rows import ElementRows, Holds, payload_rows
from dicomsniff.dimse.payload import Payload
from dicomsniff.report.redaction import Redaction

_ANY = frozenset(
    {"AS", "DA", "DS", "DT", "IS", "TM"}
)  # a masked value of these would be none: an empty key matches any
_MASKED = "MASKED"


def keys_of(payload: Payload | None, transfer_syntax: str | None, redaction: Redaction) -> tuple[list[str], int] | None:
    """Each key as "0010,0020=4711" or "(0040,0100)[0].(0008,0060)=CT", and how many of them are masked."""
    if payload is None or not payload.complete:
        return None
    rows = payload_rows(payload, transfer_syntax)
    if rows.error is not None or rows.cut is not None or not _sayable(rows):
        return None
    keys, masked = [], 0
    for row in rows.rows:
        inside = any(redaction.protects(tag, "SQ") for tag, _ in row.within)
        if row.holds is Holds.ITEM:
            if not row.multiplicity:
                keys.append(_path(row.within))
        elif row.holds is not Holds.SEQUENCE or not row.multiplicity:
            value = (row.text or "").rstrip("\0")
            if value.strip("*?\\ ") and redaction.protects(row.tag, row.vr, inside):
                value, masked = "" if row.vr in _ANY else _MASKED, masked + 1
            name = f"{_path(row.within)}.{_tag(row.tag)}" if row.within else _tag(row.tag)[1:-1]
            keys.append(f"{name}={_unpadded(value)}" if value else name)
    return keys, masked


def _unpadded(value: str) -> str:
    """Without the space that makes an odd length even: DCMTK adds its own."""
    return value[:-1] if value.endswith(" ") and not len(value) % 2 else value


def _sayable(rows: ElementRows) -> bool:
    for row in rows.rows:
        if row.holds in (Holds.BYTES, Holds.PIXELS, Holds.UNSEEN) and row.length:
            return False
        if row.shortened or (row.text is not None and not (row.text.isascii() and row.text.isprintable())):
            return False
    return True


def _path(within: tuple[tuple[int, int], ...]) -> str:
    return ".".join(f"{_tag(tag)}[{number - 1}]" for tag, number in within)


def _tag(tag: int) -> str:
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"
