"""Findings and checks as rows: children below them, incomplete evidence said."""

from dicomsniff.report.finding_rows import check_row, finding_row
from dicomsniff.report.redaction import Redaction
from tests.report.forged import CHECKS, finding


def test_a_finding_is_told_with_actor_count_and_time() -> None:
    row = finding_row(finding(actor="PACS (10.0.0.2:104)", count=3), Redaction(True))
    assert (row["act"], row["actor"], row["count"]) == ("requestor", "PACS (10.0.0.2:104)", 3)
    assert row["time"] == "2023-11-14T22:13:20.123456789Z"
    assert row["packets"] == [4, 6]
    assert row["references"] == ["PS3.8 §9.3.4"]


def test_children_stand_below_their_finding() -> None:
    row = finding_row(finding(children=(finding("follows"),)), Redaction(True))
    assert [child["message"] for child in row["children"]] == ["follows"]


def test_evidence_with_holes_is_marked() -> None:
    marked = finding_row(finding(facts={"incomplete_evidence": True}), Redaction(True))
    assert marked["incomplete_evidence"] is True
    assert finding_row(finding(), Redaction(True))["incomplete_evidence"] is False


def test_a_check_says_why_it_could_not_tell() -> None:
    redaction = Redaction(True)
    assert check_row(CHECKS[2], redaction) == {
        "rule": "DS-DIMSE-001",
        "verdict": "inconclusive",
        "count": 2,
        "reasons": [f"the capture ended while {redaction.pseudonym('Doe')} waited"],
    }
