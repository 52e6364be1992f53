"""Rules made up for tests of the machinery: a page that is whole, and hits where the test wants them."""

from collections.abc import Callable, Iterable
from typing import Any

from dicomsniff.association.values import Association, Traffic
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.rules.rule import Among, Answer, Rule, Thresholds

PAGE = """Something is made up.

What it sees
Nothing real,
over two lines.

Why it matters
It does not.

Likely causes
1. A test,
   explained over two lines.
2. Another test.

Fix
None is needed.

Could be wrong when
Never.

Reference
PS3.8 §9.3.4
PS3.7 §D.3.3.7
"""


def rule(
    id: str,
    check: Callable[[Association], Answer] | None = None,
    *,
    name: str | None = None,
    severity: Severity = Severity.ERROR,
    hides: tuple[str, ...] = (),
    explains: tuple[str, ...] = (),
    page: str = PAGE,
    subjects: Callable[[Traffic], Iterable[Any] | Among[Any]] = lambda traffic: traffic.associations,
) -> Rule[Any]:
    """A rule over associations; without `check` it hits every one of them."""

    def judge_one(subject: Association, traffic: Traffic, thresholds: Thresholds) -> Answer:
        return check(subject) if check else on(subject)

    return Rule(id, name or id.lower(), severity, "Made up", subjects, judge_one, page, hides=hides, explains=explains)


def on(subject: Association, **fields: Any) -> Hit:
    """A hit on an association, proven by its request."""
    request = subject.request
    made: dict[str, Any] = {
        "packets": request.evidence.packets if request else (),
        "time_ns": subject.first_ns,
        "connection": subject.connection,
        "association": subject.id,
    }
    return Hit("made up", **(made | fields))
