"""What the rules on connections, associations, credentials and the capture say of real captures."""

from functools import cache
from pathlib import Path

import pytest

import dicomsniff
from dicomsniff.rules.finding import Finding

CAPTURES = Path(__file__).parents[2].parent / "shared" / "captures"
FAMILIES = ("DS-TCP-", "DS-ASSOC-", "DS-CAP-", "DS-SEC-")
TOLD = [
    ("reject_called_ae", "DS-ASSOC-001", "does not know itself as 'ANY-SCP'"),
    ("reject_called_ae", "DS-ASSOC-001", "It accepted 'ACME_STORE' elsewhere"),
    ("reject_called_ae", "DS-ASSOC-001", "accepted the same title from 'ACME1'"),
    ("reject_called_ae", "DS-ASSOC-001", "rejected-permanent by DICOM UL service-user"),
    ("refused_and_silent", "DS-TCP-001", "10.77.0.1 could not open TCP port 104 on 10.77.0.2: refused once"),
    ("refused_and_silent", "DS-TCP-002", "got no answer from 10.77.0.9:104: 4 SYNs"),
    ("refused_and_silent", "DS-ASSOC-006", "did not answer for 4 s (then the requestor gave up)"),
    ("refused_and_silent/capture_client.pcap", "DS-TCP-002", "10.77.0.9 itself was never seen"),
    ("refused_and_silent/capture_client.pcap", "DS-ASSOC-006", "PYPACS (10.77.0.2:105) received"),
    ("abort_by_scp", "DS-ASSOC-008", "The application of PYPACS (10.77.0.2:104) aborted"),
    ("abort_by_scp", "DS-ASSOC-008", "with no answer yet to C-STORE 2 of CT Image Storage"),
    ("abort_by_scu", "DS-ASSOC-008", "The application of PYSCU (10.77.0.1) aborted"),
    (
        "scp_dies",
        "DS-TCP-005",
        "PYPACS (10.77.0.2:104) cut the association with STORESCU (10.77.0.1) while it owed an answer",
    ),
    ("no_release", "DS-TCP-005", "PYSCU (10.77.0.1) cut the association"),
    ("tls/capture.pcapng", "DS-TCP-004", "10.77.0.2:2762 expects TLS, ECHOSCU (10.77.0.1) sent clear DICOM"),
    ("dcmjs_store", "DS-ASSOC-002", "rejected-transient by DICOM UL service-user: calling-AE-title-not-recognized"),
    ("jpeg_not_accepted", "DS-ASSOC-007", "128 of 128 contexts were accepted"),
    ("user_identity", "DS-SEC-002", "and passcode (7 bytes) sent in clear"),
    ("print_film", "DS-TCP-001", "TCP port 1235 on 10.77.0.1"),
    ("query_retrieve", "DS-TCP-001", "10.77.0.2 was carrying out a C-MOVE to 'ACME2'"),
    ("edge/e16_rqonly.pcap", "DS-CAP-003", "Only 10.0.0.1 -> 10.0.0.2 was captured"),
    ("edge/e24b_use_rejected.pcap", "DS-ASSOC-009", "Offending PDU: packet 6"),
    ("edge/e35_rst.pcap", "DS-TCP-005", "in the middle of C-STORE 1"),
]
SILENT = [
    "association_per_image",
    "echo_ok",
    "find_failure_and_cancel",
    "find_manufacturer",
    "ipv6_any_interface",
    "jpeg_accepted",
    "slow_client",
    "slow_link",
    "slow_nagle",
    "slow_server",
    "store_failures",
    "store_series/capture.pcapng",
    "store_warning_b000",
    "workflow_mwl_mpps_commit",
    "edge/e01_ct.pcap",
    "edge/e10_zero_last.pcap",
    "edge/e13_ooo.pcap",
]
SEVERITIES = [
    ("no_release", "DS-TCP-005", "warning"),
    ("scp_dies", "DS-TCP-005", "error"),
    ("user_identity", "DS-SEC-002", "warning"),
    ("huge_association_request", "DS-ASSOC-018", "warning"),
    ("edge/e27_two_assoc.pcap", "DS-ASSOC-013", "warning"),
]


def flat(findings: tuple[Finding, ...]) -> list[Finding]:
    return [one for f in findings for one in (f, *flat(f.children))]


@cache
def told(name: str) -> list[Finding]:
    path = CAPTURES / name if "." in name else CAPTURES / name / "capture.pcap"
    if not path.exists():
        pytest.skip(f"{path.name} of {path.parent.name} is not here")
    analysis = dicomsniff.analyze(path)
    assert not [c for c in analysis.checks if c.verdict == "error"]
    return [f for f in flat(analysis.findings) if f.rule.startswith(FAMILIES)]


@pytest.mark.parametrize(("name", "rule", "words"), TOLD)
def test_what_the_user_must_be_told_is_told(name: str, rule: str, words: str) -> None:
    assert [f for f in told(name) if f.rule == rule and words in f.message], [f.message for f in told(name)]


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said_of_connections_that_were_well(name: str) -> None:
    assert [(f.rule, f.message) for f in told(name) if f.severity in ("error", "warning")] == []


@pytest.mark.parametrize(("name", "rule", "severity"), SEVERITIES)
def test_the_severity_is_what_happened(name: str, rule: str, severity: str) -> None:
    assert severity in [f.severity for f in told(name) if f.rule == rule]


def test_nothing_contradictory_is_said_of_three_different_failures() -> None:
    assert [f.rule for f in told("refused_and_silent")] == ["DS-TCP-001", "DS-TCP-002", "DS-ASSOC-006", "DS-CAP-006"]


def test_every_finding_names_packets_and_a_filter() -> None:
    names = {name for name, _, _ in TOLD}
    assert not [f for name in names for f in told(name) if not f.packets or not f.display_filter]
