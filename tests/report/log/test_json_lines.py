"""The log as JSON values."""

from pathlib import Path

from tests.captures import real
from tests.cli.running import dialogue
from tests.report.log.logged import values_of


@real.here
def test_sequences_hold_their_items_and_items_their_elements() -> None:
    values = values_of(real.capture("workflow_mwl_mpps_commit"), services=frozenset({"C-FIND"}))
    answers = [v["data_set"]["elements"] for v in values if v.get("status_class") == "pending"]
    assert len(answers) == 3
    for number, elements in enumerate(answers):
        assert [e["keyword"] for e in elements] == [
            "AccessionNumber", "PatientName", "PatientID", "ScheduledProcedureStepSequence",
        ]  # fmt: skip
        [item] = elements[3]["items"]
        assert [(e["tag"], e["value"]) for e in item][-1] == ("(0040,0009)", f"SPS{number}")
        assert elements[1]["value"] == f"WORK^LIST{number}"


def test_a_message_is_told_with_its_command_status_and_data_set(tmp_path: Path) -> None:
    values = values_of(dialogue(0xA700).save(tmp_path / "c.pcap"), masked=True)
    assert [v["type"] for v in values] == ["association", "pdu", "pdu", "message", "message", "pdu", "pdu", "end"]
    request, answer = values[3:5]
    assert {e["keyword"]: e["value"] for e in request["command"]}["CommandField"] == "1"
    patient = next(e for e in request["data_set"]["elements"] if e["keyword"] == "PatientID")
    assert patient["value"].startswith("•••") and "4711" not in patient["value"]
    assert (answer["status"], answer["status_class"], answer["from"]) == ("0xA700", "failure", "acceptor")
    assert "resources" in answer["status_text"].lower()


def test_pdus_are_told_with_their_values(tmp_path: Path) -> None:
    values = values_of(dialogue(0).save(tmp_path / "c.pcap"), level="pdu")
    data = [v for v in values if v.get("pdu") == "P-DATA-TF"]
    assert [v["values"][0]["kind"] for v in data] == ["command", "data", "command"]
    assert all(v["values"][0]["last"] and v["values"][0]["missing"] == 0 for v in data)
