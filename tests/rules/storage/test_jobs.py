"""Storage jobs: what one sender tried to bring to one receiver, what it has, and what the capture cannot tell of that."""

from typing import Any

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.core import Endpoint
from dicomsniff.rules.storage.interrupted_transfer import RULE
from dicomsniff.rules.storage.jobs import Fate, jobs
from tests.forge.traffic import TrafficForge, data_set
from tests.rules.applying import doubts, is_quiet

STUDY = data_set(StudyInstanceUID="1.2.840.1", SeriesInstanceUID="1.2.840.2")


def _associations(*each: tuple[dict[str, Any], list[dict[str, Any]]]) -> TrafficForge:
    forge = TrafficForge()
    for fields, stores in each:
        association = forge.association(**fields)
        for store in stores:
            forge.exchange(association, "C-STORE", **({"data": STUDY} | store))
        forge.wait(60)
    return forge


REFUSED = [{"status": 0, "sop_instance": "1.1"}, {"status": 0xC000, "sop_instance": "1.2"}]


def test_what_was_refused_and_not_sent_again_is_lost() -> None:
    [job] = jobs(_associations(({}, REFUSED)).traffic())
    assert [(a.exchange.sop_instance, a.fate) for a in job.lost()] == [("1.2", Fate.REFUSED)]
    assert job.doubtful() == 0


def test_a_hole_may_hide_that_it_was_sent_again() -> None:
    traffic = _associations(({}, REFUSED), ({"blind": {Blind.HOLE_TO_ACCEPTOR}}, [{"status": 0}])).traffic()
    [job] = jobs(traffic)
    assert (job.lost(), job.doubtful()) == ([], 1)
    assert doubts(RULE, traffic) == ["what became of 1 object was not captured"]


def test_a_hole_in_the_answers_hides_only_what_became_of_what_was_sent() -> None:
    holed = {"blind": {Blind.HOLE_TO_REQUESTOR}}
    [job] = jobs(_associations(({}, REFUSED), (holed, [{"sop_instance": "1.2"}])).traffic())
    assert (job.lost(), job.doubtful()) == ([], 1)
    [job] = jobs(_associations(({}, REFUSED), (holed, [{"sop_instance": "1.3"}])).traffic())
    assert [a.exchange.sop_instance for a in job.lost()] == ["1.2"]


def test_a_hole_on_another_way_hides_nothing() -> None:
    elsewhere: dict[str, Any] = {"blind": {Blind.HOLE_TO_ACCEPTOR}, "requestor": Endpoint("10.0.0.9", 4)}
    [job, *_] = jobs(_associations(({}, REFUSED), (elsewhere, [{"status": 0}])).traffic())
    assert [a.exchange.sop_instance for a in job.lost()] == ["1.2"]


def test_an_answer_without_its_request_says_that_the_object_has_arrived() -> None:
    orphan = {"request": None, "status": 0, "sop_instance": "1.2"}
    aborted: dict[str, Any] = {"outcome": Outcome.ABORTED, "aborts": [("acceptor", 0, 0)]}
    traffic = _associations((aborted, [{"sop_instance": "1.2"}]), ({}, [orphan])).traffic()
    assert is_quiet(RULE, traffic)
