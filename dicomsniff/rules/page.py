"""The docstring of a rule's file in, its page out; and the page as text for a terminal or as Markdown for the documentation."""

from collections.abc import Sequence
from functools import lru_cache
from inspect import cleandoc
from textwrap import fill
from typing import Any

from dicomsniff.core.patterns import pattern
from dicomsniff.core.records import dataclass
from dicomsniff.rules.rule import Rule

HEADINGS = ("What it sees", "Why it matters", "Likely causes", "Fix", "Could be wrong when", "Reference")
_ITEM = pattern(r"(?:\d+[.)]|[-*])\s+")


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader is told about a rule; `causes` are in the order of their likelihood, `references` one clause each."""

    title: str
    sees: str
    matters: str
    causes: tuple[str, ...]
    fix: str
    wrong_when: str
    references: tuple[str, ...]


@lru_cache(maxsize=1024)
def parse(docstring: str) -> Page:
    """The page in a docstring: a first sentence, then each of HEADINGS on a line of its own with text below it.
    Raises ValueError naming every heading that is missing, repeated or empty."""
    sections = _sections(docstring)
    title = _flow(sections.pop("", []))
    faults = [heading for heading in HEADINGS if not any(line.strip() for line in sections.get(heading, []))]
    if faults or not title:
        raise ValueError(f"the page lacks {', '.join(faults) if faults else 'its first sentence'}")
    sees, matters, causes, fix, wrong_when, references = (sections[heading] for heading in HEADINGS)
    return Page(
        title, _flow(sees), _flow(matters), _items(causes), _flow(fix), _flow(wrong_when), _items(references, True)
    )


def page_of(rule: Rule[Any]) -> Page:
    """The page of a rule. Raises ValueError as `parse`, naming the rule."""
    try:
        return parse(rule.page)
    except ValueError as error:
        raise ValueError(f"{rule.id}: {error}") from None


def render_text(rule: Rule[Any], width: int = 88) -> str:
    """The page for a terminal, wrapped at `width` columns, ending in a newline."""
    page = page_of(rule)
    lines = [f"{rule.id} {rule.name} ({rule.severity})", fill(page.title, width)]
    for heading, body in _bodies(page):
        lines += ["", heading]
        if isinstance(body, str):
            lines.append(fill(body, width, initial_indent="  ", subsequent_indent="  "))
        else:
            lines += [
                fill(f"{_mark(heading, n)} {one}", width, initial_indent="  ", subsequent_indent="     ")
                for n, one in enumerate(body, 1)
            ]
    return "\n".join(lines) + "\n"


def render_markdown(rule: Rule[Any]) -> str:
    """The page as a Markdown document, ending in a newline."""
    page = page_of(rule)
    lines = [f"# {rule.id} `{rule.name}`", "", f"**{rule.severity}** · {rule.title}", "", page.title]
    for heading, body in _bodies(page):
        lines += ["", f"## {heading}", ""]
        lines += [body] if isinstance(body, str) else [f"{_mark(heading, n)} {one}" for n, one in enumerate(body, 1)]
    return "\n".join(lines) + "\n"


def _bodies(page: Page) -> Sequence[tuple[str, str | tuple[str, ...]]]:
    return tuple(
        zip(HEADINGS, (page.sees, page.matters, page.causes, page.fix, page.wrong_when, page.references), strict=True)
    )


def _mark(heading: str, number: int) -> str:
    return f"{number}." if heading == "Likely causes" else "-"


def _sections(docstring: str) -> dict[str, list[str]]:
    """Lines by heading; those before the first heading under ""."""
    found: dict[str, list[str]] = {"": []}
    current = ""
    for line in cleandoc(docstring).splitlines():
        word = line.strip().rstrip(":")
        if word in HEADINGS and not line[:1].isspace():
            if word in found:
                raise ValueError(f"the page repeats {word}")
            current = word
            found[current] = []
        else:
            found[current].append(line)
    return found


def _flow(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())


def _items(lines: Sequence[str], line_each: bool = False) -> tuple[str, ...]:
    """List items with their continuation lines joined; without any list mark, one item a line where `line_each`."""
    items: list[str] = []
    for line in (line.strip() for line in lines):
        mark = _ITEM.match(line)
        if mark:
            items.append(line[mark.end() :])
        elif line and (line_each or not items):
            items.append(line)
        elif line:
            items[-1] += f" {line}"
    return tuple(items)
