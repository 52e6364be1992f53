"""The JSON Schema: forged reports fulfil it, and a report that lacks any one name of the contract does not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from dicomsniff.report import schema_text
from tests.report.forged import finding, healthy_traffic, json_of, many_exchanges, report_of, rich_traffic
from tests.report.test_rows import CONTRACT

SCHEMA = json.loads(schema_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

NESTED = {
    "summary": "connections associations released rejected aborted exchanges failed_exchanges objects findings",
    "summary findings": "error warning note info",
    "connections 0 initiator": "ip port",
    "connections 0 to_responder": "packets bytes retransmitted_bytes out_of_order lost_bytes zero_window_ms",
    "connections 0 to_initiator": "packets bytes retransmitted_bytes out_of_order lost_bytes zero_window_ms",
    "associations 1 requestor": "ip port implementation_class_uid implementation_version max_pdu_length",
    "associations 1 acceptor": "ip port implementation_class_uid implementation_version max_pdu_length",
    "associations 0 reject": "result source reason text",
    "associations 2 abort": "by source reason text",
    "associations 1 contexts 0": "id abstract_syntax abstract_syntax_name proposed result result_code transfer_syntax"
    " exchanges",
    "exchanges 0 suboperations": "remaining completed failed warning",
    "exchanges 0 time": "think transfer queue server round_trip response transfer_parts server_min server_max"
    " confidence",
    "exchanges 0 time transfer_parts": "wire loss zero_window receive_window nagle congestion sender",
}
REQUIRED = [
    *(("", name) for name in ("schema", "schema_version", "summary", *CONTRACT)),
    *((f"{section} 0", name) for section, names in CONTRACT.items() for name in names.split()),
    *((path, name) for path, names in NESTED.items() for name in names.split()),
]
WRITTEN = json_of(report_of(rich_traffic(), [finding(children=(finding(),))]))


def at(document: Any, path: str) -> Any:
    for step in path.split():
        document = document[int(step) if step.isdigit() else step]
    return document


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("make", [rich_traffic, healthy_traffic, lambda: many_exchanges(20)])
@pytest.mark.parametrize("redact", [True, False])
def test_forged_reports_fulfil_the_schema(make: Callable[[], Any], redact: bool) -> None:
    VALIDATOR.validate(json_of(report_of(make(), [finding()], redact=redact)))


@pytest.mark.parametrize(("path", "name"), REQUIRED)
def test_a_report_that_lacks_a_name_is_refused(path: str, name: str) -> None:
    document = copy.deepcopy(WRITTEN)
    del at(document, path)[name]
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(document)


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("", "schema_version", 2),
        ("associations 0", "outcome", "exploded"),
        ("associations 0", "blind", ["eye"]),
        ("connections 0", "opened", "sesame"),
        ("connections 0", "kind", "hl7"),
        ("connections 0", "first_time", "2026-01-02 03:04:05"),
        ("connections 0", "id", 0),
        ("exchanges 0", "status", "B000"),
        ("exchanges 0", "request_packets", [1]),
        ("exchanges 0", "outcome", "open"),
        ("findings 0", "severity", "fatal"),
        ("findings 0 children 0", "severity", "fatal"),
        ("checks 0", "verdict", "pass"),
        ("objects 0", "sha256", "abc"),
    ],
)
def test_a_value_outside_the_contract_is_refused(path: str, name: str, value: Any) -> None:
    document = copy.deepcopy(WRITTEN)
    assert name in at(document, path)
    at(document, path)[name] = value
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(document)
