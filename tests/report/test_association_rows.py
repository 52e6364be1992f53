"""Associations: both sides, contexts with names, how it ended and by whom."""

from dataclasses import replace
from typing import Any

from dicomsniff.association.timing import timing
from dicomsniff.association.values import Blind, Outcome
from dicomsniff.core import AnomalyCode
from dicomsniff.report.association_rows import association_row
from dicomsniff.report.redaction import Redaction
from tests.forge.traffic import CT, JPEG_LOSSLESS, TrafficForge
from tests.report.forged import rich_traffic


def rows() -> list[dict[str, Any]]:
    traffic = rich_traffic()
    return [association_row(association, Redaction(True), timing(traffic)) for association in traffic.associations]


def test_both_sides_are_told_with_what_they_said_of_themselves() -> None:
    row = rows()[1]
    assert row["requestor"] == {
        "ip": "10.0.0.1",
        "port": 40000,
        "implementation_class_uid": "1.2.276.0.1",
        "implementation_version": "SENDER_1",
        "max_pdu_length": 16384,
    }
    assert row["acceptor"]["implementation_class_uid"] is None
    assert row["acceptor"]["max_pdu_length"] == 0


def test_a_rejection_is_told_in_numbers_and_words() -> None:
    row = rows()[0]
    assert (row["outcome"], row["abort"], row["release"]) == ("rejected", None, None)
    assert [row["reject"][name] for name in ("result", "source", "reason")] == [1, 1, 7]
    assert "called-AE-title-not-recognized" in row["reject"]["text"]
    assert row["acceptor"]["max_pdu_length"] is None


def test_an_abort_names_the_side_that_sent_it() -> None:
    row = rows()[2]
    assert row["outcome"] == "aborted"
    assert [row["abort"][name] for name in ("by", "source", "reason")] == ["acceptor", 2, 1]


def test_a_release_names_the_side_that_asked() -> None:
    release = rows()[1]["release"]
    assert release["by"] == "requestor"
    assert release["response_packet"] == release["request_packet"] + 1


def test_contexts_are_told_with_names_and_use() -> None:
    first, second, _ = rows()[1]["contexts"]
    assert (first["abstract_syntax"], first["abstract_syntax_name"]) == (CT, "CT Image Storage")
    assert (first["result"], first["transfer_syntax"], first["exchanges"]) == ("accepted", JPEG_LOSSLESS, 2)
    assert second["result"] == "abstract-syntax-not-supported"
    assert (second["result_code"], second["transfer_syntax"], second["transfer_syntax_name"]) == (3, None, None)


def test_exchanges_are_ids_and_those_that_failed_are_named() -> None:
    assert rows()[1]["exchanges"] == [1, 2, 3]
    assert rows()[1]["failed_exchanges"] == [3]
    assert rows()[2]["failed_exchanges"] == [5]


def test_an_association_whose_request_was_not_seen_has_nulls_not_guesses() -> None:
    forge = TrafficForge()
    forge.association(request=None, accept=None, outcome=Outcome.OPEN, blind=(Blind.REQUEST, Blind.END))
    traffic = forge.traffic()
    row = association_row(traffic.associations[0], Redaction(True), timing(traffic))
    assert (row["calling_ae"], row["called_ae"], row["requestor"]["max_pdu_length"]) == (None, None, None)
    assert row["blind"] == ["end", "request"]
    assert row["closed_by"] is None


def test_oddities_are_told_up_to_a_limit() -> None:
    forge = TrafficForge()
    number = forge.association()
    for _ in range(60):
        forge.anomaly(number, AnomalyCode.PDV_ODD_LENGTH, "fragment of 7 bytes")
    traffic = forge.traffic()
    row = association_row(traffic.associations[0], Redaction(True), timing(traffic))
    assert len(row["anomalies"]) == 50
    assert row["anomalies"][0]["code"] == "pdv-odd-length"


def test_what_was_concluded_is_told_with_its_confidence_and_what_may_be_unseen_is_no_failure() -> None:
    forge = TrafficForge()
    number = forge.association(request=None, accept=None, outcome=Outcome.OPEN, blind=(Blind.REQUEST, Blind.END))
    forge.exchange(number, "C-STORE", sent_bytes=400)
    traffic = forge.traffic()
    shown = replace(
        traffic.associations[0].contexts[0],
        inferred=True,
        confidence="low",
        transfer_syntax=JPEG_LOSSLESS,
        seen_classes=(CT,),
    )
    traffic.exchanges[0].unseen = True
    row = association_row(replace(traffic.associations[0], contexts=(shown,)), Redaction(True), timing(traffic))
    [context] = row["contexts"]
    assert (context["inferred"], context["confidence"], context["seen_class_names"]) == (
        True,
        "low",
        ["CT Image Storage"],
    )
    assert row["failed_exchanges"] == []
