"""Writes a page for every rule, with what it says of a capture in sample_captures/, and their index: `python -m docs.rule_pages`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dicomsniff.api import analyze
from dicomsniff.report.redaction import Redaction
from dicomsniff.rules.catalogue import RULES
from dicomsniff.rules.finding import Finding
from dicomsniff.rules.page import render_markdown

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_captures"
PAGES = HERE / "rules"


class Example(NamedTuple):
    """What a rule says of a sample capture, patient data masked."""

    capture: str
    finding: Finding
    message: str


def examples(captures: Sequence[Path]) -> dict[str, Example]:
    """By rule, the first finding in the first capture that has one."""
    found: dict[str, Example] = {}
    for path in captures:
        redaction = Redaction(masked=True)
        for finding in _every(analyze(path).findings):
            found.setdefault(finding.rule, Example(path.name, finding, redaction.text(finding.message)))
    return found


def _every(findings: Sequence[Finding]) -> Iterator[Finding]:
    for finding in findings:
        yield finding
        yield from _every(finding.children)


def pages() -> dict[str, str]:
    """The text of every file in docs/rules, by name."""
    shown = examples(sorted(SAMPLES.glob("*.pcap*")))
    made = {f"{rule.id}.md": render_markdown(rule) + _example(shown.get(rule.id)) for rule in RULES}
    return {"README.md": _index(), **made}


def _example(example: Example | None) -> str:
    if example is None:
        return ""
    finding = example.finding
    proof = f"\n\n`{finding.display_filter}`" if finding.display_filter else ""
    command = f"dicomsniff analyze sample_captures/{example.capture} --select {finding.rule}"
    return f"\n## Example\n\n> **{finding.severity}** {example.message}{proof}\n\n`{command}`\n"


def _index() -> str:
    rows = [f"| [{r.id}]({r.id}.md) | {r.name} | {r.severity} | {r.title} |" for r in RULES]
    head = "# The rule catalogue\n\nMade by `python -m docs.rule_pages`.\n\n| rule | name | severity | what it tells |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def main() -> None:
    """Write them all; a page of a rule that is gone goes too."""
    PAGES.mkdir(exist_ok=True)
    wanted = pages()
    for path in PAGES.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (PAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
