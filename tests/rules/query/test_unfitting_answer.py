"""DS-FIND-004: matches that do not fit."""

from dataclasses import replace
from typing import Any

import pytest

from dicomsniff.dimse.identifier import identifier_values
from dicomsniff.rules.query.unfitting_answer import RULE
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.dialogue import data_set
from tests.forge.traffic import IMPLICIT
from tests.rules.applying import doubts, hits, is_quiet, only
from tests.rules.query.asked import asked

LEVEL = {"QueryRetrieveLevel": "STUDY"}


@pytest.mark.parametrize(
    ("keyword", "value", "other", "severity"),
    [
        ("StudyInstanceUID", "1.2.3", "1.2.4", "warning"),
        ("StudyDate", "20240101", "20240102", "warning"),
        ("PatientID", "P1", "P2", "note"),
    ],
)
def test_fires_for_a_record_that_contradicts_its_key(keyword: str, value: str, other: str, severity: str) -> None:
    hit = only(RULE, asked({**LEVEL, keyword: value}, {**LEVEL, keyword: value}, {**LEVEL, keyword: other}))
    assert f"returned 1 record of 2 looked at that do not match {keyword}='" in hit.message
    assert (hit.severity, hit.act) == (severity, "acceptor")


def test_fires_for_records_of_another_level() -> None:
    hit = only(RULE, asked({**LEVEL, "PatientID": "P"}, {"QueryRetrieveLevel": "SERIES", "PatientID": "P"}))
    assert "answered a query at level STUDY with records of level SERIES" in hit.message


def test_fires_for_keys_that_no_record_has_and_for_a_final_identifier() -> None:
    hit = only(RULE, asked({**LEVEL, "PatientID": "", "StudyID": ""}, {"PatientID": "1"}))
    assert "returned no StudyID although asked for" in hit.message and hit.severity == "note"
    hit = only(RULE, asked({**LEVEL}, {**LEVEL}, final_has_data=True))
    assert "sent an identifier with its final response" in hit.message


def test_a_key_may_stand_in_what_was_not_captured_of_a_record() -> None:
    keys = {**LEVEL, "PatientID": "", "StudyID": ""}
    whole = asked(keys, {"PatientID": "1"})
    [exchange] = whole.exchanges
    cut = replace(exchange.answers[0], complete=False, sha256=None)
    assert hits(RULE, replace(whole, exchanges=(replace(exchange, answers=[cut]),))) == []


@pytest.mark.parametrize(
    ("key", "match"),
    [
        ({"PatientID": "p1"}, {"PatientID": "P1"}),
        ({"PatientID": "P*"}, {"PatientID": "P1"}),
        ({"PatientID": "007"}, {"PatientID": "7"}),
        ({"PatientID": "P1"}, {"PatientID": "P2", "OtherPatientIDs": "P1"}),
        ({"StudyInstanceUID": ["1.2", "1.3"]}, {"StudyInstanceUID": "1.3"}),
        ({"StudyDate": "20240101-20240131"}, {"StudyDate": "20240115"}),
        ({"PatientName": "SMITH"}, {"PatientName": "SMYTH"}),
        ({"ModalitiesInStudy": "CT"}, {"ModalitiesInStudy": ["MR", "CT"]}),
        ({"StudyDate": "20240101"}, {"StudyDate": ""}),
        (
            {"SOPClassesInStudy": "1.2.840.10008.5.1.4.1.1.2"},
            {"SOPClassesInStudy": ["1.2.3", "1.2.840.10008.5.1.4.1.1.2"]},
        ),
    ],
)
def test_is_quiet_about_what_servers_may_do(key: dict[str, Any], match: dict[str, Any]) -> None:
    assert is_quiet(RULE, asked(LEVEL | key, LEVEL | match))


def test_is_quiet_about_queries_without_answers() -> None:
    assert not hits(RULE, asked({**LEVEL, "PatientID": "1"}))


@pytest.mark.parametrize("syntax", [IMPLICIT, None])
def test_values_are_read_quickly_or_slowly(syntax: str | None) -> None:
    head = data_set(PatientID="P1", StudyInstanceUID="1.2.3", StudyID="")
    assert identifier_values(head, syntax) == {0x00100020: "P1", 0x0020000D: "1.2.3", 0x00200010: ""}
    assert identifier_values(b"\x00\x01garbage", syntax) == {}


def test_in_doubt_where_the_answers_may_be_those_to_a_query_in_a_hole() -> None:
    traffic = asked({**LEVEL, "StudyInstanceUID": "1.2.3"}, {**LEVEL, "StudyInstanceUID": "1.2.4"})
    request = traffic.exchanges[0].request
    assert request is not None and hits(RULE, traffic)
    [conversation] = traffic.conversations
    for start, doubted in ((request.end, True), (0, False)):
        gap = Gap(1, request.direction, start, 100, GapCause.LOST, 9, 0)
        holey = replace(traffic, conversations=(replace(conversation, gaps=(gap,)),))
        assert bool(doubts(RULE, holey)) is doubted
