"""Events: the rows of the report, in the order of what happened, under ids that last."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from dicomsniff.live.events import CLOSED, EXCHANGE, FINDING, OPENED
from dicomsniff.report import schema_text
from tests.live.replaying import replay


def test_an_association_is_opened_has_exchanges_and_is_closed(failing: Path) -> None:
    heard, _ = replay(failing, 300)
    kinds = [event.kind for event in heard.events if event.kind != FINDING]
    assert kinds == [OPENED, EXCHANGE, EXCHANGE, CLOSED]
    assert heard.rows(CLOSED)[0]["exchanges"] == [row["id"] for row in heard.rows(EXCHANGE)] == [1, 2]
    assert heard.rows(OPENED)[0]["outcome"] == "open" and heard.rows(CLOSED)[0]["outcome"] == "released"


def test_rows_have_the_fields_of_the_report(failing: Path) -> None:
    schema = json.loads(schema_text())
    heard, _ = replay(failing, 300)
    for kind, section in (
        (OPENED, "associations"),
        (CLOSED, "associations"),
        (EXCHANGE, "exchanges"),
        (FINDING, "findings"),
    ):
        rows = schema | {"properties": {"rows": schema["properties"][section]}, "required": ["rows"]}
        Draft202012Validator(rows).validate({"rows": json.loads(json.dumps(heard.rows(kind)))})
    line = heard.events[0].line()
    assert next(iter(line)) == "event" and line["event"] == OPENED


def test_findings_name_what_events_named(failing: Path) -> None:
    heard, _ = replay(failing, 300)
    known = {row["id"] for row in heard.rows(EXCHANGE)}
    assert all(row["exchange"] in known for row in heard.findings if row["exchange"] is not None)
    assert any(row["rule"] == "DS-STORE-001" for row in heard.findings)
