"""The captures of a report in; how a heading and how a command line name them out."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import PurePath

from dicomsniff.report.values import Row
from dicomsniff.report.wording import clean, count, joined

NAMED = 3
"""Files that a heading names; where there are more, one stands for all."""
_LINE = 80


def heading(captures: Sequence[Row]) -> str:
    """ "a.pcap and b.pcap", "a.pcap and 26 more captures"."""
    names = [_name(capture) for capture in captures]
    if len(names) > NAMED:
        return f"{names[0]} and {count(len(names) - 1, 'more capture')}"
    return joined(names) or "no capture"


def command_line(captures: Sequence[Row]) -> str:
    """As a shell takes them, in the folder where they lie; a placeholder where they are too many to write."""
    words = [shlex.quote(f"./{name}" if name.startswith("-") else name) for name in map(_name, captures)]
    line = " ".join(words)
    return line if words and len(line) <= _LINE else "CAPTURE…"


def _name(capture: Row) -> str:
    return clean(PurePath(capture["path"]).name or capture["path"])
