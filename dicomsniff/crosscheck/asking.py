"""A cut-out capture in, Wireshark's reading of it out; asked of a child process under a time limit."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from dicomsniff.core.tuples import NamedTuple

TIMEOUT = 120.0
"""Seconds for one connection: pyshark reads 40 to 1,900 packets a second."""
_NOT_INSTALLED = 3
_LONGEST = 64 << 20  # bytes of an answer


class AskingError(Exception):
    """Wireshark gave no opinion: one line with the reason."""


class Opinion(NamedTuple):
    """What Wireshark says of one PDU: the packet in the cut-out that completed it, who sent it as "address|port", type and
    length, its PDVs as (length, context, flags), messages as (name, message ID, status)."""

    packet: int
    source: str
    type: int
    length: int | None
    values: tuple[tuple[int, int, int], ...]
    messages: tuple[tuple[str, int | None, int | None], ...]


def ask(path: Path, port: int, timeout: float = TIMEOUT) -> list[Opinion]:
    """Wireshark's reading of a small capture with DICOM on this port. Raises AskingError."""
    line = [sys.executable, "-m", "dicomsniff.capture.tshark", str(path), str(port)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise AskingError(f"Wireshark took longer than {timeout:g} seconds") from late
        finally:
            _end(process)
        out.seek(0)
        err.seek(0)
        said = err.read(4096).decode("utf-8", "replace").strip().splitlines()
        if code:
            why = said[-1] if said else f"exit code {code}"
            raise AskingError(why if code == _NOT_INSTALLED else f"Wireshark could not read it: {why}")
        return [_opinion(text) for text in out.read(_LONGEST).splitlines()]


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and what it started: tshark is its own child."""
    import os
    import signal
    from contextlib import suppress

    with suppress(ProcessLookupError, PermissionError, AttributeError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _opinion(text: bytes) -> Opinion:
    row = json.loads(text)
    return Opinion(
        row["packet"],
        row["source"],
        row["type"],
        row["length"],
        tuple((length, context, flags) for length, context, flags in row["values"]),
        tuple((name, id, status) for name, id, status in row["messages"]),
    )
