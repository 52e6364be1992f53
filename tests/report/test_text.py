"""The terminal summary: verdict first, findings short, associations bounded, nothing wider than asked."""

from dataclasses import replace

import pytest

from dicomsniff.association.values import Outcome
from dicomsniff.capture.points import Point
from dicomsniff.report import summary_lines
from dicomsniff.report.text import MESSAGE_LINES, REMEDY_LINES
from dicomsniff.rules.finding import Severity
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, healthy_traffic, report_of, rich_traffic, text_of


def test_the_verdict_is_the_first_line() -> None:
    assert (
        text_of(report_of(healthy_traffic()))[0] == "✔ Nothing is wrong: both objects from CT01 to PACS arrived intact."
    )
    first = next(summary_lines(report_of(rich_traffic(), [finding()])))
    assert first[0].style == "error bold"
    assert first[0].text.startswith("✖ 2 of 3 associations")


@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_no_line_is_wider_than_asked(width: int) -> None:
    findings = [finding("word " * length, fix="do this " * length, actor="PACS") for length in (1, 12, 40, 100)]
    lines = text_of(report_of(rich_traffic(), findings), width)
    assert max(map(len, lines)) <= width


def test_a_finding_is_read_whole_unless_it_is_very_long_and_names_its_proof() -> None:
    for words in (1, 20, 200):
        lines = text_of(report_of(healthy_traffic(), [finding("word " * words)]), 80)
        start = lines.index("Findings") + 1
        block = lines[start : lines.index("", start)]
        assert len(block) <= MESSAGE_LINES + REMEDY_LINES + 1
        assert ("…" in "".join(block)) == (words == 200)
        assert block[0].startswith("ERROR")
        assert block[-1].endswith("packets 4, 6 · DS-ASSOC-001")


def test_who_must_act_and_the_fix_are_said() -> None:
    lines = text_of(report_of(healthy_traffic(), [finding("short")]))
    assert "         → the calling side: Correct the title." in lines


def test_many_findings_are_cut_and_counted() -> None:
    lines = text_of(report_of(healthy_traffic(), [finding("f", Severity.NOTE) for _ in range(20)]))
    assert sum(line.startswith("NOTE") for line in lines) == 15
    assert "… and 5 more findings in the full report, or with -v" in lines


def test_what_only_informs_is_counted_unless_all_is_asked_for() -> None:
    report = report_of(healthy_traffic(), [finding("f", Severity.NOTE), finding("g", Severity.INFO)])
    assert "… and 1 more finding that only inform in the full report, or with -v" not in (lines := text_of(report))
    assert sum(line.startswith(("NOTE", "INFO")) for line in lines) == 1
    assert any(line.startswith("… and 1 more finding") for line in lines)
    every = ["".join(segment.text for segment in line) for line in summary_lines(report, verbose=True)]
    assert sum(line.startswith(("NOTE", "INFO")) for line in every) == 2


def test_many_associations_show_the_failed_ones_and_count_the_rest() -> None:
    forge = TrafficForge()
    for number in range(1, 61):
        forge.association(called=f"AE{number}", outcome=Outcome.REJECTED if number == 57 else Outcome.RELEASED)
    lines = text_of(report_of(forge.traffic()))
    assert any("AE57" in line and "rejected" in line for line in lines)
    assert sum("CT01 → AE" in line for line in lines) == 40
    assert lines[-1].startswith("… and 20 more associations")


def test_long_uids_are_shortened_and_short_ones_stay() -> None:
    uid = "1.2.826.0.1.3680043.8.498.25796117325370716545442463302887339370"
    text = " ".join(text_of(report_of(healthy_traffic(), [finding(f"{uid} and 1.2.840.10008.5.1.4.1.1.2 failed")])))
    assert "1.2.826.0.1.…87339370 and 1.2.840.10008.5.1.4.1.1.2 failed" in text


def test_a_long_path_keeps_its_end() -> None:
    forge = TrafficForge().capture(path="/very/long" * 20 + "/field.pcap")
    line = next(line for line in text_of(report_of(forge.traffic()), 80) if "field.pcap" in line)
    assert line.startswith("  …")
    assert line.endswith("UTC")


def test_control_characters_never_reach_the_terminal() -> None:
    forge = TrafficForge().capture(path="a\x1b]0;x\x07.pcap")
    forge.association(calling="A\x1b[2JB")
    hostile = finding("say \x1b[31mred\u202e", fix="\x9b1m", actor="\x07")
    text = "".join(text_of(report_of(forge.traffic(), [hostile])))
    assert all(character.isprintable() for character in text)
    assert "A[2JB" in text


def test_a_file_of_another_point_is_shown_with_its_clock() -> None:
    traffic = healthy_traffic()
    [first] = traffic.captures
    second = replace(first, point=Point(2, -10_800_000_000_000, uncertainty_ns=2_000_000, delay_ns=2_000_000, common=9))
    third = replace(first, point=Point(3))
    report = report_of(replace(traffic, captures=(first, second, third)))
    text = "\n".join("".join(segment.text for segment in line) for line in summary_lines(report))
    assert "captured at point 2, its clock 3 h 0 min behind ± 2.00 ms" in text
    assert "captured at point 3" in text and "captured at point 1" not in text
    assert report.captures[1]["clock"]["ahead_ms"] == -10_800_000.0
    assert report.captures[0]["clock"] is None
