"""The data set of a whole object in, a small picture of its first frame out, or why there is none.

Pixel data are decoded in a process of its own: a decoder that crashes, grows or does not come to an end on what a hostile peer
sent is ended with it, and costs one picture.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from dicomsniff.core.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

LARGEST = 64 << 20
"""Bytes of a data set that is looked at: a tomosynthesis volume is larger, a mammogram is not."""
SECONDS = 5.0
"""For one picture: a JPEG 2000 mammogram takes two."""
_PICTURE = 100_000  # bytes; what the child makes of 128 pixels is a tenth of it


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of at most 128 pixels a side; `rows`, `columns` and `frames` are those of the object."""

    jpeg: bytes
    rows: int
    columns: int
    frames: int


def available() -> bool:
    """Whether what draws is installed (the extra `[pixels]`)."""
    return find_spec("PIL") is not None


class Painter:
    """Draws one picture after the other; to be used in a `with` statement."""

    def __init__(
        self, seconds: float = SECONDS, command: Iterable[str] = ("-m", "dicomsniff.dimse.preview_child")
    ) -> None:
        self._seconds, self._command = seconds, tuple(command)
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Painter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def paint(self, data: bytes, transfer_syntax: str) -> Picture | str:
        """The picture, or in words why there is none. `data`: the data set as it crossed the wire."""
        if len(data) > LARGEST:
            return f"larger than {LARGEST >> 20} MiB"
        child = self._child if self._child is not None else self._start()
        late = Timer(self._seconds, child.kill)
        late.start()
        try:
            answer = _asked(child, data, transfer_syntax)
        except (OSError, ValueError):
            answer = None
        finally:
            in_time = late.is_alive()
            late.cancel()
        if answer is None:
            self._end()
            return "the decoder failed" if in_time else f"decoding took longer than {self._seconds:g} s"
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        home = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
        environment = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
        self._child = subprocess.Popen(
            [sys.executable, *self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


def _asked(child: subprocess.Popen[bytes], data: bytes, transfer_syntax: str) -> Picture | str | None:
    """None where the child ended. Raises OSError and ValueError where it did so in the middle of something."""
    assert child.stdin is not None and child.stdout is not None
    head = json.dumps({"syntax": transfer_syntax, "length": len(data)})
    child.stdin.write(head.encode() + b"\n" + data)
    child.stdin.flush()
    line = child.stdout.readline(1000)
    if not line.endswith(b"\n"):
        return None
    said: dict[str, Any] = json.loads(line)
    if "reason" in said:
        return str(said["reason"])[:200]
    length = min(int(said["length"]), _PICTURE)
    jpeg = child.stdout.read(length)
    return Picture(jpeg, int(said["rows"]), int(said["columns"]), int(said["frames"])) if len(jpeg) == length else None
