"""A capture file of any format, mutated, through the capture room.

Layout of the bytes: mode, block size, place of a cut (two bytes), then the file.
"""

import gzip
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from dicomsniff.capture import CaptureError, CaptureFacts, open_captures
from dicomsniff.core import LIMITS, Limits
from fuzz.choices import Choices
from fuzz.engine import run
from tests.capture.reading import Row, rows

GZIP, TWO_FILES = 1, 2
COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
"""What is compressed twice is refused."""


@lru_cache(maxsize=1)
def _directory() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="dicomsniff-fuzz-", ignore_cleanup_errors=True)


def _read(*files: bytes, limits: Limits = LIMITS) -> tuple[list[Row], tuple[CaptureFacts, ...]] | None:
    """Packets and facts of these files as one timeline; None where they are refused, in one line."""
    paths = [Path(_directory().name) / str(number) for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    try:
        with open_captures(paths, limits) as source:
            found = rows(source)
            return found, source.facts()
    except CaptureError as error:
        assert "\n" not in str(error)
        return None


def invariant(data: bytes) -> None:
    """Any file is read or refused in one line; block size and compression change nothing, a cut file gives a prefix."""
    choices = Choices(data)
    mode, block_bytes, cut, content = choices.byte(), 1 + choices.byte(), choices.word(), choices.rest()
    read = _read(content)
    if read is None:
        return
    found, (facts,) = read
    assert facts.packets == len(found)
    assert all(a.number < b.number for a, b in pairwise(found))
    _alike(read, _read(content, limits=Limits(block_bytes=block_bytes)))
    if mode & GZIP and not content.startswith(COMPRESSED):
        _alike(read, _read(gzip.compress(content, 1, mtime=0)))
    start = _read(content[: cut % (len(content) + 1)])
    if start is not None:
        _begins(found, start[0])
        if mode & TWO_FILES:
            both = _read(content, content[: cut % (len(content) + 1)])
            assert both is not None
            _merged(found, start[0], both[0])


def _alike(
    read: tuple[list[Row], tuple[CaptureFacts, ...]], other: tuple[list[Row], tuple[CaptureFacts, ...]] | None
) -> None:
    assert other is not None
    assert other[0] == read[0]
    assert (other[1][0].packets, other[1][0].dropped) == (read[1][0].packets, read[1][0].dropped)


def _begins(found: list[Row], start: list[Row]) -> None:
    """The packets of a cut file are the first of the whole one. Only what follows can tell whether the time 0 at the
    beginning is one or means that there is none."""
    for row, whole in zip(start, found, strict=False):
        unknown = row.time_ns == -1 and whole.time_ns == 0
        assert row == (whole._replace(time_ns=-1) if unknown else whole)
    assert len(start) <= len(found)


def _merged(whole: list[Row], start: list[Row], merged: list[Row]) -> None:
    """One timeline holds the packets of both files, what both hold at the same time once or twice, numbered throughout."""
    one, other, both = (Counter(row[1:] for row in rows) for rows in (whole, start, merged))
    assert one | other <= both <= one + other
    assert all(a.number < b.number for a, b in pairwise(merged))


if __name__ == "__main__":
    run("fuzz.fuzz_capture")
