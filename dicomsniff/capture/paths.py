"""Which files are meant: files, directories and patterns in, the paths of capture files out."""

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from dicomsniff.capture.block import CaptureError
from dicomsniff.capture.capture_file import read_head
from dicomsniff.capture.formats import foreign, identify

STANDARD_INPUT = "/dev/stdin"
"""What "-" stands for, where the system has it."""


def expand(paths: Sequence[str | Path]) -> list[str]:
    """Files as they are, "-" as standard input, directories as the captures in them by name, patterns as what they match; each file once.

    Raises CaptureError for a pattern without a match and a directory without a capture, OSError as the system does.
    """
    if not paths:
        raise CaptureError("no capture was named; give a file, a directory or a pattern such as 'captures/*.pcap'")
    found: dict[tuple[int, int], str] = {}
    for given in paths:
        for path in _matches(os.fspath(given)):
            status = os.stat(path)
            for file in _captures_in(path) if stat.S_ISDIR(status.st_mode) else (path,):
                status = os.stat(file)
                found.setdefault((status.st_dev, status.st_ino), file)
    return list(found.values())


def _matches(path: str) -> list[str]:
    if path == "-" and not os.path.lexists(path):
        return [STANDARD_INPUT]
    if os.path.lexists(path) or not glob.has_magic(path):
        return [path]
    matches = sorted(glob.glob(path, recursive=True))
    if not matches:
        raise CaptureError(f"no file matches {path}; check the directory and the pattern")
    return matches


def _captures_in(directory: str) -> Iterator[str]:
    found = False
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        # A pipe or device in a directory was hardly meant, and a pipe nobody writes to would block for good.
        if os.path.isfile(path) and _is_capture(read_head(path)):
            found = True
            yield path
    if not found:
        raise CaptureError(
            f"{directory} holds no pcap or pcapng capture; give the files, or a pattern such as '{directory}/*/*.pcap'"
        )


def _is_capture(head: bytes) -> bool:
    """Whether it is, or can be converted to, a capture that is read here; a directory may hold anything else."""
    if identify(head) is not None or foreign(head) is None:
        return identify(head) is not None
    from dicomsniff.capture.converted import converter  # starts programs, which few captures need

    return converter() is not None
