"""Which associations and messages a log tells."""

from pathlib import Path
from typing import Any

import pytest

from dicomsniff.api import analyze
from dicomsniff.report.log.exchange_of import Exchanges, answered_after_ns
from tests.captures import real
from tests.cli.running import dialogue
from tests.report.log.logged import values_of


def told(name: str, **wish: Any) -> set[tuple[int, str]]:
    """(association, message) of everything that is told."""
    return {(v["association"], v["message"]) for v in values_of(real.capture(name), **wish) if v["type"] == "message"}


@real.here
def test_only_what_was_asked_for_is_told() -> None:
    every = told("query_retrieve")
    assert {id for id, _ in every} == set(range(1, 9))
    assert told("query_retrieve", associations=frozenset({2})) == {(2, "C-FIND-RQ"), (2, "C-FIND-RSP")}
    assert told("query_retrieve", services=frozenset({"C-MOVE"})) == {one for one in every if "MOVE" in one[1]}
    failed = told("query_retrieve", statuses=frozenset({"failure"}))
    assert {message for _, message in failed} == {"C-MOVE-RQ", "C-MOVE-RSP"} and len({id for id, _ in failed}) == 2
    assert told("query_retrieve", statuses=frozenset({"A801"})) < failed
    assert told("query_retrieve", aes=("NOBODY",)) == set()
    assert told("query_retrieve", aes=("ACME?",)) == every


@real.here
def test_a_rejection_is_a_failure_too() -> None:
    values = values_of(real.capture("reject_called_ae"), statuses=frozenset({"failure"}))
    assert [v["outcome"] for v in values if v["type"] == "end"] == ["rejected", "rejected"]


@real.here
def test_associations_alone_are_told_without_messages() -> None:
    values = values_of(real.capture("echo_ok"), level="association")
    assert [v.get("pdu", v["type"]) for v in values] == [
        "association", "A-ASSOCIATE-RQ", "A-ASSOCIATE-AC", "A-RELEASE-RQ", "A-RELEASE-RP", "end",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [pytest.param(name, marks=real.here) for name in real.names() or ["none"]])
def test_every_message_finds_its_exchange(name: str) -> None:
    read = analyze(real.capture(name), transcribe="messages", rules=False)
    for association in read.associations:
        assert association.transcript is not None
        exchanges, answers = Exchanges(association), dict.fromkeys((e.id for e in association.exchanges), 0)
        for message in association.transcript.messages():
            found = exchanges.of(message)
            assert found is not None
            answers[found.id] += message.command.is_response
            after = answered_after_ns(found, message)
            assert (after is None) <= (found.request is None or not message.command.is_response or after != 0)
        assert answers == {e.id: e.responses for e in association.exchanges}
    read.close()


def test_the_time_of_an_answer_counts_from_the_end_of_its_request(tmp_path: Path) -> None:
    values = values_of(dialogue(0).save(tmp_path / "c.pcap"))
    request, answer = (v for v in values if v["type"] == "message")
    assert request["answered_after_ms"] is None and answer["answered_after_ms"] > 0
    assert request["exchange"] == answer["exchange"] == 1
