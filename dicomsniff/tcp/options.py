"""The options of a TCP header in, what a SYN announced with them out (RFC 9293 §3.2, RFC 7323, RFC 2018)."""

from __future__ import annotations

from functools import lru_cache

from dicomsniff.core.tuples import NamedTuple

END, NO_OPERATION, MSS, WINDOW_SCALE, SACK_PERMITTED, TIMESTAMPS, MULTIPATH = 0, 1, 2, 3, 4, 8, 30
_JOIN = 1  # of the subtypes
LARGEST_SCALE = 14
"""RFC 7323 §2.3: a larger shift counts as this one."""


class SynOptions(NamedTuple):
    """What one SYN or SYN-ACK announced; None and False where it did not. `whole` is False where the capture cut the
    options off, so that what is missing may only be missing there; `joins`: this connection carries a part of what another does (RFC
    8684 §3.2)."""

    mss: int | None = None
    window_scale: int | None = None
    sack_permitted: bool = False
    timestamps: bool = False
    whole: bool = True
    joins: bool = False


USUAL_MSS = 1460


def scale_of(own: SynOptions | None, other: SynOptions | None) -> int | None:
    """By how many bits the windows that the `other` side offers are shifted (RFC 7323 §2.2): only where both SYNs say that
    they can; None where one of them is not known whole."""
    if own is None or other is None or not (own.whole and other.whole):
        return None
    both = own.window_scale is not None and other.window_scale is not None
    return (other.window_scale or 0) if both else 0


def least_mss(*syns: SynOptions | None) -> int:
    """The longest segment that both sides take."""
    return min((syn.mss for syn in syns if syn is not None and syn.mss), default=USUAL_MSS)


@lru_cache(maxsize=1024)
def read_syn_options(options: bytes, whole: bool = True) -> SynOptions:
    """The options of a SYN; `whole` tells whether all of them were captured. Reading stops at the first broken one."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(options) and options[at] != END:
        if options[at] == NO_OPERATION:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        if length < 2 or at + length > len(options):
            break
        found.setdefault(options[at], options[at + 2 : at + length])
        at += length
    mss, scale = found.get(MSS, b""), found.get(WINDOW_SCALE, b"")
    return SynOptions(
        int.from_bytes(mss, "big") if len(mss) == 2 else None,
        min(scale[0], LARGEST_SCALE) if len(scale) == 1 else None,
        SACK_PERMITTED in found,
        TIMESTAMPS in found,
        whole,
        (found.get(MULTIPATH) or b"\0")[0] >> 4 == _JOIN,
    )
