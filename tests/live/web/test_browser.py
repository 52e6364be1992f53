"""The live page in a real browser: findings come by themselves, a report opens, and nothing of the wire runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette")
pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Browser, Page

from dicomsniff.live.web.server import WebServer
from tests.live.web.served import EVIL, closed, found, opened, serving, status
from tests.live.web.watched import watched
from tests.report.html import browsing

pytestmark = browsing.needed


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from browsing.launched()


def shown(browser: Browser, server: WebServer) -> tuple[Page, list[str]]:
    """The page, and everything the browser complained of."""
    page, problems = browser.new_page(), list[str]()
    page.on("console", lambda message: problems.append(message.text) if message.type != "log" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.goto(server.url)
    return page, problems


def test_what_happens_appears_by_itself_and_stays_open_where_it_was_opened(browser: Browser) -> None:
    with serving() as served:
        served.board.happened([found("The first one.")], status())
        page, problems = shown(browser, served.server)
        page.locator("#findings summary").first.click()
        served.board.happened([closed(), found("The second one.")], status(opened()))
        page.get_by_text("The second one.").first.wait_for()
        page.get_by_text("C-STORE completed").wait_for()
        assert page.locator("#findings details").count() == 2
        assert page.locator("#findings details[open]").count() == 1 and page.locator("#finding-1[open]").count() == 1
        assert page.locator("#said").inner_text() == "The second one."
    page.get_by_text("The watch has ended.").wait_for()
    assert problems == []
    page.close()


def test_hostile_names_are_shown_and_run_nothing(browser: Browser) -> None:
    with serving() as served:
        page, problems = shown(browser, served.server)
        served.board.happened([closed(EVIL), found(EVIL)], status(opened(EVIL)))
        page.locator("#findings .mild").first.wait_for()
        page.locator("#open td").first.wait_for()
        assert page.evaluate("window.ran") is None and problems == []
        assert "<script>window.ran = 1</script>" in page.locator("#ended td bdi").inner_text()
        page.close()


def test_a_token_in_the_address_lets_a_browser_in(browser: Browser) -> None:
    with serving("a-token-of-some-length") as served:
        served.board.happened([found("The only one.")], status())
        page, problems = shown(browser, served.server)
        page.get_by_text("The only one.").first.wait_for()
        assert "token" not in page.url
        served.board.happened([found("One more.")], status())
        page.get_by_text("One more.").first.wait_for()
        assert problems == []
        page.close()


def test_the_report_of_an_association_opens_while_the_watch_goes_on(browser: Browser, failing: Path) -> None:
    with watched(failing) as server:
        page, problems = shown(browser, server)
        page.get_by_text("DS-STORE-001").first.wait_for()
        page.locator("#ended a").first.click()
        page.locator("#verdict").wait_for()
        assert "DS-STORE-001" in page.locator("#findings").inner_text()
        page.locator("#association-1").wait_for()
        assert problems == []
        page.close()
