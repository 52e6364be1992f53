"""Verdict and findings in; what a reader must see first out: what is wrong, who must act, what to do, which packets prove it."""

import re
from collections.abc import Sequence

from dicomsniff.core.records import dataclass
from dicomsniff.report.values import Report, Row
from dicomsniff.report.verdict import leading
from dicomsniff.report.wording import actor

_SENTENCE_END = re.compile(r"(?<=[a-z0-9)'\"][.!?])\s+(?=[A-Z])")
_UID = re.compile(r"\d+(?:\.\d+){4,}")
_LONG = 32  # well-known UIDs are shorter
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
    """`first` is the finding that the verdict rests on, None where there is none worth acting on; `sentences` say then
    what there is to say. `left` counts the errors and warnings that `also` has no room for."""

    level: str
    headline: str
    first: Row | None
    what: str
    actor: str
    also: tuple[Also, ...]
    left: int
    sentences: tuple[str, ...]
    blind: tuple[str, ...]


def first_screen(report: Report) -> FirstScreen:
    verdict = report.verdict
    worth = [(n, f) for n, f in enumerate(report.findings, 1) if f["severity"] in ("error", "warning")]
    first = leading([f for _, f in worth if f["severity"] == worth[0][1]["severity"]]) if worth else None
    others = _told(
        [each for each in worth if each[1] is not first], {first_sentence(first["message"])} if first else set()
    )
    return FirstScreen(
        level=verdict["level"],
        headline=verdict["headline"],
        first=first,
        what=brief(first["message"]) if first else "",
        actor=actor(first) if first else "",
        also=tuple(others[:_ALSO]),
        left=max(0, len(others) - _ALSO),
        sentences=() if first else tuple(verdict["sentences"]),
        blind=tuple(verdict["blind"]),
    )


def brief(text: str) -> str:
    """Long instance UIDs as their beginning and end: two lines of digits would hide what happened; the finding has them."""
    return _UID.sub(lambda found: found[0] if len(found[0]) <= _LONG else f"{found[0][:12]}…{found[0][-8:]}", text)


def first_sentence(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def _told(findings: Sequence[tuple[int, Row]], said: set[str]) -> list[Also]:
    """Each sentence once."""
    made: list[Also] = []
    for number, finding in findings:
        sentence = first_sentence(finding["message"])
        if sentence not in said:
            said.add(sentence)
            made.append(Also(number, finding["severity"], brief(sentence), actor(finding)))
    return made
