"""The report as a whole: every name of the contract, ranked findings, rows made one at a time."""

from typing import Any

import pytest

from dicomsniff.report.rows import build_report
from dicomsniff.rules.finding import Severity
from tests.report.forged import finding, healthy_traffic, json_of, many_exchanges, report_of, rich_traffic

CONTRACT = {
    "captures": "path format packets bytes first_time last_time truncated_packets link_types notes",
    "connections": "id tcp_stream initiator responder opened closed kind first_time last_time first_packet last_packet"
    " rtt_ms to_responder to_initiator associations",
    "associations": "id connection calling_ae called_ae requestor acceptor outcome reject abort first_time last_time"
    " duration_ms first_packet last_packet contexts roles extended user_identity async_window blind exchanges",
    "exchanges": "id association context service message_id requested_by sop_class sop_class_name sop_instance"
    " request_time request_packets dataset_bytes responses pending status status_class status_text error_comment"
    " suboperations first_response_ms duration_ms outcome move_destination move_originator parent children time",
    "retrievals": "exchange association service move_destination stores deliveries forwarded",
    "objects": "exchange sop_class sop_instance transfer_syntax dataset_bytes complete missing_bytes sha256",
    "studies": "study_instance_uid accession_numbers patient_ids modalities first_time last_time instances sent success"
    " warning unknown failure nothing retried committed not_committed commitment_pending named_but_not_sent worklist"
    " procedure_steps deliveries series commitments",
    "findings": "rule name severity title message connection association exchange packets time display_filter causes"
    " fix references facts",
    "checks": "rule verdict count",
}


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    return json_of(report_of(rich_traffic(), [finding()]))


@pytest.mark.parametrize("section", CONTRACT)
def test_every_row_has_every_name_of_the_contract(written: dict[str, Any], section: str) -> None:
    assert written[section]
    for row in written[section]:
        assert set(CONTRACT[section].split()) <= set(row)


def test_schema_and_version_are_named(written: dict[str, Any]) -> None:
    assert (written["schema"], written["schema_version"]) == ("dicomsniff-report", 1)
    assert written["tool"] == {"name": "dicomsniff", "version": "1.2.3"}


def test_ids_are_positions_from_one(written: dict[str, Any]) -> None:
    for section in ("connections", "associations", "exchanges"):
        assert [row["id"] for row in written[section]] == list(range(1, len(written[section]) + 1))


def test_findings_are_ranked_by_severity_and_otherwise_stay_in_order() -> None:
    severities = (Severity.NOTE, Severity.ERROR, Severity.INFO, Severity.WARNING, Severity.ERROR)
    findings = [finding(str(position), severity) for position, severity in enumerate(severities)]
    report = build_report(healthy_traffic(), findings, (), redact=True, version="1")
    assert [row["message"] for row in report.findings] == ["1", "4", "3", "0", "2"]


def test_sections_can_be_read_twice_and_by_position() -> None:
    report = report_of(many_exchanges(10))
    assert list(report.exchanges) == list(report.exchanges)
    assert len(report.exchanges) == 10
    assert report.exchanges[6]["id"] == 7
