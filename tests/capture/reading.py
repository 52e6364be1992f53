"""What the tests of this room share: bytes of a capture in, its packets as plain rows and its facts out."""

from pathlib import Path
from typing import NamedTuple

from dicomsniff.capture import CaptureFacts, CaptureSource, open_captures
from dicomsniff.core import LIMITS, Limits


class Row(NamedTuple):
    """One packet as the columns say it."""

    number: int
    time_ns: int
    data: bytes
    wire: int
    link_type: int


def rows(source: CaptureSource) -> list[Row]:
    """Every packet of a source; no block may be empty or writable."""
    found: list[Row] = []
    for block in source.blocks():
        assert len(block) > 0
        assert not block.data.flags.writeable
        columns = (block.number, block.time_ns, block.offset, block.captured, block.wire, block.link_type)
        for number, time_ns, offset, captured, wire, link_type in zip(*(c.tolist() for c in columns), strict=True):
            data = block.data[offset : offset + captured].tobytes()
            assert len(data) == captured
            found.append(Row(number, time_ns, data, wire, link_type))
    return found


def read(directory: Path, data: bytes, limits: Limits = LIMITS) -> tuple[list[Row], CaptureFacts]:
    """Packets and facts of a file with these bytes."""
    path = directory / "file"
    path.write_bytes(data)
    with open_captures([path], limits) as source:
        found = rows(source)
        return found, source.facts()[0]
