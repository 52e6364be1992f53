"""Command sets on the page: every element with its value and what its number means; comments masked like everywhere."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

import sample_captures
from dicomsniff.api import analyze
from dicomsniff.report.html.command_sets import CommandSets
from dicomsniff.report.redaction import Redaction
from tests.captures import real
from tests.pdu.test_command_part import pdu, pdv

SAMPLES = Path(sample_captures.__file__).parent


def element(number: int, value: bytes) -> bytes:
    return b"\0\0" + number.to_bytes(2, "little") + len(value).to_bytes(4, "little") + value


RESPONSE = b"".join((
    element(0x0002, b"1.2.840.10008.1.1\0"), element(0x0100, b"\x30\x80"), element(0x0120, b"\7\0"),
    element(0x0800, b"\1\1"), element(0x0900, b"\x11\1"), element(0x0902, b"unknown Doe^John"),
))  # fmt: skip


def shown(text: bytes, masked: bool = True) -> dict[str, str]:
    views = CommandSets(Redaction(masked, b"key")).of(pdu(pdv(text, 3)))
    return {view.name: view.value for view in views}


def test_every_element_is_shown_with_what_its_number_means() -> None:
    assert shown(RESPONSE, masked=False) == {
        "Affected SOP Class UID": "1.2.840.10008.1.1 = Verification SOP Class",
        "Command Field": "32816 = C-ECHO-RSP",
        "Message ID Being Responded To": "7",
        "Command Data Set Type": "257 = no data set follows",
        "Status": "273 = 0x0111",
        "Error Comment": "unknown Doe^John",
    }


def test_a_comment_is_masked() -> None:
    comment = shown(RESPONSE)["Error Comment"]
    assert "•••" in comment and "Doe" not in comment


def test_a_page_holds_so_many_elements_and_no_more() -> None:
    data = pdu(pdv(RESPONSE, 3))
    sets = CommandSets(Redaction(True, b"key"), rows=7)
    assert [len(sets.of(data)) for _ in range(3)] == [6, 6, 0]


@pytest.mark.parametrize("data", [None, b"", b"\xff" * 50, pdu(pdv(b"data", 2))])
def test_what_holds_no_command_shows_none(data: bytes | None) -> None:
    assert CommandSets(Redaction(True, b"key")).of(data) == ()


def test_the_page_holds_the_commands_of_a_capture(tmp_path: Path) -> None:
    analyze(SAMPLES / "slow_server.pcap").to_html(tmp_path / "page.html")
    page = html.unescape((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert page.count("<summary>Command set</summary>") >= 16
    assert "1 = C-STORE-RQ" in page and "32769 = C-STORE-RSP" in page


@real.here
def test_as_many_messages_have_one_as_the_toolkits_sent(tmp_path: Path) -> None:
    analyze(real.capture("query_retrieve")).to_html(tmp_path / "page.html")
    page = html.unescape((tmp_path / "page.html").read_text(encoding="utf-8"))
    names = re.findall(r"Command Field</span>.*?= ([A-Z-]+)</span>", page)
    assert {"C-STORE-RQ", "C-FIND-RQ", "C-MOVE-RQ", "C-GET-RQ", "C-MOVE-RSP"} <= set(names)
