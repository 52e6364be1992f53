"""A real browser in, pages opened from disk in it out, with everything they complained of or asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
needed = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path (on Debian: apt-get install chromium)")


@dataclass
class Opened:
    """A page as it lies open. `problems`: errors and warnings of the console, exceptions, dialogs; `requests`: all but the
    page itself."""

    page: Page
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wider


def launched() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    with sync_playwright() as playwright:
        # Without a sandbox of its own, as root in a container; the pages are our own.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


def opened(browser: Browser, path: Path, **options: Any) -> Opened:
    """The page in a context of its own, whose options are playwright's."""
    page = browser.new_context(**options).new_page()
    made = Opened(page)
    page.on("console", lambda message: made.problems.append(message.text) if message.type != "log" else None)
    page.on("pageerror", lambda error: made.problems.append(str(error)))
    page.on("dialog", lambda dialog: made.problems.append(dialog.message))
    page.on("request", lambda request: made.requests.append(request.url))
    page.goto(path.as_uri())
    made.requests.remove(path.as_uri())
    return made
