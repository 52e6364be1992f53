"""DS-STORE-006: objects cut off, and studies that arrived in part."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import dicomsniff
from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.rules.dimse.unanswered_request import RULE as UNANSWERED
from dicomsniff.rules.finding import Side
from dicomsniff.rules.storage.interrupted_transfer import RULE
from tests.forge.dialogue import STORE, Dialogue
from tests.forge.traffic import CT, IMPLICIT, TrafficForge, data_set
from tests.forge.wire import BACK, OUT, Wire, write_pcap
from tests.rules.applying import doubts, hits, is_quiet, only

STUDY = data_set(StudyInstanceUID="1.2.840.1", SeriesInstanceUID="1.2.840.2")
SERVER_ABORT: dict[str, Any] = {"outcome": Outcome.ABORTED, "aborts": [("acceptor", 0, 0)]}


def _association(forge: TrafficForge, *stores: dict[str, Any], **fields: Any) -> Traffic:
    association = forge.association(**fields)
    for store in stores:
        forge.exchange(association, "C-STORE", **({"data": STUDY} | store))
    return forge.traffic()


def test_fires_for_an_object_that_was_cut_off() -> None:
    hit = only(RULE, _association(TrafficForge(), {"sent_bytes": 5000, "sop_instance": "1.7"}, **SERVER_ABORT))
    assert "Study 1.2.840.1: 0 of 1 object tried arrived" in hit.message
    assert "1.7 (cut off after 5000 bytes)" in hit.message
    assert "PACS (10.0.0.2:104) aborted: DS-ASSOC-008" in hit.message
    assert hit.act is Side.ACCEPTOR and hit.facts["ended_by_rule"] == "DS-ASSOC-008"


def test_fires_when_the_connection_was_closed_after_the_first_of_two_objects() -> None:
    fields: dict[str, Any] = {"outcome": Outcome.CLOSED, "closed_by": "acceptor"}
    hit = only(RULE, _association(TrafficForge(), {"status": 0}, {"sop_instance": "1.8"}, **fields))
    assert "1 of 2 objects tried arrived" in hit.message and "1.8 (all" in hit.message
    assert "closed the connection: DS-TCP-005" in hit.message


def test_nobody_is_named_where_an_object_stood_still_for_long() -> None:
    fields: dict[str, Any] = {"outcome": Outcome.CLOSED, "closed_by": "requestor"}
    at_once = only(RULE, _association(TrafficForge(), {"sent_bytes": 5000}, **fields))
    later = only(RULE, _association(TrafficForge(), {"sent_bytes": 5000}, end_after=20, **fields))
    assert (at_once.act, later.act, later.actor) == (Side.REQUESTOR, Side.UNKNOWN, None)


def test_fires_when_a_part_of_a_study_was_refused() -> None:
    hit = only(RULE, _association(TrafficForge(), {"status": 0}, {"status": 0xC000}, {"status": 0}))
    assert "2 of 3 objects tried arrived" in hit.message and "refused with 0xC000" in hit.message


def test_fires_over_several_associations_of_one_job() -> None:
    forge = TrafficForge()
    _association(forge, {"status": 0})
    forge.wait(60)
    assert "1 of 2 objects" in only(RULE, _association(forge, {}, **SERVER_ABORT)).message


def test_is_quiet_when_everything_arrived() -> None:
    assert is_quiet(RULE, _association(TrafficForge(), {"status": 0}, {"status": 0xB000}))


def test_is_quiet_when_the_object_was_sent_again_with_success() -> None:
    forge = TrafficForge()
    _association(forge, {"sent_bytes": 500, "sop_instance": "1.9"}, **SERVER_ABORT)
    forge.wait(3600)
    assert is_quiet(RULE, _association(forge, {"status": 0, "sop_instance": "1.9"}))


def test_is_quiet_when_the_whole_study_was_refused_by_answers() -> None:
    assert is_quiet(RULE, _association(TrafficForge(), {"status": 0xA700}, {"status": 0xA700}))


def test_nobody_is_named_where_the_first_of_two_closings_was_not_captured(tmp_path: Path) -> None:
    talk = Dialogue(Wire(), "CT01", "PACS", (CT, (IMPLICIT,), 0)).request().accept()
    talk.store(CT, "1.2.1", data_set(StudyInstanceUID="1.2", SOPInstanceUID="1.2.1"))
    talk.ask(STORE, CT, data_set(StudyInstanceUID="1.2", SOPInstanceUID="1.2.2"), AffectedSOPInstanceUID="1.2.2")
    *frames, fin, other, last = talk.wire.acknowledge(OUT).close(BACK).frames
    for captured, act in (([*frames, fin, other, last], Side.ACCEPTOR), ([*frames, other, last], Side.UNKNOWN)):
        with closing(dicomsniff.analyze(write_pcap(tmp_path / "c.pcap", captured))) as analysis:
            assert only(RULE, analysis.traffic).act is act
            assert only(UNANSWERED, analysis.traffic).act is act


def test_does_not_join_jobs_that_are_an_hour_apart() -> None:
    forge = TrafficForge()
    _association(forge, {"status": 0})
    forge.wait(3600)
    assert not hits(RULE, _association(forge, {"status": 0xA700}))


@pytest.mark.parametrize("blind", [Blind.HOLE_TO_ACCEPTOR, Blind.TO_REQUESTOR])
def test_is_inconclusive_when_the_rest_may_have_escaped_the_capture(blind: Blind) -> None:
    traffic = _association(TrafficForge(), {"sent_bytes": 500}, blind=[blind], **SERVER_ABORT)
    assert doubts(RULE, traffic) and not hits(RULE, traffic)


def test_is_inconclusive_when_the_capture_ended_inside_the_object() -> None:
    traffic = _association(TrafficForge(), {"sent_bytes": 500}, outcome=Outcome.OPEN, blind=[Blind.END])
    assert doubts(RULE, traffic) and not hits(RULE, traffic)


@pytest.mark.parametrize(("wait", "act"), [(60, Side.ACCEPTOR), (0.5, Side.REQUESTOR)])
def test_who_left_after_waiting_long_for_the_answer_is_not_the_one_to_act(wait: float, act: Side) -> None:
    fields: dict[str, Any] = {"outcome": Outcome.ABORTED, "aborts": [("requestor", 0, 0)], "end_after": wait}
    hit = only(RULE, _association(TrafficForge(), {"status": 0}, {"sop_instance": "1.8"}, **fields))
    assert hit.act is act and "CT01 (10.0.0.1) aborted: DS-ASSOC-008" in hit.message
