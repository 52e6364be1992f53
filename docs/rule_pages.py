"""Writes a page for every rule, with what it says of a capture in sample_captures/, and their index: `python -m docs.rule_pages`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dicomsniff.api import analyze
from dicomsniff.report.redaction import redaction_of
from dicomsniff.rules.catalogue import FAMILIES, RULES
from dicomsniff.rules.configuration import read
from dicomsniff.rules.finding import Finding, Severity
from dicomsniff.rules.listing import INDEX
from dicomsniff.rules.page import render_markdown

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_captures"
PAGES = HERE / "rules"
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Example(NamedTuple):
    """What a rule says of a sample capture, patient data masked; `consequence`: as following from another finding."""

    capture: Path
    finding: Finding
    message: str
    consequence: bool

    @property
    def command(self) -> str:
        settings = settings_of(self.capture)
        config = f" --config sample_captures/{settings.name}" if settings else ""
        return f"dicomsniff analyze sample_captures/{self.capture.name}{config} --select {self.finding.rule}"


def settings_of(capture: Path) -> Path | None:
    """The settings that lie beside a sample, where it needs some."""
    path = capture.with_suffix(".toml")
    return path if path.is_file() else None


@cache
def examples() -> dict[str, Example]:
    """By rule, what it says of the samples where it says most: for itself rather than as a consequence, then the worst."""
    best: dict[str, Example] = {}
    for path in sorted(SAMPLES.glob("*.pcap*")):
        for example in _examples(path):
            known = best.get(example.finding.rule)
            if known is None or _weight(example) < _weight(known):
                best[example.finding.rule] = example
    return best


def _examples(path: Path) -> Iterator[Example]:
    settings = settings_of(path)
    analysis = analyze(path, configuration=read(settings) if settings else None)
    redaction = redaction_of(analysis.traffic, masked=True)
    for finding, consequence in _every(analysis.findings):
        yield Example(path, finding, redaction.text(finding.message), consequence)


def _weight(example: Example) -> tuple[bool, int]:
    return example.consequence, _RANK[example.finding.severity]


def _every(findings: Sequence[Finding], consequence: bool = False) -> Iterator[tuple[Finding, bool]]:
    for finding in findings:
        yield finding, consequence
        yield from _every(finding.children, True)


def pages() -> dict[str, str]:
    """The text of every file in docs/rules, by name."""
    shown = examples()
    made = {f"{rule.id}.md": _page(render_markdown(rule), shown.get(rule.id)) for rule in RULES}
    return {"README.md": _index(), **made}


def _page(text: str, example: Example | None) -> str:
    """The rule's page with the example before its references."""
    if example is None:
        return text
    finding = example.finding
    proof = f"\n\n`{finding.display_filter}`" if finding.display_filter else ""
    shown = f"## Example\n\n> **{finding.severity}** {example.message}{proof}\n\n`{example.command}`\n\n"
    before, heading, after = text.partition("## Reference\n")
    return before + shown + heading + after


def _index() -> str:
    rows = [f"| [{r.id}]({r.id}.md) | {r.name} | {r.severity} | {r.title} |" for r in RULES]
    head = "# The rule catalogue\n\nMade by `python -m docs.rule_pages`.\n\n| rule | name | severity | what it tells |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def index() -> str:
    """The text of the file by which `dicomsniff.rules.listing` knows the rules."""
    families = ((family.__name__.rpartition(".")[2], family.RULES) for family in FAMILIES)
    return "".join(f"{rule.id},{rule.name},{name}\n" for name, rules in families for rule in rules)


def main() -> None:
    """Write them all; a page of a rule that is gone goes too."""
    PAGES.mkdir(exist_ok=True)
    wanted = pages()
    for path in PAGES.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (PAGES / name).write_text(text, encoding="utf-8")
    INDEX.write_text(index(), encoding="utf-8")


if __name__ == "__main__":
    main()
