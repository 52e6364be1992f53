"""An identifier (of a C-FIND response) in, its top-level values by tag out: quickly where it is sound."""

from functools import lru_cache

from dicomsniff.dimse.dataset import encoding_of, is_deflated, read_dataset
from dicomsniff.dimse.soundness import walked

_REMEMBERED = 1024
_TEXT = frozenset(
    ["AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"]
)


def identifier_values(head: bytes, transfer_syntax: str | None) -> dict[int, str]:
    """Text of the values by tag, "" where empty or not text; {} where nothing can be read. Never raises."""
    read = _values if len(head) <= _REMEMBERED else _values.__wrapped__
    return read(head, transfer_syntax)


@lru_cache(maxsize=1024)
def _values(head: bytes, transfer_syntax: str | None) -> dict[int, str]:
    if transfer_syntax is not None and not is_deflated(transfer_syntax):
        found = walked(head, encoding_of(transfer_syntax), len(head), False)
        if found is not None:
            return {
                s.tag: str(head[s.start : s.end].strip(b"\0 "), "latin-1") if s.vr in _TEXT else ""
                for s in found[1]
                if not s.depth
            }
    return {e.tag: e.value or "" for e in read_dataset(head, transfer_syntax).elements}
