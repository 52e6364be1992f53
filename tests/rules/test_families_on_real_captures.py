"""What the rules on contexts, DIMSE, storage, query and retrieve say of real captures."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import dicomsniff
from dicomsniff.rules.finding import Finding

CAPTURES = Path(__file__).parents[2].parent / "shared" / "captures"
FAMILIES = ("DS-PC-", "DS-DIMSE-", "DS-STORE-", "DS-FIND-", "DS-RET-", "DS-DATA-", "DS-PRN-")
TOLD = [
    ("sc_not_supported", "DS-PC-001", "none of the 2 proposed contexts"),
    ("sc_not_supported", "DS-PC-001", "right service and port"),
    ("dcmjs_store", "DS-PC-002", "refused MR Image Storage"),
    ("jpeg_not_accepted", "DS-PC-003", "every context that offered JPEG Lossless"),
    ("jpeg_not_accepted", "DS-PC-003", "then aborted without sending anything"),
    ("abort_by_scp", "DS-DIMSE-001", "never answered"),
    ("abort_by_scp", "DS-STORE-006", "1 of 2 objects tried arrived"),
    ("scp_dies", "DS-STORE-006", "closed the connection: DS-TCP-005"),
    ("print_film", "DS-PRN-001", "N-DELETE"),
    ("print_film", "DS-PRN-001", "only the clean-up failed"),
    ("query_retrieve", "DS-DIMSE-008", "0xA702"),
    ("query_retrieve", "DS-DIMSE-008", "10.77.0.1:5678 (refused)"),
    ("query_retrieve", "DS-RET-001", "'NOWHERE'"),
    ("query_retrieve", "DS-RET-002", "10.77.0.1:5678 but is refused"),
    ("store_failures", "DS-STORE-001", "0xA700 (Refused: out of resources): ⟪comment 'status 0xA700'⟫"),
    ("store_failures", "DS-STORE-002", "0xA900 (Error: data set does not match SOP class)"),
    ("store_failures", "DS-STORE-002", "0xC000 (Error: cannot understand)"),
    ("store_failures", "DS-STORE-002", "did not permit"),
    ("store_failures", "DS-STORE-002", "0x0110 (Processing failure)"),
    ("store_failures", "DS-STORE-003", "0xB007"),
    ("store_warning_b000", "DS-STORE-003", "comment 'set InstanceNumber to 0'"),
    ("find_failure_and_cancel", "DS-FIND-001", "0xC001 (Unable to process): ⟪comment 'database down'⟫"),
]
QUIET = [
    "association_per_image",
    "echo_ok",
    "find_manufacturer",
    "huge_association_request",
    "jpeg_accepted",
    "lossy_network",
    "slow_client",
    "slow_link",
    "slow_nagle",
    "slow_server",
    "store_series",
    "user_identity",
    "workflow_mwl_mpps_commit",
]


@cache
def _roots(folder: str) -> tuple[Finding, ...]:
    paths = sorted((CAPTURES / folder).glob("capture.pcap*"))
    if not paths:
        pytest.skip(f"the capture {folder} is not there")
    return dicomsniff.analyze(paths[0]).findings


def _findings(folder: str) -> tuple[Finding, ...]:
    return tuple(f for f in _flat(_roots(folder)) if f.rule.startswith(FAMILIES))


def _flat(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    for finding in findings:
        yield finding
        yield from _flat(finding.children)


@pytest.mark.parametrize(("folder", "rule", "words"), TOLD)
def test_the_user_is_told(folder: str, rule: str, words: str) -> None:
    said = [finding.message for finding in _findings(folder) if finding.rule == rule]
    assert any(words in message for message in said), said


@pytest.mark.parametrize("folder", QUIET)
def test_nothing_is_blamed_where_nothing_failed(folder: str) -> None:
    assert [finding.message for finding in _findings(folder) if finding.severity in ("error", "warning")] == []


def test_no_failure_is_told_twice() -> None:
    failures = [f.exchange for f in _roots("query_retrieve") if f.severity == "error"]
    assert len(failures) == len(set(failures)) == 2
