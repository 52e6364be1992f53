"""How a site's wishes reach a live analysis, and the reports of its end."""

import json
from pathlib import Path

import pytest

from dicomsniff.live.judging import final_report, judging, write_reports
from tests.live.replaying import replay


def test_rules_are_chosen_as_for_files(failing: Path) -> None:
    heard, ending = replay(failing, judge=judging(["DS-STORE"], ["DS-STORE-003"]))
    assert {row["rule"] for row in heard.findings} == {"DS-STORE-001"}
    assert all(check.rule.startswith("DS-STORE") for check in ending.judgement.checks)
    with pytest.raises(ValueError, match="no rule is called"):
        replay(failing, judge=judging(["DS-NOPE"], []))


def test_the_end_is_written_as_json_and_html(failing: Path, tmp_path: Path) -> None:
    _, ending = replay(failing)
    write_reports(ending, str(tmp_path / "r.json"), str(tmp_path / "r.html"), redact=True)
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["summary"]["associations"] == 1 and final_report(ending, True).summary == report["summary"]
    assert "DS-STORE-001" in (tmp_path / "r.html").read_text()
    write_reports(ending, None, None, redact=True)
