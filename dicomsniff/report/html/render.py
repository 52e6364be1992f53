"""A report in, the HTML page out, piece by piece: templates, escaping, and a policy that lets the page load nothing."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import IO, Any

import jinja2
from markupsafe import Markup

from dicomsniff.dimse.uids import uid_name
from dicomsniff.report import wording
from dicomsniff.report.convert import iso_time
from dicomsniff.report.html.view import Read, page
from dicomsniff.report.html.visible import visible
from dicomsniff.report.values import Report

_BUFFERED = 64  # template events joined before a write: few writes, little memory
_STYLES = ("page.css", "parts.css", "figures.css", "print.css")
_SCRIPTS = ("page.js", "time.js", "table.js", "rows.js")

_FILTERS = {
    "actor": wording.actor,
    "association_name": wording.association_name,
    "clock": wording.clock,
    "count": wording.count,
    "duration": wording.duration,
    "ending": wording.ending,
    "endpoint": wording.endpoint,
    "joined": wording.joined,
    "moment": wording.moment,
    "packets": wording.packets,
    "party": wording.party,
    "short": visible,
    "size": wording.size,
    "status": wording.status,
    "study_name": wording.study_name,
    "study_trouble": wording.study_trouble,
    "study_words": wording.study_words,
    "uid_name": uid_name,
}


def render_html(report: Report, read: Read | None = None, pictures: bool = False) -> str:
    """The whole page as text. `read`: gives the bytes of PDUs, of which the page shows none without it. `pictures`: with
    previews of images, whose data sets must have been kept."""
    return "".join(_pieces(report, read, pictures))


def write_html(report: Report, stream: IO[str], read: Read | None = None, pictures: bool = False) -> None:
    """Write the page as it is rendered; arguments as for `render_html`. Raises OSError as the stream does."""
    for piece in _pieces(report, read, pictures):
        stream.write(piece)


def _pieces(report: Report, read: Read | None, pictures: bool) -> Iterator[str]:
    style, script = joined(_STYLES), joined(_SCRIPTS)
    template = environment().get_template("report.html")
    rendering = template.stream(
        page=page(report, read, pictures),
        style=Markup(style),
        script=Markup(script),
        policy=policy(style, script, pictures),
    )
    rendering.enable_buffering(_BUFFERED)
    return map(report.redaction.outgoing, rendering)


@lru_cache(maxsize=4)
def joined(names: tuple[str, ...]) -> str:
    """The files one after the other, as they stand in the page."""
    folder = files("dicomsniff.report.html") / "templates"
    return "".join((folder / name).read_text(encoding="utf-8") for name in names)


def policy(style: str, script: str = "", pictures: bool = False) -> str:
    """Nothing may be loaded; the one style sheet and the one script, if there is one, are allowed by their hashes, and
    `pictures` that stand in the page."""
    run = f"script-src '{_digest(script)}'; " if script else ""
    show = "img-src data:; " if pictures else ""
    return f"default-src 'none'; style-src '{_digest(style)}'; {run}{show}base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dicomsniff.report.html", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        _FILTERS,
        passed_on=wording.passed_on,
        blind_words=_blind_words,
        numbers=_numbers,
        clock_ns=_clock_ns,
        stall_words=_stall_words,
    )
    environment.tests["is_link"] = _is_link
    environment.globals.update(OUTCOMES=wording.OUTCOMES, SIDES=wording.SIDES)
    return environment


def _blind_words(names: list[str]) -> list[str]:
    return [wording.BLIND_SPOTS[name] for name in names]


def _numbers(numbers: tuple[int, ...]) -> str:
    """As the script looks for them: " 3 17 "."""
    return f" {' '.join(map(str, numbers))} " if numbers else ""


_STALLS = {
    "loss": "recovery from loss",
    "zero_window": "shut window",
    "receive_window": "full window",
    "nagle": "delayed acknowledgements",
    "congestion": "other acknowledgements",
    "sender": "a sender without data",
}


def _stall_words(stalls: list[dict[str, Any]]) -> str:
    """ "stood still 850 ms: delayed acknowledgements (20)"."""
    kinds = Counter(stall["kind"] for stall in stalls)
    total = sum(stall["duration_ms"] for stall in stalls)
    words = (f"{_STALLS.get(kind, kind)} ({number})" for kind, number in kinds.most_common(3))
    return f"stood still {wording.duration(total)}: {', '.join(words)}"


def _clock_ns(time_ns: int) -> str:
    """The time of day to the nanosecond: "03:04:05.123456789"."""
    text = iso_time(time_ns)
    return "–" if text is None else text[11:29]


def _is_link(reference: str) -> bool:
    return reference.startswith("https://")


def _harmless(value: Any) -> Any:
    """What an expression prints: a dash for unknown, text with everything unseen made visible; markup as it is."""
    if value is None:
        return "–"
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
