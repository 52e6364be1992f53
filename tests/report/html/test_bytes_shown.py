"""Bytes on the page: those of what it draws, bounded, secrets never, data sets only where nothing is masked."""

import io

import pytest

from dicomsniff.report.html.bytes_shown import IN_ALL, MOST, Bytes, wanted
from dicomsniff.report.redaction import Redaction
from tests.captures.real import analysis, here
from tests.report.forged import healthy_traffic, many_exchanges, report_of


def page(name: str, redact: bool) -> str:
    stream = io.StringIO()
    analysis(name).write_html(stream, redact)
    return stream.getvalue()


def hexadecimal(text: str) -> str:
    return " ".join(f"{byte:02x}" for byte in text.encode())


def test_what_is_drawn_is_wanted() -> None:
    traffic = healthy_traffic()
    asked = wanted(report_of(traffic))
    association, first = traffic.associations[0], traffic.exchanges[0]
    assert association.request is not None and association.accept is not None
    assert {association.request.evidence, association.accept.evidence, first.request, first.final} <= {
        each for _, each in asked
    }


def test_a_large_capture_asks_for_no_more_than_a_page_has_room_for() -> None:
    asked = wanted(report_of(many_exchanges(20_000)))
    assert sum(min(MOST, each.length) for _, each in asked) <= IN_ALL


def test_nothing_is_shown_where_the_capture_cannot_be_read_again() -> None:
    asked = wanted(report_of(healthy_traffic()))
    assert Bytes(None, asked, Redaction(False)).text(*asked[0]) is None


@here
def test_a_real_request_is_shown_byte_by_byte() -> None:
    html = page("echo_ok", redact=True)
    assert '<details class="hex">' in html
    assert "0000  01 00 00 00 00" in html


@here
def test_data_sets_are_hidden_where_patients_are_masked() -> None:
    assert "··" in page("find_manufacturer", redact=True)
    assert "··" not in page("find_manufacturer", redact=False)


@here
@pytest.mark.parametrize("redact", [True, False])
def test_no_passcode_is_ever_on_the_page(redact: bool) -> None:
    html = page("user_identity", redact)
    assert "·· ··" in html
    assert "hunter2" not in html and hexadecimal("hunter2")[:14] not in html
