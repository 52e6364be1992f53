"""Every clause that a reader is sent to has been read: on the rules' pages, in messages, in the documentation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.rules.catalogue import RULES
from dicomsniff.rules.page import page_of
from dicomsniff.rules.rule import Rule

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("checked_clauses.txt")
CITED = re.compile(
    r"(?P<document>PS3\.\d+|RFC \d+)[ ,]+"
    r"(?:§ ?(?P<clause>[A-Z0-9]+(?:\.\d+)*)|(?P<bare>(?:[A-Z]{1,2}|\d+)(?:\.\d+)+)"
    r"|(?P<annex>Annex [A-Z]+\b)|(?P<table>Table [A-Z0-9](?:[A-Z0-9.-]*[A-Z0-9])?))"
)
"""A clause in running text; without § only where it has a dot, so that a count is none."""


def checked() -> dict[str, tuple[str, str]]:
    """What each clause of the list says, and where it was read."""
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    rows = [[column.strip() for column in line.split("|")] for line in lines]
    assert all(len(row) == 3 and all(row) for row in rows), [row for row in rows if len(row) != 3 or not all(row)]
    assert len({row[0] for row in rows}) == len(rows)
    return {clause: (says, source) for clause, says, source in rows}


def cited(text: str) -> Iterator[str]:
    for found in CITED.finditer(text):
        number = found["clause"] or found["bare"]
        yield f"{found['document']} {f'§{number}' if number else found['annex'] or found['table']}"


def shown_strings(source: str) -> Iterator[str]:
    """The strings of a module that are no docstrings: what it can say to a reader."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_every_reference_is_a_checked_clause_or_a_link(one: Rule[Any]) -> None:
    links = re.compile(r"https?://\S+")
    clauses = {reference for reference in page_of(one).references if not links.fullmatch(reference)}
    assert clauses <= checked().keys(), f"not in {LIST.name}: read them, then add them"


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_clauses_in_the_text_of_a_page_are_checked(one: Rule[Any]) -> None:
    assert set(cited(one.page)) <= checked().keys()


def test_clauses_in_messages_and_reports_are_checked() -> None:
    modules = [file for room in ("rules", "report") for file in (ROOT / "dicomsniff" / room).rglob("*.py")]
    texts = [text for file in modules for text in shown_strings(file.read_text(encoding="utf-8"))]
    assert len(texts) > 1000
    assert {clause for text in texts for clause in cited(text)} <= checked().keys()


def test_clauses_in_the_documentation_and_the_schema_are_checked() -> None:
    files = [ROOT / "README.md", ROOT / "dicomsniff/report/schema.json", *(ROOT / "docs").glob("*.md")]
    found = {clause for file in files for clause in cited(file.read_text(encoding="utf-8"))}
    assert "PS3.7 §D.3.3.2" in found
    assert found <= checked().keys()


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("as PS3.8 §9.3.4, Table 9-21 has it", ["PS3.8 §9.3.4"]),
        ("(PS3.7 D.3.3.2)", ["PS3.7 §D.3.3.2"]),
        ("PS3.7 Annex C; PS3.6 Table A-1.", ["PS3.7 Annex C", "PS3.6 Table A-1"]),
        ("RFC 8446 §5.1 and RFC 1191 §3.", ["RFC 8446 §5.1", "RFC 1191 §3"]),
        ("PS3.4 says B006, RFC 792 has 3 of them", []),
        ("those of PS3.4, PS3.7 Annex C", ["PS3.7 Annex C"]),
    ],
)
def test_clauses_are_found_in_running_text(text: str, clauses: list[str]) -> None:
    assert list(cited(text)) == clauses


def test_docstrings_are_not_shown() -> None:
    assert list(shown_strings('"""PS3.8 §1"""\nFIX = "see"\nX: int = 1\n"""of X"""\n')) == ["see"]
