"""Pages of rules, from docstring to text and Markdown."""

import pytest

from dicomsniff.rules.page import HEADINGS, page_of, parse, render_markdown, render_text
from tests.rules.made_up import PAGE, rule


def test_every_section_is_read() -> None:
    page = parse(PAGE)
    assert page.title == "Something is made up."
    assert page.sees == "Nothing real, over two lines."
    assert page.causes == ("A test, explained over two lines.", "Another test.")
    assert page.references == ("PS3.8 §9.3.4", "PS3.7 §D.3.3.7")


def test_indentation_marks_and_colons_do_not_matter() -> None:
    indented = "\n".join(f"    {line}" if line else "" for line in PAGE.splitlines()).strip().replace("Fix\n", "Fix:\n")
    listed = indented.replace("PS3.8 §9.3.4", "- PS3.8 §9.3.4").replace("PS3.7 §D", "- PS3.7 §D")
    assert parse(listed) == parse(PAGE)


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_missing_section_is_refused_by_name(heading: str) -> None:
    with pytest.raises(ValueError, match=heading):
        parse(PAGE.replace(f"{heading}\n", "Something else\n"))


def test_an_empty_section_and_a_missing_title_are_refused() -> None:
    with pytest.raises(ValueError, match="Fix"):
        parse(PAGE.replace("None is needed.", ""))
    with pytest.raises(ValueError, match="first sentence"):
        parse(PAGE.replace("Something is made up.", ""))
    with pytest.raises(ValueError, match="repeats Fix"):
        parse(PAGE + "\nFix\nAgain.\n")


def test_a_rule_without_a_whole_page_is_named() -> None:
    with pytest.raises(ValueError, match="DS-X-001"):
        page_of(rule("DS-X-001", page=""))


def test_the_text_is_wrapped_and_numbered() -> None:
    text = render_text(rule("DS-X-001"), width=40)
    assert text.startswith("DS-X-001 ds-x-001 (error)\n")
    assert "\nLikely causes\n  1. A test, explained over two lines.\n  2. Another test.\n" in text
    assert max(map(len, text.splitlines())) <= 40


def test_the_markdown_has_every_heading() -> None:
    text = render_markdown(rule("DS-X-001"))
    assert text.startswith("# DS-X-001 `ds-x-001`\n")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == list(HEADINGS)
    assert "1. A test, explained over two lines.\n2. Another test.\n" in text
