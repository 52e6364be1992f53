"""A rule and traffic in, its hits and its doubts out, over all its subjects."""

from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Inconclusive
from dicomsniff.rules.rule import Among, Answer, Rule, Thresholds


def hits(rule: Rule[Any], traffic: Traffic) -> list[Hit]:
    """Every hit of the rule, in the order of its subjects."""
    made: list[Hit] = []
    for answer in _answers(rule, traffic):
        if isinstance(answer, Hit):
            made.append(answer)
        elif answer is not None and not isinstance(answer, Inconclusive):
            made.extend(answer)
    return made


def only(rule: Rule[Any], traffic: Traffic) -> Hit:
    """The one hit of the rule."""
    made = hits(rule, traffic)
    assert len(made) == 1, [hit.message for hit in made]
    return made[0]


def doubts(rule: Rule[Any], traffic: Traffic) -> list[str]:
    """Why the rule could not tell, for each subject it could not judge."""
    return [answer.reason for answer in _answers(rule, traffic) if isinstance(answer, Inconclusive)]


def is_quiet(rule: Rule[Any], traffic: Traffic) -> bool:
    """Neither a hit nor a doubt."""
    return not hits(rule, traffic) and not doubts(rule, traffic)


def _answers(rule: Rule[Any], traffic: Traffic) -> list[Answer]:
    applies = rule.subjects(traffic)
    return [rule.check(s, traffic, Thresholds()) for s in (applies.suspects if isinstance(applies, Among) else applies)]
