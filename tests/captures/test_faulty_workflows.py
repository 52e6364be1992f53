"""Real traffic of a modality and an archive with faults (see data/faulty_workflow.py): what is joined, and what is told."""

from functools import cache
from io import StringIO
from pathlib import Path

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.report import write_json
from dicomsniff.report.html import render_html
from dicomsniff.rules.finding import Finding
from tests.captures.real import flat

DATA = Path(__file__).parent / "data"
CAPTURES = ("commitment_on_the_same_association", "call_back_rejected", "call_back_refused")
every = pytest.mark.parametrize("name", CAPTURES)


@cache
def analysis(name: str) -> Analysis:
    return analyze(DATA / f"{name}.pcap")


def _told(name: str, rule: str) -> list[Finding]:
    return [finding for finding in flat(analysis(name).findings) if finding.rule == rule]


@every
def test_one_study_is_joined_from_worklist_to_commitment(name: str) -> None:
    [study] = analysis(name).studies
    assert study.uid == "1.2.826.0.1.3680043.10.77.0" and list(study.accession_numbers) == ["ACC0"]
    assert [(how, item and item.place) for how, _, item in study.worklist] == [("study", 0)]
    assert [(how, len(step.creates), len(step.sets)) for how, step in study.steps] == [("study", 1, 2), ("study", 1, 0)]
    assert len(study.instances) == 3 and study.series[0].numbers.missing == ((3, 3),)
    assert len(study.commitments) == 1


@every
def test_the_faults_at_the_modality_are_told(name: str) -> None:
    [item] = _told(name, "DS-MWL-002")
    assert item.severity == "error" and "lacks StudyInstanceUID (0020,000D)" in item.message
    assert [child.rule for child in item.children] == ["DS-MWL-003"]
    [started] = _told(name, "DS-MWL-004")
    assert "its status is COMPLETED, not IN PROGRESS" in started.message and started.act == "requestor"
    [ended] = _told(name, "DS-MWL-005")
    assert "0x0110" in ended.message and "it was already COMPLETED at" in ended.message


def test_a_refused_object_is_told_and_the_rest_is_committed() -> None:
    [study] = analysis(CAPTURES[0]).studies
    assert len(study.committed) == 2 and len(study.not_committed) == 1
    [refused] = _told(CAPTURES[0], "DS-SC-002")
    assert (
        "does not commit to 1 of 3 objects" in refused.message
        and "1 of them was stored with success" in refused.message
    )
    action, report = analysis(CAPTURES[0]).exchanges[-2:]
    assert (action.service, report.service, report.parent, report.requested_by) == (
        "N-ACTION", "N-EVENT-REPORT", action.id, "acceptor",
    )  # fmt: skip


def test_a_call_back_that_was_rejected_is_told_once() -> None:
    [told] = _told(CAPTURES[1], "DS-SC-003")
    assert "calling-AE-title-not-recognized" in told.message and "(10.77.0.1:1235)" in told.message
    assert not _told(CAPTURES[1], "DS-SC-001")


def test_a_call_back_that_found_nobody_is_told_with_the_missing_result() -> None:
    [told] = _told(CAPTURES[2], "DS-SC-001")
    assert "could not connect to 10.77.0.1:1236 (refused)" in told.message and told.severity == "warning"
    assert len(_told(CAPTURES[2], "DS-TCP-001")) == 1


@every
def test_no_rule_breaks_and_nothing_else_is_an_alarm(name: str) -> None:
    assert not [check for check in analysis(name).checks if check.verdict == "error"]
    alarms = {f.rule for f in flat(analysis(name).findings) if f.severity in ("error", "warning")}
    assert alarms <= {
        "DS-MWL-002", "DS-MWL-003", "DS-MWL-004", "DS-MWL-005", "DS-SC-001", "DS-SC-002", "DS-SC-003", "DS-TCP-001",
        "DS-ASSOC-002", "DS-ASSOC-008", "DS-DIMSE-001",
    }  # fmt: skip


@every
def test_no_value_of_a_patient_leaves_a_masked_report(name: str) -> None:
    report = analysis(name).report()
    stream = StringIO()
    write_json(report, stream)
    for text in (stream.getvalue(), render_html(report)):
        assert not any(value in text for value in ("ACC0", "MW0", "WORK^", "PPS0"))
