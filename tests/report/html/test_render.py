"""The page: self-contained, escaped, complete without scripts, streamed."""

import base64
import hashlib
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from bench.page import traffic_of as page_of_many
from dicomsniff.association.values import Blind, Context, ContextResult, Kind, Outcome, Traffic
from dicomsniff.report.html import render_html, write_html
from dicomsniff.rules.finding import Severity
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.report.forged import finding, healthy_traffic, many_exchanges, report_of, rich_traffic

VOID = {"meta", "input"}


class Body(HTMLParser):
    """The text of the body, every tag and attribute, and tags that do not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "body" in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def html() -> str:
    child = finding("The link then went quiet")
    told = finding("PACS does not know PACZ", children=(child,), count=3, exchange=3)
    return render_html(report_of(rich_traffic(), [told, finding("worth knowing", Severity.NOTE)]))


def test_every_word_of_a_finding_stands_in_the_page(html: str) -> None:
    text = Body(html).text
    for said in (
        "2 of 3 associations, 1 of 5 operations and 1 of 5 TCP connections failed.",
        "PACS does not know PACZ",
        "The link then went quiet",
        "worth knowing",
        "the calling side",
        "title misspelt",
        "Correct the title.",
        "Packets 4, 6",
        "tcp.stream eq 0 and frame.number in {4, 6}",
        "PS3.8 §9.3.4",
        "3 times",
    ):
        assert said in text


def test_every_association_is_told_with_contexts_and_operations(html: str) -> None:
    text = Body(html).text
    for said in (
        "CT01 → PACS",
        "called-AE-title-not-recognized",
        "abstract syntax not supported",
        "JPEG Lossless",
        "Refused: out of resources (0xA700)",
        "“Disk full”",
        "aborted by the acceptor".capitalize(),
        "refused",
        "TLS (encrypted)",
        "DS-TCP-001",
    ):
        assert said in text


def test_nothing_is_loaded_and_nothing_runs_but_the_one_script(html: str) -> None:
    body = Body(html)
    assert not {"link", "img", "iframe", "object", "base"} & set(body.tags)
    assert body.tags.count("script") == 1 and body.tags.count("form") == 1
    names = {name for name, _ in body.attributes}
    assert not any(name.startswith("on") for name in names)
    assert "style" not in names
    assert all(value and value.startswith("#") for name, value in body.attributes if name in ("href", "src", "action"))
    assert not re.search(r"url\(|@import", html)


def test_the_policy_allows_the_one_style_sheet_and_the_one_script_by_their_hashes(html: str) -> None:
    allowed = {}
    for tag in ("style", "script"):
        content = html.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
        allowed[tag] = f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
    policy = f"default-src 'none'; style-src {allowed['style']}; script-src {allowed['script']}; base-uri 'none'"
    assert policy.replace("'", "&#39;") in html


def test_tags_close_in_order(html: str) -> None:
    assert Body(html).open == []


def test_links_lead_somewhere(html: str) -> None:
    attributes = Body(html).attributes
    targets = {value for name, value in attributes if name == "id"}
    assert {value[1:] for name, value in attributes if name == "href" and value} <= targets


def test_references_to_pages_are_links_and_clauses_are_not() -> None:
    told = finding(references=("PS3.8 §9.3.4", "PS3.7 Annex D", "https://example.org/1", "javascript:alert(1)"))
    body = Body(render_html(report_of(healthy_traffic(), [told])))
    outward = [value for name, value in body.attributes if name == "href" and value and not value.startswith("#")]
    assert outward == ["https://example.org/1"]
    assert "Rests on PS3.8 §9.3.4, PS3.7 Annex D and javascript:alert(1). Met in the field: example.org/1" in body.text


def hostile() -> Traffic:
    evil = "<script>alert(1)</script>"
    forge = TrafficForge().capture(path=f"{evil}.pcap", comments=((1, evil),), notes=(evil,))
    number = forge.association(calling=evil, called="\x1b[31m\u202eA\x00B")
    forge.exchange(number, "C-STORE", status=0xA700, error_comment=f"{evil}\x07\x9b", status_text=evil)
    forge.connection(kind=Kind.OTHER, protocols=("<b>", "unknown"))
    return forge.traffic()


def test_text_of_the_wire_is_escaped_and_stripped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    html = render_html(report_of(hostile(), [finding(evil, title=evil, fix=evil, causes=(evil,), actor=evil)]))
    body = Body(html)
    assert body.tags.count("script") == 1 and "img" not in body.tags
    assert "<script>alert(1)</script> → \\x1B[31m\\u202EA\\x00B" in body.text
    assert evil in body.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)


def test_a_redacted_page_says_so_and_an_open_one_warns() -> None:
    assert "are masked" in render_html(report_of(healthy_traffic()))
    assert "not masked" in render_html(report_of(healthy_traffic(), redact=False))


@pytest.mark.parametrize("make", [healthy_traffic, TrafficForge().traffic, lambda: many_exchanges(2000)])
def test_pages_of_every_size_are_rendered_and_written_alike(make: Callable[[], Traffic]) -> None:
    report = report_of(make(), checks=())
    stream = io.StringIO()
    write_html(report, stream)
    assert stream.getvalue() == render_html(report)
    assert stream.getvalue().startswith("<!doctype html>")


def test_a_page_of_many_operations_stays_small() -> None:
    few, many = (len(render_html(report_of(many_exchanges(number)))) for number in (1000, 20_000))
    assert many < 1.2 * few


def test_what_was_inferred_and_what_was_not_captured_is_said_and_blamed_on_nobody() -> None:
    forge = TrafficForge()
    shown = [
        Context(1, None, (), ContextResult.UNANSWERED, None, IMPLICIT, 1, True, "high", (CT,)),
        Context(3, CT, (), ContextResult.UNANSWERED, None, None, 1, True),
        Context(5, None, (), ContextResult.ACCEPTED, 0, IMPLICIT, 0, True),
    ]
    number = forge.association(request=None, outcome=Outcome.OPEN, blind=(Blind.REQUEST,), contexts=shown)
    forge.exchange(number, "C-STORE", sent_bytes=400)
    traffic = forge.traffic()
    traffic.exchanges[0].unseen = True
    html = render_html(report_of(traffic))
    text = Body(html).text
    for said in (
        "inferred from messages, confidence high",
        "used for CT Image Storage",
        "of unknown outcome",
        "3 known",
    ):
        assert said in text
    assert "proposal not captured" in text and "not completed" not in text and 'class="bad' not in html


def test_contexts_of_a_rejected_association_were_not_left_unanswered() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.REJECTED, reject=(1, 1, 7), contexts=((CT, (IMPLICIT,), None),))
    text = Body(render_html(report_of(forge.traffic()))).text
    assert "none: the association was rejected" in text and "unanswered" not in text.split("Presentation contexts")[1]


def test_many_associations_cost_a_line_of_data_each_and_no_element_of_the_page() -> None:
    few, many = (render_html(report_of(page_of_many(number))) for number in (1_000, 3_000))
    tags = [page.count("<") for page in (few, many)]
    assert tags[1] < tags[0] * 1.05 and tags[1] < 120_000
    assert len(many) - len(few) < 2_000 * 400  # 50,000 are then less than 20 MB
