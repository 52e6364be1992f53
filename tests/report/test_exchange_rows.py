"""Exchanges and objects: what was measured, what was not seen, and nothing made up."""

import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest

from dicomsniff.association.timing import timing
from dicomsniff.association.values import ExchangeOutcome
from dicomsniff.report.exchange_rows import exchange_row, object_row
from dicomsniff.report.redaction import Redaction
from tests.forge.traffic import CT, IMPLICIT, TrafficForge, payload
from tests.report.forged import json_of, report_of, rich_traffic


def one(service: str = "C-STORE", **fields: Any) -> dict[str, Any]:
    forge = TrafficForge()
    forge.exchange(forge.association(), service, **fields)
    traffic = forge.traffic()
    return exchange_row(traffic.exchanges[0], Redaction(True), timing(traffic))


def test_times_are_those_of_first_and_last_bytes() -> None:
    row = one(status=0, after=1.5)
    assert row["time"]["transfer"] == 6.0
    assert row["first_response_ms"] == 1501.0
    assert row["duration_ms"] == 1507.0
    assert row["time"]["response"] == 0.0
    assert row["request_packets"] == [6, 12]
    assert row["response_packets"] == [13, 13]


def test_what_was_not_seen_is_null() -> None:
    time = one()["time"]
    assert [time[name] for name in ("server", "queue", "response", "server_max")] == [None] * 4
    assert set(time["response_parts"].values()) == {None}


def test_the_time_of_a_transfer_is_split_whole() -> None:
    time = one(status=0, after=1.5)["time"]
    assert sum(time["transfer_parts"].values()) == time["transfer"] == 6.0
    assert time["server"] == pytest.approx(1500, abs=5)


def test_an_unanswered_request_has_no_status_and_no_duration() -> None:
    row = one()
    assert (row["status"], row["status_class"], row["outcome"], row["responses"]) == (None, None, "unanswered", 0)
    assert (row["first_response_ms"], row["duration_ms"], row["time"]["response"]) == (None, None, None)


def test_a_request_cut_off_has_no_transfer_time() -> None:
    row = one(sent_bytes=4000)
    assert row["outcome"] == "incomplete"
    assert row["time"]["transfer"] is None


def test_a_response_alone_has_no_request() -> None:
    row = one(status=0, request=None, payload=None, outcome=ExchangeOutcome.ORPHAN_RESPONSE)
    assert (row["request_time"], row["request_packets"], row["dataset_bytes"]) == (None, None, None)
    assert (row["duration_ms"], row["first_response_ms"]) == (None, None)


def test_status_is_four_digits_and_no_data_set_is_no_bytes() -> None:
    row = one("C-ECHO", status=0x0122)
    assert row["status"] == "0x0122"
    assert row["dataset_bytes"] == 0


def test_a_moved_object_knows_its_parent_and_originator() -> None:
    traffic = rich_traffic()
    move, store, *_ = (exchange_row(exchange, Redaction(True), timing(traffic)) for exchange in traffic.exchanges)
    assert move["children"] == [store["id"]]
    assert store["parent"] == move["id"]
    assert store["move_originator"] == {"ae": "CT01", "message_id": 1}
    assert move["suboperations"] == {"remaining": None, "completed": 1, "failed": 0, "warning": 0}
    assert move["move_destination"] == "DEST"


def test_elements_are_written_as_tags_and_comments_are_redacted() -> None:
    row = one(status=0xA900, offending_elements=(0x00100020,), error_comment="no such DOE^JOHN")
    assert row["offending_elements"] == ["(0010,0020)"]
    assert re.fullmatch("no such •••[a-z0-9]{7}", row["error_comment"])


def test_an_object_is_told_whole_with_its_hash() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0)
    assert object_row(forge.traffic().exchanges[0]) == {
        "exchange": 1,
        "sop_class": CT,
        "sop_instance": "1.2.826.0.1.1",
        "transfer_syntax": IMPLICIT,
        "dataset_bytes": 10_000,
        "complete": True,
        "missing_bytes": 0,
        "missing": [],
        "missing_after": None,
        "sha256": hashlib.sha256(bytes(10_000)).hexdigest(),
    }


def test_an_object_with_a_hole_says_how_much_is_missing() -> None:
    forge = TrafficForge()
    holed = payload(b"", length=10_000, missing=((100, 300),))
    forge.exchange(forge.association(), "C-STORE", status=0, payload=holed, request_complete=False)
    row = object_row(forge.traffic().exchanges[0])
    assert (row["complete"], row["missing_bytes"], row["sha256"]) == (False, 200, None)


def test_objects_are_the_stores_whose_request_was_seen() -> None:
    written = json_of(report_of(rich_traffic()))
    assert [row["exchange"] for row in written["objects"]] == [2, 3, 5]
    assert written["summary"]["objects"] == 3


def test_an_object_with_holes_and_no_end_says_where() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0)
    traffic = forge.traffic()
    exchange = traffic.exchanges[0]
    assert exchange.payload is not None
    exchange.payload = replace(exchange.payload, missing=((10, 20), (30, 31)), complete=False, sha256=None)
    exchange.request_finished = False
    row = object_row(exchange)
    assert (row["missing"], row["missing_bytes"], row["missing_after"]) == ([[10, 20], [30, 31]], 11, 10_000)
    assert exchange_row(exchange, Redaction(True), timing(traffic))["dataset_missing_bytes"] == 11
