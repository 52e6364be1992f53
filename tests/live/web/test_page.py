"""The page as text: its parts, what changed of them, and nothing of the wire that a browser would run."""

import pytest

pytest.importorskip("starlette")

from dicomsniff.live.board import Board
from dicomsniff.live.events import notice
from dicomsniff.live.web.page import PARTS, changed, message, page, parts, policy_of_page
from tests.live.web.served import EVIL, closed, found, opened, status


def board(text: str = "CT01") -> Board:
    made = Board(text)
    made.happened([closed(text), found(text), notice(text, 0)], status(opened(text)))
    return made


def test_every_part_shows_what_is_on_the_board() -> None:
    made = parts(board().snapshot())
    assert tuple(made) == PARTS
    assert "C-STORE completed" in made["open"] and "2.5 kB" in made["open"]
    assert (
        "DS-STORE-001" in made["findings"]
        and "Free some." in made["findings"]
        and "Its disk is full." in made["findings"]
    )
    assert 'href="associations/3"' in made["ended"] and "released" in made["ended"]
    assert "1,234" in made["state"] and "CT01" in made["remarks"] and "<svg" in made["throughput"]


def test_before_anything_happened_it_says_so() -> None:
    made = page(Board("eth0").snapshot())
    assert made.count("None so far.") == 2 and "eth0" in made


def test_only_what_changed_is_sent() -> None:
    before = parts(board().snapshot())
    after = before | {"open": "something else"}
    assert changed(before, after) == {"open": "something else"} and changed({}, after) == after


def test_names_that_want_to_run_are_text() -> None:
    made = page(board(EVIL).snapshot())
    assert made.count("<script>") == 1 and "<img" not in made and "\u202e" not in made and "\x1b" not in made
    assert "&lt;script&gt;" in made and "<script>x" not in message("<script>x", "<script>x")


def test_the_policy_names_the_style_and_the_script_by_their_hashes() -> None:
    policy = policy_of_page()
    assert policy.count("sha256-") == 2 and "connect-src 'self'" in policy and "style=" not in page(board().snapshot())
