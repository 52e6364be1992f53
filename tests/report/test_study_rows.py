"""The ledger as rows: what was joined, counted once, and masked."""

import json
import re
from typing import Any

import jsonschema

from dicomsniff.association.joining import join_workflow
from dicomsniff.association.values import Traffic
from dicomsniff.report import schema_text
from dicomsniff.report.html import render_html
from dicomsniff.report.text import summary_lines
from tests.captures import real
from tests.forge.workflow import Day, scheduled
from tests.report.forged import json_of, report_of

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))


def _day() -> Traffic:
    day = Day()
    day.worklist(scheduled(PatientID="SECRET7"))
    day.create(PatientID="SECRET7")
    association = day.stores("1.1", "1.2", PatientID="SECRET7", AccessionNumber="A1")
    day.store(association, "1.5", 5, 0xA700, PatientID="SECRET7")
    day.store(association, "1.5", 5, None, PatientID="SECRET7")
    day.set(images=["1.1", "1.2", "1.9"])
    day.request("1.1", "1.2", "1.5")
    day.result(["1.1"], ["1.2"])
    day.request("8.8", transaction="9.9")
    return join_workflow(day.traffic())


def _rows(redact: bool = True) -> list[dict[str, Any]]:
    written = json_of(report_of(_day(), redact=redact))
    VALIDATOR.validate(written)
    rows: list[dict[str, Any]] = written["studies"]
    return rows


def test_counts_are_of_instances() -> None:
    study, loose = _rows()
    counts = {name: study[name] for name in ("sent", "success", "failure", "nothing", "retried")}
    assert counts == {"sent": 3, "success": 2, "failure": 1, "nothing": 0, "retried": 1}
    assert (study["committed"], study["not_committed"], study["commitment_pending"]) == (1, 1, 1)
    assert study["named_but_not_sent_instances"] == ["1.9"]
    assert (loose["study_instance_uid"], loose["sent"], loose["commitment_pending"]) == (None, 0, 1)


def test_everything_names_its_exchanges() -> None:
    study, _ = _rows()
    [item], [step], [commitment] = study["worklist"], study["procedure_steps"], study["commitments"]
    assert (item["exchange"], item["match"], step["creates"], step["sets"], step["status"]) == (
        1,
        1,
        [2],
        [7],
        "COMPLETED",
    )
    assert (commitment["request"], [result["exchange"] for result in commitment["results"]]) == (8, [9])
    assert commitment["results"][0]["failures"][0]["text"] == "No such object instance"


def test_what_names_a_patient_is_masked_unless_told_otherwise() -> None:
    masked, plain = _rows()[0], _rows(redact=False)[0]
    assert all(re.fullmatch("•••([a-z0-9]{7})?", one) for one in masked["patient_ids"] + masked["accession_numbers"])
    assert (plain["patient_ids"], plain["accession_numbers"]) == (["SECRET7"], ["A1"])
    assert "SECRET7" not in json.dumps(masked)


def test_the_page_shows_the_ledger_without_script_and_masked() -> None:
    page = render_html(report_of(_day()))
    assert 'id="studies"' in page.partition("<script")[0] and "SECRET7" not in page
    assert "3 objects sent: 2 stored, 1 refused; 1 sent more than once; 1 committed; 1 not committed" in page
    assert "1 object is named by a commitment request or a procedure step" in page
    assert "SECRET7" in render_html(report_of(_day(), redact=False))


def test_the_terminal_has_one_line_of_it() -> None:
    text = ["".join(segment.text for segment in line) for line in summary_lines(report_of(_day()), 120)]
    [line] = [line for line in text if "objects sent:" in line]
    assert line.strip().startswith("2 studies · 3 objects sent: 2 stored, 1 refused; 1 sent more than once")


@real.here
def test_the_real_workflow_is_one_study_with_everything_joined() -> None:
    written = json_of(real.analysis("workflow_mwl_mpps_commit").report())
    VALIDATOR.validate(written)
    [study] = written["studies"]
    assert (study["sent"], study["success"], study["committed"], study["not_committed"]) == (3, 3, 3, 0)
    [commitment] = study["commitments"]
    assert (commitment["request"], commitment["results"][0]["exchange"]) == (7, 8)
    assert [step["same_patient"] for step in study["procedure_steps"]] == [False]
