"""Which associations are looked at, and when their times are in doubt."""

import runpy
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Severity, Side, Verdict
from dicomsniff.rules.performance.jobs import jobs, subjects
from dicomsniff.rules.performance.slow_server import check
from dicomsniff.rules.rule import Thresholds
from dicomsniff.tcp.pace import Pause
from tests.association.test_time_sums import at_once
from tests.captures import real
from tests.rules.performance.made_jobs import stores


def mutated(kind: str, path: Path) -> Path:
    arguments = ["mutate.py", kind, str(real.capture("slow_server")), str(path)]
    with patch.object(sys, "argv", arguments):
        runpy.run_path(str(real.MUTATE), run_name="__main__")
    return path


@real.here
@pytest.mark.parametrize("kind", ["shuffle", "snap", "drop"])
def test_captures_that_do_not_hold_the_order_or_the_bytes_leave_it_open_who_is_slow(kind: str, tmp_path: Path) -> None:
    analysis = analyze(mutated(kind, tmp_path / "changed.pcap"))
    verdicts = {check.rule: check.verdict for check in analysis.checks if check.rule.startswith("DS-PERF")}
    assert verdicts["DS-PERF-001"] is Verdict.INCONCLUSIVE
    assert Verdict.FINDING not in verdicts.values()


def test_only_associations_of_some_length_are_looked_at() -> None:
    assert len(jobs(stores(after=0.2))) == 1 and not jobs(stores(after=0.001))
    assert subjects(stores(after=0.001)).count == 1


def served_at_once(acked: bool) -> Traffic:
    """Three C-STOREs under way together, answered after 1 s each; the server confirmed all at once, or nobody saw it."""
    traffic = at_once(3, [1.0] * 3).traffic()
    [conversation] = traffic.conversations
    asked = [e.request for e in traffic.associations[0].exchanges if e.request]
    told = [e.first_response for e in traffic.associations[0].exchanges if e.first_response]
    pauses = []
    for before, after in pairwise([asked[-1], *told]):
        known = before.last_ns + 1_000_000 if acked and before is asked[-1] else None
        turn = before.direction is not after.direction
        numbers = before.last_ns, after.first_ns, before.last_packet, after.first_packet
        pauses.append(Pause(after.direction, turn, False, *numbers, 1000, 1000, 9000, known, known, known, 0))
    measured = replace(conversation, tcp=replace(conversation.tcp, pauses=tuple(pauses)))
    return replace(traffic, conversations=(measured,))


def test_a_server_is_charged_once_for_what_waited_at_once() -> None:
    [job] = jobs(served_at_once(acked=True))
    assert 2.9e9 < job.amounts["server"] <= job.sums.server < 3.1e9
    told = check(job, served_at_once(acked=True), Thresholds())
    assert isinstance(told, Hit) and (told.severity, told.act) == (Severity.NOTE, Side.ACCEPTOR)
    assert "several at once" in told.message and "sent nothing for 3 s in all" in told.message


def test_what_waited_at_once_without_a_word_from_the_server_leaves_that_part_open() -> None:
    [job] = jobs(served_at_once(acked=False))
    assert 1.9e9 < job.amounts["server"] < 2.1e9 and 0.9e9 < job.open["server"] < 1.1e9


def test_a_clock_that_was_set_while_the_association_lasted_splits_nothing() -> None:
    traffic = stores(after=0.2)
    [job] = jobs(traffic)
    assert job.doubt is None
    tcp, [capture] = traffic.conversations[0].tcp, traffic.captures
    for packet, doubted in ((tcp.first_packet, True), (tcp.last_packet, True), (tcp.last_packet + 1, False)):
        moved = replace(traffic, captures=(replace(capture, clock_breaks=((packet, packet + 1),)),))
        assert bool(jobs(moved)[0].doubt) is doubted, packet
