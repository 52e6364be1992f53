"""The page in a real browser: opens from disk, asks for nothing, can be used by everybody, and runs nothing of the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

import sample_captures
from dicomsniff.api import analyze
from dicomsniff.report.html import render_html
from dicomsniff.report.html.index import entry, write_index
from tests.captures import real
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, report_of

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Browser, Page, ViewportSize

from tests.report.html import browsing

pytestmark = browsing.needed

SAMPLES = Path(sample_captures.__file__).parent
SHOWN = ("rejected_associations", "retrieves", "slow_server", "healthy_study", "tls", "mid_stream")
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
EVIL = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>\u202e\u0645\u0631\u062d\u0628\u0627\x1b[31m\x00"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from browsing.launched()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of each of these samples, by its name, and the index of them."""
    folder = tmp_path_factory.mktemp("pages")
    reports = {name: analyze(SAMPLES / f"{name}.pcap").report() for name in SHOWN}
    made = {name: folder / f"{name}.html" for name in (*reports, "index")}
    for name, report in reports.items():
        made[name].write_text(render_html(report), encoding="utf-8")
    with made["index"].open("w", encoding="utf-8") as stream:
        write_index(
            [entry(f"{name}.pcap", f"{name}.html", report) for name, report in reports.items()], "1.2.3", stream
        )
    return made


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report in which everything that comes from a peer wants to run, to turn the page round or to be endless."""
    forge = TrafficForge().capture(path=f"{EVIL}.pcap", comments=((1, EVIL),), notes=(EVIL,))
    number = forge.association(calling=EVIL, called="W" * 1_000_000)
    forge.exchange(number, "C-STORE", status=0xA700, error_comment=EVIL, status_text=EVIL, sop_instance=EVIL)
    forge.exchange(
        number, "C-STORE", status=0xA700, error_comment="\u202e" * 1_000_000, sop_class=f"1.2.{'9' * 100_000}"
    )
    told = [
        finding(EVIL, title=EVIL, fix=EVIL, causes=(EVIL,), actor=EVIL, association=number, display_filter=EVIL),
        finding(
            "x" * 1_000_000, title="\u0645" * 100_000, fix="\u0489" * 100_000, references=("javascript:window.ran=3",)
        ),
    ]
    path = tmp_path_factory.mktemp("hostile") / "hostile.html"
    path.write_text(render_html(report_of(forge.traffic(), told)), encoding="utf-8")
    return path


def _open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
@pytest.mark.parametrize("name", [*SHOWN, "index"])
def test_a_page_opens_from_disk_without_a_complaint_or_a_request_and_fits_a_phone(
    browser: Browser, pages: dict[str, Path], name: str, viewport: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    opened = browsing.opened(browser, pages[name], viewport=viewport, color_scheme=scheme)
    assert (opened.problems, opened.requests) == ([], [])
    assert opened.sideways <= 0
    _open_all(opened.page)
    assert opened.sideways <= 0
    opened.page.context.close()


def test_filters_and_search_hide_what_does_not_fit_and_say_how_much_is_left(
    browser: Browser, pages: dict[str, Path]
) -> None:
    page = browsing.opened(browser, pages["retrieves"]).page
    findings = page.locator("#findings .finding")
    total = findings.count()
    page.select_option("#filter-severity", "error")
    shown = page.locator("#findings .finding:not([hidden])")
    assert 0 < shown.count() < total
    assert {each.get_attribute("data-severity") for each in shown.all()} == {"error"}
    assert " of " in page.locator("#filter-count").inner_text()
    page.click("#filter-clear")
    assert shown.count() == total and page.locator("#filter-count").inner_text() == ""
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.fill("#search", "WS_10")
    page.locator("#filter-count:not(:empty)").wait_for()
    assert 0 < shown.count() < total and all("WS_10" in (each.text_content() or "") for each in shown.all())
    page.keyboard.press("Escape")
    assert shown.count() == total
    page.context.close()


def test_operations_inside_a_card_are_filtered_with_the_page_or_alone(browser: Browser, tmp_path: Path) -> None:
    forge = TrafficForge()
    number = forge.association()
    for status in (0, 0, 0xA700, 0, 0xA700):
        forge.exchange(number, "C-STORE", status=status)
    forge.exchange(number, "C-ECHO", status=0)
    path = tmp_path / "rows.html"
    path.write_text(render_html(report_of(forge.traffic())), encoding="utf-8")
    opened = browsing.opened(browser, path)
    page = opened.page
    rows = page.locator("#association-1 .exchanges tbody tr:not([hidden])")
    assert rows.count() == 6
    page.select_option("#filter-status", label="0xA700")
    assert rows.count() == 2 and page.locator("#association-1 .row-filter output").inner_text() == "2 of 6"
    page.click("#filter-clear")
    page.select_option("#association-1 .row-filter select[data-row=service]", label="C-ECHO")
    assert rows.count() == 1 and "C-ECHO" in rows.first.inner_text()
    page.select_option("#association-1 .row-filter select[data-row=service]", label="Every service")
    assert rows.count() == 6 and opened.problems == []
    page.context.close()


def test_an_association_opens_on_a_click_with_a_key_and_by_a_link_to_it(
    browser: Browser, pages: dict[str, Path]
) -> None:
    page = browsing.opened(browser, pages["rejected_associations"]).page
    closed = page.locator("#associations details.association:not([open])")
    number = closed.first.get_attribute("id")
    one = page.locator(f"#{number}")
    one.locator("summary").first.click()
    assert one.get_attribute("open") is not None
    page.keyboard.press("Enter")
    assert one.get_attribute("open") is None
    page.evaluate(f"location.hash = '{number}'")
    page.locator(f"#{number}[open]").wait_for()
    page.context.close()


def test_the_display_filter_of_the_verdict_is_copied(browser: Browser, pages: dict[str, Path]) -> None:
    opened = browsing.opened(browser, pages["rejected_associations"], permissions=["clipboard-read", "clipboard-write"])
    button = opened.page.locator("#verdict button.copy").first
    wanted = button.get_attribute("data-copy")
    button.click()
    opened.page.wait_for_selector("#verdict button.copied")
    assert opened.page.evaluate("navigator.clipboard.readText()") == wanted
    assert wanted is not None and wanted.startswith("tcp.stream eq ")
    assert opened.problems == []
    opened.page.context.close()


def test_on_paper_nothing_is_cut_off_at_the_right(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 718, "height": 1000})  # A4 less its margins
    for path in pages.values():
        page.goto(path.as_uri())
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        wide = "[...document.querySelectorAll('table, pre, svg, code')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        assert page.evaluate(f"{wide}.map(e => e.outerHTML.slice(0, 80))") == [], path
    page.close()


def test_a_page_is_printed_with_everything_opened_and_closed_again(browser: Browser, pages: dict[str, Path]) -> None:
    page = browsing.opened(browser, pages["rejected_associations"]).page
    closed = page.locator("main details:not([open])").count()
    page.evaluate(
        "addEventListener('beforeprint', () => { window.left = document.querySelectorAll('main details:not([open], .hex, .bulk)').length; })"
    )
    printed = page.pdf()
    assert printed.startswith(b"%PDF") and printed.count(b"/Type /Page\n") > 1
    assert closed and page.evaluate("window.left") == 0
    assert page.locator("main details:not([open])").count() == closed
    page.context.close()


@pytest.mark.parametrize("name", ["retrieves", "rejected_associations"])
def test_every_finding_and_association_can_be_read_without_javascript(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    report = analyze(SAMPLES / f"{name}.pcap").report()
    page = browsing.opened(browser, pages[name], java_script_enabled=False).page
    assert page.locator("#filter").is_hidden() and page.locator("button.copy:visible").count() == 0
    assert page.locator("#findings article.finding").count() >= len(report.findings)
    assert page.locator("#associations details.association").count() == len(report.associations)
    text = " ".join((page.locator("body").text_content() or "").split())
    for row in report.findings:
        assert " ".join(row["message"].split()) in text
    for number in range(1, 4):
        one = page.locator(f"#association-{number}")
        if one.get_attribute("open") is None:
            one.locator("summary").first.click()
        assert one.locator("summary").first.is_visible() and one.locator(":scope > :not(summary)").first.is_visible()
    page.context.close()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["slow_server", "index"])
def test_nobody_is_shut_out(
    browser: Browser, pages: dict[str, Path], name: str, scheme: str, viewport: ViewportSize
) -> None:
    """By axe-core's rules for WCAG 2.2 AA; what it calls serious or critical is a failure."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = browsing.opened(browser, pages[name], color_scheme=scheme, viewport=viewport).page
    _open_all(page)
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [
        (each["id"], [node["html"][:200] for node in each["nodes"][:3]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert told == []
    page.context.close()


def test_previews_are_shown_under_the_policy_and_ask_for_nothing(browser: Browser, tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="Pillow is not installed (extra [pixels])")
    if not real.CAPTURES.is_dir():
        pytest.skip("the real captures are not here")
    path = tmp_path / "previews.html"
    analyze(real.capture("store_series"), keep_payloads=True).to_html(path, previews=True)
    opened = browsing.opened(browser, path)
    sizes = opened.page.evaluate("[...document.images].map((each) => each.complete && each.naturalWidth)")
    assert len(sizes) == 5 and all(0 < size <= 128 for size in sizes)
    assert opened.problems == [] and not [each for each in opened.requests if not each.startswith("data:image/jpeg")]
    opened.page.context.close()


def test_nothing_of_the_wire_runs_turns_the_page_or_breaks_it(browser: Browser, hostile: Path) -> None:
    opened = browsing.opened(browser, hostile, viewport=PHONE)
    page = opened.page
    _open_all(page)
    page.locator("body").click(position={"x": 5, "y": 5})
    assert page.evaluate("window.ran") is None
    assert (opened.problems, opened.requests) == ([], [])
    assert page.locator("img").count() == 0 and page.locator("script:not([type])").count() <= 2
    assert opened.sideways <= 0
    text = page.locator("body").text_content() or ""
    assert "<script>window.ran = 1</script>" in text and "more characters" in text
    assert not set(text) & set("\u202e\x1b\x00")
    assert page.locator("a[href^='javascript']").count() == 0
    page.context.close()
