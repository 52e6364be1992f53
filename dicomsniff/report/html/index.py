"""Reports of several captures in, one page that lists them out: the worst first, each with its verdict and its counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO

from markupsafe import Markup

from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.report.html.render import environment, joined, policy
from dicomsniff.report.values import Report, Row
from dicomsniff.report.verdict import LEVELS

NAME = "index.html"

_STYLES = ("page.css", "index.css")
_UNSAFE = pattern(r"[^A-Za-z0-9_.-]+")
_LONGEST = 100  # characters of a file's name, and room for an ending and a number
_UNREAD = "unread"


class Entry(NamedTuple):
    """One capture of the list. `file` is its report's name, None where it could not be read; `headline` then says why."""

    path: str
    file: str | None
    level: str
    headline: str
    sentences: tuple[str, ...]
    summary: Row | None
    first_time: str | None
    redacted: bool = True


def entry(path: str, file: str, report: Report) -> Entry:
    times = (capture["first_time"] for capture in report.captures if capture["first_time"])
    verdict = report.verdict
    told = tuple(
        one for one in verdict["sentences"] if not one.endswith(" below.")
    )  # what that counts is told here too
    return Entry(
        path,
        file,
        verdict["level"],
        verdict["headline"],
        told,
        report.summary,
        min(times, default=None),
        report.redacted,
    )


def unread(path: str, why: str) -> Entry:
    """A capture of which there is no report."""
    return Entry(path, None, _UNREAD, why, (), None, None)


def file_name(path: str, taken: Iterable[str]) -> str:
    """A name for the report of this capture that every file system takes and none of `taken` (lower case) has."""
    stem = _UNSAFE.sub("_", re.split(r"[/\\]", path)[-1])
    stem = re.sub(r"\.(gz|zst)$", "", stem, flags=re.IGNORECASE)
    stem = re.sub(r"\.(pcap|pcapng|cap)$", "", stem, flags=re.IGNORECASE).strip("._-")[:_LONGEST] or "capture"
    known, number, name = {NAME, *taken}, 1, f"{stem}.html"
    while name.lower() in known:
        number += 1
        name = f"{stem}-{number}.html"
    return name


def write_index(entries: Sequence[Entry], version: str, stream: IO[str]) -> None:
    """Write the page, worst captures first, by name where they are equally bad. Raises OSError as the stream does."""
    style = joined(_STYLES)
    template = environment().get_template("index.html")
    page = template.render(
        entries=sorted(entries, key=_rank),
        redacted=all(one.redacted for one in entries),
        version=version,
        style=Markup(style),
        policy=policy(style),
    )
    stream.write(page)


def _rank(one: Entry) -> tuple[int, int, int, str]:
    """What could not be read is not known to be well: it stands behind what is known to be bad."""
    found = one.summary["findings"] if one.summary else {"error": 0, "warning": 0}
    level = LEVELS.index(one.level) if one.level in LEVELS else LEVELS.index("warning")
    return level, -found["error"], -found["warning"], one.path
