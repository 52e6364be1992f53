"""The verdict in words: failures counted and quoted, health said plainly, blindness never called health."""

from typing import Any

from dicomsniff.association.values import Blind, Kind, Outcome, Traffic
from dicomsniff.rules.finding import Check, Finding, Severity, Side, Verdict
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, healthy_traffic, report_of, rich_traffic


def verdict(traffic: Traffic, *findings: Finding) -> dict[str, Any]:
    return report_of(traffic, findings, checks=(Check("DS-PERF-001", Verdict.CLEAR, 1),)).verdict


def test_healthy_traffic_is_called_so() -> None:
    made = verdict(healthy_traffic())
    assert made["level"] == "ok"
    assert made["headline"] == "Nothing is wrong: both objects from CT01 to PACS arrived intact."
    assert made["sentences"] == ["1 association, 2 operations and 2 objects sent, no error and no warning."]


def test_one_failure_is_counted_quoted_and_addressed() -> None:
    forge = TrafficForge()
    forge.association()
    forge.association()
    made = verdict(forge.traffic(), finding("PACS does not know the title PACZ", act=Side.REQUESTOR))
    assert made["level"] == "error"
    assert made["headline"] == "1 of 2 associations from CT01 to PACS failed: PACS does not know the title PACZ."
    assert made["sentences"] == ["Correct the title.", "To act: the calling side."]
    assert (made["cause"], made["action"], made["actor"]) == (
        "PACS does not know the title PACZ", "Correct the title.", "the calling side",
    )  # fmt: skip


def test_failures_of_every_kind_are_counted_together() -> None:
    worst, other = finding("first", actor="PACS"), finding("second", exchange=3)
    made = verdict(rich_traffic(), finding("mild", Severity.WARNING), worst, other)
    assert made["headline"] == "2 of 3 associations from CT01 to PACS failed; 1 of them: first."
    assert made["sentences"] == [
        "Correct the title.",
        "To act: PACS.",
        "In all, 2 of 3 associations, 1 of 5 operations and 1 of 5 TCP connections failed.",
        "1 more error and 1 warning below.",
    ]


def test_a_cause_speaks_before_what_only_tells_how_it_ended() -> None:
    symptom, cause = finding("CT aborted", rule="DS-ASSOC-007"), finding("PACS takes no JPEG", rule="DS-PC-003")
    assert verdict(rich_traffic(), symptom, cause)["cause"] == "PACS takes no JPEG"
    assert verdict(rich_traffic(), symptom)["cause"] == "CT aborted"
    milder = finding("PACS takes no JPEG", Severity.WARNING, rule="DS-PC-003")
    assert verdict(rich_traffic(), symptom, milder)["cause"] == "CT aborted"


def test_only_the_first_sentence_of_a_finding_is_quoted() -> None:
    made = verdict(
        healthy_traffic(), finding("PACS (10.0.0.2:104) refused v1.2. It answered 0xA700.", act=Side.UNKNOWN)
    )
    assert made["headline"] == "The only association from CT01 to PACS failed: PACS refused v1.2."
    assert made["sentences"] == ["Correct the title."]


def test_an_operation_that_was_never_answered_is_a_failed_one() -> None:
    made = verdict(healthy_traffic(), finding(exchange=2))
    assert made["headline"] == "1 of 2 transfers from CT01 to PACS failed: PACS refused."


def test_an_error_without_a_failed_subject_is_still_a_fault() -> None:
    made = verdict(healthy_traffic(), finding(association=None, connection=None))
    assert made["headline"] == "1 fault was found. PACS refused."


def test_a_failed_connection_that_is_counted_nowhere_leaves_no_sentence_unfinished() -> None:
    forge = TrafficForge()
    line = forge.connection(kind=Kind.TLS)
    made = verdict(forge.traffic(), finding("TLS failed", association=None, connection=line, rule="DS-SEC-005"))
    assert made["headline"].endswith("failed: TLS failed.")
    assert made["sentences"] == ["Correct the title.", "To act: the calling side."]


def test_warnings_alone_are_no_failure() -> None:
    made = verdict(healthy_traffic(), finding("slow", Severity.WARNING, act=Side.UNKNOWN))
    assert (made["level"], made["headline"]) == (
        "warning", "Both objects from CT01 to PACS arrived intact, but 1 thing needs attention: slow.",
    )  # fmt: skip
    assert made["sentences"] == ["Correct the title."]


def test_a_capture_with_holes_is_not_called_healthy() -> None:
    forge = TrafficForge().capture(dropped=12, truncated_packets=1, cut=True)
    forge.connection(to_responder={"lost_bytes": 5000})
    forge.association(1, blind=(Blind.HOLE_TO_ACCEPTOR,))
    made = verdict(forge.traffic())
    assert made["level"] == "blind"
    assert made["headline"] == "Nothing wrong was seen, but the capture is incomplete."
    assert made["sentences"][-1] == (
        "The capture does not show everything: the capturing tool dropped 12 packets, 1 packet was cut short by the snap"
        " length, 5.0 kB of the streams are missing, the file ends in the middle of a packet and 1 association was not"
        " seen whole. What it does not show is not judged."
    )


def test_a_failure_stays_one_although_the_capture_has_holes() -> None:
    forge = TrafficForge().capture(dropped=1)
    forge.association()
    made = verdict(forge.traffic(), finding())
    assert made["level"] == "error"
    assert "does not show everything" in made["sentences"][-1]


def test_an_empty_capture_is_not_healthy() -> None:
    assert verdict(TrafficForge().traffic())["level"] == "empty"
    assert verdict(TrafficForge().traffic())["headline"] == "The capture holds no packets."


def test_traffic_without_dicom_is_not_healthy() -> None:
    forge = TrafficForge()
    forge.connection(kind=Kind.OTHER)
    made = verdict(forge.traffic())
    assert (made["level"], made["headline"]) == ("empty", "No DICOM association was found in this capture.")
    assert "1 TCP connection" in made["sentences"][0]


def test_packets_of_an_unknown_link_layer_are_not_called_captured_at_the_wrong_place() -> None:
    traffic = TrafficForge().capture(packets=40, unreadable=40, link_types=(220,)).traffic()
    made = verdict(traffic)
    assert made["level"] == "empty"
    assert made["sentences"] == [
        "40 packets have a link layer (type 220) that dicomsniff cannot read: capture on another interface."
    ]
    few = TrafficForge().capture(packets=40, unreadable=2).traffic()
    assert "at the right place" in verdict(few)["sentences"][0]


def test_an_abort_with_nothing_outstanding_is_neither_failure_nor_success() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.ABORTED)
    made = verdict(forge.traffic(), finding("aborted when idle", Severity.WARNING))
    assert made["headline"] == "No operation failed, but 1 thing needs attention: aborted when idle."


def test_a_failure_that_no_rule_explains_is_not_called_healthy() -> None:
    forge = TrafficForge()
    forge.association(outcome=Outcome.REJECTED)
    made = verdict(forge.traffic())
    assert (made["level"], made["headline"]) == ("warning", "The only association failed.")
    assert made["sentences"] == ["No rule that was run says why."]


def test_healthy_does_not_mean_fast_where_no_rule_judged_speed() -> None:
    made = report_of(healthy_traffic(), checks=()).verdict
    assert made["sentences"][-1] == "How fast it went was not judged."
