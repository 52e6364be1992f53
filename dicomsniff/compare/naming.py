"""UIDs and elements as a comparison names them."""

from __future__ import annotations

from collections.abc import Sequence

from dicomsniff.dimse.uids import uid_name

_LISTED = 4


def short_uid(uid: str | None) -> str:
    """ "JPEG Lossless (1.2.840.10008.1.2.4.70)": the name without its details, and the UID."""
    if not uid:
        return "none"
    name = uid_name(uid)
    return uid if name == uid else f"{_SHORT.get(uid) or name.partition(' (')[0]} ({uid})"


def listed(names: Sequence[str]) -> str:
    """ "a, b, c and 12 more"."""
    shown = [*names[:_LISTED]]
    left = len(names) - len(shown)
    return ", ".join(shown) + (f" and {left:,} more" if left else "")


_SHORT = {
    "1.2.840.10008.1.2.4.50": "JPEG Baseline",
    "1.2.840.10008.1.2.4.51": "JPEG Extended",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless (Process 14)",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS Lossy",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.5": "RLE Lossless",
}
