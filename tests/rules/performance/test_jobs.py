"""Which associations are looked at, and when their times are in doubt."""

import runpy
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from dicomsniff.api import analyze
from dicomsniff.rules.finding import Verdict
from dicomsniff.rules.performance.jobs import jobs, subjects
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
