"""Jobs of which a test says where their time went."""

from dataclasses import replace
from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Inconclusive
from dicomsniff.rules.performance.job import WORDS, Job
from dicomsniff.rules.performance.jobs import jobs
from dicomsniff.rules.rule import Rule, Thresholds
from tests.forge.traffic import TrafficForge

SECOND = 1_000_000_000


def stores(after: float = 0.2) -> Traffic:
    """Six C-STOREs, each answered after so many seconds."""
    forge = TrafficForge()
    number = forge.association()
    for _ in range(6):
        forge.exchange(number, "C-STORE", status=0, after=after)
    return forge.traffic()


def asked(rule: Rule[Any], traffic: Traffic | None = None, **changed: Any) -> Hit | Inconclusive | None:
    """What the rule says of a job of ten seconds. Numbers of components are seconds, other fields are set as they are."""
    traffic = traffic or stores()
    [base] = jobs(traffic)
    amounts = {name: round(changed.pop(name, 0) * SECOND) for name in WORDS if name != "setup"}
    roles = dict.fromkeys(WORDS, "requestor")
    job: Job = replace(base, **{"amounts": amounts, "total": 10 * SECOND, "roles": roles, **changed})
    answer = rule.check(job, traffic, Thresholds())
    assert answer is None or isinstance(answer, Hit | Inconclusive)
    return answer


def hit(rule: Rule[Any], traffic: Traffic | None = None, **changed: Any) -> Hit:
    """The same where it must be a hit."""
    answer = asked(rule, traffic, **changed)
    assert isinstance(answer, Hit), answer
    return answer
