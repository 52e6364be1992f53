"""Verdict and findings in; what a reader must see first out: what is wrong, who must act, what to do, which packets prove it."""

from collections.abc import Sequence

from dicomsniff.core.records import dataclass
from dicomsniff.report.gist import brief, first_sentence, plainly
from dicomsniff.report.values import Report, Row
from dicomsniff.report.verdict import leading
from dicomsniff.report.wording import actor

_ALSO = 4


@dataclass(frozen=True, slots=True)
class Also:
    """One more finding in a sentence; `number` is its place in the report."""

    number: int
    severity: str
    sentence: str
    actor: str


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """`first` is the finding that the verdict rests on, the `number`-th of the report, None where there is none worth acting on; `sentences` say then
    what there is to say. `left` counts the errors and warnings that `also` has no room for."""

    level: str
    headline: str
    first: Row | None
    number: int
    what: str
    fix: str
    in_all: str
    actor: str
    also: tuple[Also, ...]
    left: int
    sentences: tuple[str, ...]
    blind: tuple[str, ...]


def first_screen(report: Report) -> FirstScreen:
    verdict = report.verdict
    worth = [(n, f) for n, f in enumerate(report.findings, 1) if f["severity"] in ("error", "warning")]
    first = leading([f for _, f in worth]) if worth else None
    others = _told(
        [each for each in worth if each[1] is not first], {first_sentence(first["message"])} if first else set()
    )
    return FirstScreen(
        level=verdict["level"],
        headline=verdict["headline"],
        first=first,
        number=next((n for n, each in worth if each is first), 0),
        what=plainly(brief(first["message"])) if first else "",
        fix=plainly(first["fix"]) if first else "",
        in_all=next((each for each in verdict["sentences"] if each.startswith("In all, ")), ""),
        actor=actor(first) if first else "",
        also=tuple(others[:_ALSO]),
        left=max(0, len(others) - _ALSO),
        sentences=() if first else tuple(verdict["sentences"]),
        blind=tuple(verdict["blind"]),
    )


def _told(findings: Sequence[tuple[int, Row]], said: set[str]) -> list[Also]:
    """Each sentence once."""
    made: list[Also] = []
    for number, finding in findings:
        sentence = first_sentence(finding["message"])
        if sentence not in said:
            said.add(sentence)
            made.append(Also(number, finding["severity"], brief(sentence), actor(finding)))
    return made
