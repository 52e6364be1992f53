"""Traffic in, judgement out: every chosen rule over all its subjects, a verdict for each, and the findings joined and sorted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.core.records import dataclass, replace
from dicomsniff.rules.choice import Called, choose
from dicomsniff.rules.consequences import with_causes_side
from dicomsniff.rules.finding import Check, Finding, Hit, Inconclusive, Severity, Verdict
from dicomsniff.rules.holes import Holes
from dicomsniff.rules.joining import Struck, findings
from dicomsniff.rules.known_aes import KnownAes
from dicomsniff.rules.listing import Listed, listed
from dicomsniff.rules.page import page_of
from dicomsniff.rules.remedies.advice import with_settings
from dicomsniff.rules.rule import Among, Answer, Rule, Thresholds

_REASONS = 5  # different reasons kept per rule: they repeat themselves


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings by severity, then time; and one check per rule that ran, in catalogue order."""

    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]


def judge(
    traffic: Traffic,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    thresholds: Thresholds | None = None,
    known_aes: KnownAes | None = None,
    severities: Mapping[str, Severity] | None = None,
    fence: bool = True,
    rules: Sequence[Rule[Any]] | None = None,
) -> Judgement:
    """Runs those of `rules` (all there are, of installed packages too) that `select` and `ignore` leave over the traffic.

    A rule that raises gets the verdict error and never stops the others, its hits before that stay; with `fence` off
    the error is let through. `known_aes`: the site's table of AE titles. `severities`, by rule id, replace what rule and hit say. What was captured a second time
    on its way is judged once. Raises ValueError as `choice.choose`.
    """
    limits, own = thresholds or Thresholds(), severities or {}
    if known_aes:
        limits = replace(limits, known_aes=known_aes)
    traffic = traffic.without_views()
    holes = Holes(traffic)
    struck: list[Struck] = []
    checks = []
    for one in choose(select, ignore, listed() if rules is None else rules):
        rule = _loaded(one, traffic)
        if rule is None:
            checks.append(_verdict(one, 0, 0, ()))
            continue
        check, hits = _run(rule, traffic, limits, fence)
        checks.append(check)
        if rule.id in own:
            hits = [replace(hit, severity=own[rule.id]) for hit in hits]
        struck += [Struck(rule, holes.weigh(hit, rule.severity)) for hit in hits]
    told = with_causes_side(findings(struck, traffic), traffic)
    return Judgement(with_settings(told, traffic), tuple(checks))


def _loaded(one: Listed | Rule[Any], traffic: Traffic) -> Rule[Any] | None:
    """The rule itself; None where it has nothing to judge and so need not be loaded."""
    if not isinstance(one, Listed):
        return one
    return None if one.idle(traffic) else one.load()


def _run(rule: Rule[Any], traffic: Traffic, thresholds: Thresholds, fence: bool) -> tuple[Check, list[Hit]]:
    hits: list[Hit] = []
    doubts: list[str] = []
    subjects = 0
    try:
        applies = rule.subjects(traffic)
        for subject in applies.suspects if isinstance(applies, Among) else applies:
            subjects += 1
            if answer := rule.check(subject, traffic, thresholds):
                _sort_in(answer, hits, doubts)
        subjects = applies.count if isinstance(applies, Among) else subjects
        if hits:
            page_of(rule)  # which findings quote
    except Exception as error:
        if not fence:
            raise
        return Check(rule.id, Verdict.ERROR, 1, (f"{type(error).__name__}: {error}",)), hits if _has_page(rule) else []
    return _verdict(rule, subjects, len(hits), doubts), hits


def _has_page(rule: Rule[Any]) -> bool:
    """Whether findings can be made of its hits."""
    try:
        page_of(rule)
    except ValueError:
        return False
    return True


def _sort_in(answer: Answer, hits: list[Hit], doubts: list[str]) -> None:
    match answer:
        case None:
            pass
        case Inconclusive(reason):
            doubts.append(reason)
        case Hit():
            hits.append(answer)
        case _:
            hits.extend(answer)


def _verdict(rule: Called, subjects: int, hits: int, doubts: Sequence[str]) -> Check:
    """finding > inconclusive > clear > not-applicable; the count is of hits, of doubtful subjects, or of subjects."""
    reasons = tuple(dict.fromkeys(doubts))[:_REASONS]
    if hits:
        return Check(rule.id, Verdict.FINDING, hits, reasons)
    if doubts:
        return Check(rule.id, Verdict.INCONCLUSIVE, len(doubts), reasons)
    return Check(rule.id, Verdict.CLEAR if subjects else Verdict.NOT_APPLICABLE, subjects)
