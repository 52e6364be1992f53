"""Captures in, the lines of their log out."""

import json
from pathlib import Path
from typing import Any

from dicomsniff.api import analyze
from dicomsniff.report.log import LogWish, log_lines
from dicomsniff.report.redaction import redaction_of


def log_of(path: Path, *, masked: bool = False, **wish: Any) -> list[str]:
    """The log of a capture in one go."""
    read = analyze(path, transcribe="pdus" if wish.get("level") == "pdu" else "messages", rules=False)
    try:
        return list(log_lines(read.traffic, LogWish(**wish), redaction_of(read.traffic, masked)))
    finally:
        read.close()


def values_of(path: Path, *, masked: bool = False, **wish: Any) -> list[dict[str, Any]]:
    """The JSON lines of a capture, read back."""
    return [json.loads(line) for line in log_of(path, masked=masked, format="json-lines", **wish)]
