"""What the window keeps of one association in, its own report out: the facts of its connection and all that was found on it.

Rules that need no others judge it anew. What the others found is taken from the last look at everything: of one connection
alone they would say what is not true.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator

from dicomsniff import __version__
from dicomsniff.association.gathering import Done, joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.values import Traffic
from dicomsniff.capture import CaptureFacts
from dicomsniff.core.records import replace
from dicomsniff.live.ids import Names
from dicomsniff.live.reach import ALONE
from dicomsniff.report import Report, build_report
from dicomsniff.rules.finding import Check, Finding, Verdict
from dicomsniff.rules.runner import Judgement
from dicomsniff.tcp.sighting import Odd


class Dossiers:
    """Remembers what the last look at everything found."""

    def __init__(self) -> None:
        self._findings: tuple[Finding, ...] = ()
        self._names = Names([], [], [])

    def remember(self, findings: Iterable[Finding], names: Names) -> None:
        """What was found, and the ids of the places it names."""
        self._findings, self._names = tuple(_of_others(findings)), names

    def report(self, traffic: Traffic, names: Names, own: Judgement, redact: bool) -> Report:
        """Of the traffic of one connection; `own` is what was found of it alone."""
        places = _Places(self._names, names)
        added = [finding for one in self._findings if (finding := places.moved(one)) is not None]
        met = Counter(finding.rule for finding in added)
        below = {_subject(child) for one in added for child in one.children}
        found = [*(one for one in own.findings if _subject(one) not in below), *added]
        checks = [
            *(check for check in own.checks if check.rule not in met),
            *(Check(rule, Verdict.FINDING, count) for rule, count in met.items()),
        ]
        return build_report(traffic, found, checks, redact=redact, version=__version__)


class _Places:
    """From the places in one traffic to those in another, by the ids that last."""

    def __init__(self, before: Names, now: Names) -> None:
        self._before, self._now = before, now

    def moved(self, finding: Finding) -> Finding | None:
        """The same finding in the other traffic; None where that does not hold what it is about."""
        before, now = self._before, self._now
        connections = tuple(_there(now.connection_place(before.connection(one)) for one in finding.connections))
        associations = tuple(_there(now.association_place(before.association(one)) for one in finding.associations))
        connection = now.connection_place(before.connection(finding.connection)) or next(iter(connections), None)
        association = now.association_place(before.association(finding.association)) or next(iter(associations), None)
        if connection is None and association is None:
            return None
        return replace(
            finding,
            connection=connection,
            association=association,
            exchange=now.exchange_place(before.exchange(finding.exchange)),
            associations=associations,
            connections=connections,
            exchanges=tuple(_there(now.exchange_place(before.exchange(one)) for one in finding.exchanges)),
            facts={name: value for name, value in finding.facts.items() if name != "connections"},
            children=tuple(moved for child in finding.children if (moved := self.moved(child)) is not None),
        )


def _of_others(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Those of rules that need others, also where they stand below one of a rule that does not."""
    for finding in findings:
        if finding.rule in ALONE:
            yield from _of_others(finding.children)
        else:
            yield finding


def _subject(finding: Finding) -> tuple[str, int | None, int | None]:
    return finding.rule, finding.association, finding.exchange


def _there(places: Iterable[int | None]) -> Iterator[int]:
    return (place for place in places if place is not None)


def alone(done: Done, facts: CaptureFacts) -> Traffic:
    """The traffic of one connection, of copies: whatever is done with it, the connection stays as it is."""
    conversation, associations = done
    apart = tuple(replace(one, connection=1, exchanges=tuple(map(copy.copy, one.exchanges))) for one in associations)
    return joined(
        (facts,), Odd(), 0, [(replace(conversation, tcp=replace(conversation.tcp, id=1)), apart)], [], 0, Layout()
    )
