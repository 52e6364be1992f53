"""Judgements of one moment after the other in, each finding once, as soon as it is sure, out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from dicomsniff.association.values import Traffic
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.live.ids import Names
from dicomsniff.live.window import Moment
from dicomsniff.rules.catalogue import every_rule
from dicomsniff.rules.finding import Finding, Verdict
from dicomsniff.rules.runner import Judgement

OWN = ("DS-PC", "DS-DIMSE", "DS-DATA")
"""Families whose rules look at one association (and its connection) only: what others did before proves nothing about it."""


UNPROVABLE = "what would bear on it was dropped before it could be read, or is no longer kept"
AT_THE_END = ("DS-CAP-004",)
"""What is true of every moment but the last: that the capture is not over."""


class Subject(NamedTuple):
    """What tells one finding from another: its rule and, by their ids, what it is about."""

    rule: str
    connection: int | None
    association: int | None
    exchange: int | None


class Told:
    """Remembers what was told. A finding is told when two moments in a row show it, so that a packet that is only late
    accuses nobody; and never of what the window shows in part. What many have in common is told once."""

    def __init__(self) -> None:
        self._last: dict[Subject, Finding] = {}  # at the last moment, told or not
        self._whole: dict[Subject, Finding] = {}  # at the last whole one
        self._told: set[Subject] = set()
        self._kinds: set[tuple[str, str | None]] = set()  # rules and keys of what was told and is still there
        self.waiting = False  # for the next moment, to tell something then
        self.count = 0

    def fresh(self, findings: Sequence[Finding], moment: Moment, *, last: bool = False) -> list[Finding]:
        """Those to be told now; `last`: there is no further moment to wait for."""
        present = {_subject(finding, moment): finding for finding in findings}
        gone_on = self._gone_on(present) if moment.whole else frozenset()
        now: list[Finding] = []
        self.waiting = False
        for subject, finding in present.items():
            if subject in self._told:
                self._told.update(_below(finding, moment))
            elif _common(finding) in gone_on or (not moment.whole and (finding.rule, finding.key) in self._kinds):
                self._told.add(subject)
            elif last or (self._known(subject, moment) and subject.rule not in AT_THE_END):
                now.append(finding)
                self._told.update((subject, *_below(finding, moment)))
            elif subject.rule not in AT_THE_END:
                self.waiting = True
        self._remember(present, moment)
        self.count += len(now)
        return now

    def forget(self, names: Names) -> None:
        """Of connections and associations that are not among these nothing will be found any more."""
        connections, associations = {None, *names.connections}, {None, *names.associations}
        self._told = {one for one in self._told if one.connection in connections and one.association in associations}

    def _known(self, subject: Subject, moment: Moment) -> bool:
        return subject in self._last or (moment.whole and subject in self._whole)

    def _remember(self, present: dict[Subject, Finding], moment: Moment) -> None:
        self._last = present
        kinds: set[tuple[str, str | None]] = {
            (one.rule, one.key) for subject, one in present.items() if one.key and subject in self._told
        }
        if moment.whole:
            self._whole, self._kinds = present, kinds
        else:
            self._kinds |= kinds

    def _gone_on(self, present: dict[Subject, Finding]) -> frozenset[Common]:
        """What is told of a finding on many subjects of which the first left the window: it was told before."""
        gone = (one for told, one in self._whole.items() if told in self._told and told not in present)
        return frozenset(_common(one) for one in gone if one.count > 1)


Common = tuple[str, str | None, str]


def _common(finding: Finding) -> Common:
    return finding.rule, finding.actor, finding.title


def sure(judgement: Judgement, moment: Moment) -> Judgement:
    """The judgement without what the moment cannot prove; a rule of which nothing is left could not tell."""
    findings = tuple(finding for finding in judgement.findings if provable(finding, moment))
    if len(findings) == len(judgement.findings):
        return judgement
    left = {finding.rule for finding in findings}
    gone = {finding.rule for finding in judgement.findings} - left
    checks = [
        replace(check, verdict=Verdict.INCONCLUSIVE, reasons=(*check.reasons, UNPROVABLE))
        if check.rule in gone
        else check
        for check in judgement.checks
    ]
    return Judgement(findings, tuple(checks))


def provable(finding: Finding, moment: Moment) -> bool:
    """Whether nothing that would bear on a finding was forgotten or dropped."""
    if moment.doubtful and _argues_from_absence(finding.rule) and _on(finding, moment) in moment.doubtful:
        return False
    if moment.lost and finding.association in moment.lost:
        return finding.exchange is not None and finding.rule.startswith("DS-DIMSE")
    if not moment.since_ns or finding.rule.startswith(OWN):
        return True
    begun = _begun(finding, moment.traffic)
    return begun is None or begun >= moment.since_ns


def _on(finding: Finding, moment: Moment) -> int | None:
    if finding.connection is None and finding.association is not None:
        return moment.traffic.association(finding.association).connection
    return finding.connection


@cache
def _argues_from_absence(rule: str) -> bool:
    return next((each.absence for each in every_rule() if each.id == rule), False)


def _begun(finding: Finding, traffic: Traffic) -> int | None:
    """When what the finding is about began."""
    if finding.connection is not None:
        return traffic.conversation(finding.connection).tcp.first_ns
    if finding.association is not None:
        return traffic.association(finding.association).first_ns
    return None


def _subject(finding: Finding, moment: Moment) -> Subject:
    names = moment.names
    return Subject(
        finding.rule,
        names.connection(finding.connection),
        names.association(finding.association),
        names.exchange(finding.exchange),
    )


def _below(finding: Finding, moment: Moment) -> Iterator[Subject]:
    for child in finding.children:
        yield _subject(child, moment)
        yield from _below(child, moment)
