"""Retrieves as rows: in JSON, on the page with links both ways, on the terminal in a word."""

from dicomsniff.core import Endpoint
from dicomsniff.report.html.render import render_html
from tests.forge.retrieve import Move, delivered
from tests.forge.traffic import TrafficForge
from tests.report.forged import json_of, report_of, text_of
from tests.report.test_schema import VALIDATOR


def _page(forge: TrafficForge) -> str:
    return " ".join(render_html(report_of(forge.traffic())).split())


def test_a_retrieve_names_its_deliveries_and_what_they_are_concluded_from() -> None:
    forge = TrafficForge()
    delivered(forge)
    written = json_of(report_of(forge.traffic()))
    VALIDATOR.validate(written)
    [row] = written["retrievals"]
    assert (row["exchange"], row["service"], row["move_destination"], row["stores"]) == (1, "C-MOVE", "WS1", 3)
    [delivery] = row["deliveries"]
    assert (delivery["association"], delivery["outcome"], delivery["strength"]) == (2, "released", "strong")
    assert delivery["to"] == {"ip": "10.0.0.1", "port": 11112} and delivery["stores"] == [2, 3, 4]
    assert written["exchanges"][0]["children"] == [2, 3, 4]
    assert [one["parent"] for one in written["exchanges"]] == [None, 1, 1, 1]


def test_a_vain_attempt_is_a_delivery_without_association() -> None:
    forge = TrafficForge()
    move = Move(forge, "WS9")
    move.refused(Endpoint("10.0.0.8", 104))
    move.done(0xA702)
    written = json_of(report_of(forge.traffic()))
    VALIDATOR.validate(written)
    [delivery] = written["retrievals"][0]["deliveries"]
    assert (delivery["association"], delivery["outcome"], delivery["strength"]) == (None, "refused", "weak")
    assert "perhaps tried at 10.0.0.8:104: connection refused" in _page(forge)


def test_the_page_links_a_move_with_its_callback_and_the_callback_with_its_move() -> None:
    forge = TrafficForge()
    delivered(forge)
    page = _page(forge)
    assert "3 operations for the C-MOVE of #1" in page
    assert 'delivered by <a href="#association-2">association 2</a> to 10.0.0.1:11112: 3 objects' in page
    assert 'Delivers what operation 1 (C-MOVE to WS1) of <a href="#association-1">association 1</a> asked for.' in page


def test_what_is_only_probable_is_said_to_be() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.rejected(1, 1, 3)
    move.done(0xA702)
    page = _page(forge)
    assert "Meant to deliver what operation 1" in page and "; probably: it was opened by the archive to" in page
    assert 'probably tried by <a href="#association-2">association 2</a>' in page


def test_the_terminal_says_for_whom_an_association_was_opened() -> None:
    forge = TrafficForge()
    delivered(forge)
    assert any("3 operations, for the C-MOVE of #1" in line for line in text_of(report_of(forge.traffic())))
