"""A snapshot in, the live page and its parts as HTML out, with the styles and the components of the report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from dicomsniff.live.board import Snapshot
from dicomsniff.report.html.render import environment, joined, policy

PARTS = ("state", "remarks", "throughput", "findings", "open", "ended")
"""What of the page is replaced as it changes, by the id of its element."""
_STYLES = ("page.css", "parts.css", "figures.css")
HEIGHT = 60.0


def parts(now: Snapshot) -> dict[str, str]:
    """The inside of each part."""
    bars = _bars(now)
    return {name: _template(f"{name}.html").render(now=now, bars=bars, height=HEIGHT) for name in PARTS}


def page(now: Snapshot) -> str:
    """The whole page, which needs no script to show how it stands."""
    inside = {name: Markup(text) for name, text in parts(now).items()}
    return str(_template("live.html").render(now=now, parts=inside, style=Markup(_style()), script=Markup(_script())))


def message(title: str, text: str) -> str:
    """A page that says why there is no other."""
    return str(_template("message.html").render(title=title, text=text, style=Markup(_style())))


def changed(before: Mapping[str, str], after: dict[str, str]) -> dict[str, str]:
    """The parts that are not what they were."""
    return {name: text for name, text in after.items() if before.get(name) != text}


def policy_of_page() -> str:
    """Nothing but the page's own style, script and events."""
    return f"{policy(_style(), _script())}; connect-src 'self'; frame-ancestors 'none'"


@lru_cache(maxsize=1)
def _style() -> str:
    return joined(_STYLES) + _text("live.css")


@lru_cache(maxsize=1)
def _script() -> str:
    return _text("live.js")


@lru_cache(maxsize=16)
def _template(name: str) -> Any:
    return environment().from_string(_text(name))


def _text(name: str) -> str:
    return (files("dicomsniff.live.web") / "templates" / name).read_text(encoding="utf-8")


def _bars(now: Snapshot) -> list[tuple[int, float]]:
    """Place and height of the bar of each second."""
    most = max(now.rates, default=0) or 1
    return [(place, round(HEIGHT * rate / most, 1)) for place, rate in enumerate(now.rates)]
