"""DS-RET-008: counters that do not add up."""

from dicomsniff.association.values import Blind
from dicomsniff.rules.finding import Severity
from dicomsniff.rules.retrieve.inconsistent_counters import RULE
from tests.forge.retrieve import Move, delivered
from tests.forge.traffic import TrafficForge
from tests.rules.applying import is_quiet, only
from tests.rules.retrieve.real_retrieves import root


def test_fires_when_the_sum_changes() -> None:
    forge = TrafficForge()
    Move(forge).pending((3, 0, 0, 0)).pending((3, 1, 0, 0)).done(0, (None, 3, 0, 0))
    hit = only(RULE, forge.traffic())
    assert "the sum of all counters changes (from 3 to 4)" in hit.message and hit.severity is Severity.NOTE
    assert hit.facts["table"][0] == {"remaining": 3, "completed": 0, "failed": 0, "warning": 0}


def test_fires_when_completed_goes_back() -> None:
    forge = TrafficForge()
    Move(forge).pending((1, 2, 0, 0)).pending((2, 1, 0, 0)).done(0)
    assert "goes back (from 2 to 1)" in only(RULE, forge.traffic()).message


def test_a_remaining_count_in_the_final_response_is_information_if_zero() -> None:
    for remaining, severity in ((0, Severity.INFO), (2, Severity.NOTE)):
        forge = TrafficForge()
        Move(forge).done(0, (remaining, 3, 0, 0))
        hit = only(RULE, forge.traffic())
        assert "remaining" in hit.message.lower() and hit.severity is severity
    forge = TrafficForge()
    Move(forge).done(0xFE00, (2, 1, 0, 0))
    assert is_quiet(RULE, forge.traffic())


def test_fires_on_success_with_failures() -> None:
    forge = TrafficForge()
    Move(forge).done(0, (None, 2, 1, 0))
    assert "success (0x0000) is answered with 1 failed" in only(RULE, forge.traffic()).message


def test_counts_are_held_against_the_stores_only_where_all_were_seen() -> None:
    for blind in ([], [Blind.HOLE_TO_ACCEPTOR], [Blind.END]):
        forge = TrafficForge()
        move = Move(forge)
        callback = move.callback(blind=blind)
        move.store(callback, 1)
        move.store(callback, 2)
        move.done(0, (None, 3, 0, 0))
        traffic = forge.traffic()
        if not blind:
            assert "it counts 3 completed where 2 of 2 C-STOREs succeeded" in only(RULE, traffic).message
        else:
            assert is_quiet(RULE, traffic)


def test_a_store_that_the_capture_may_have_swapped_with_the_final_response_need_not_be_counted() -> None:
    for wait, quiet in ((0.0, True), (1.0, False)):
        forge = TrafficForge()
        move = Move(forge)
        callback = move.callback()
        move.store(callback, 1)
        move.store(callback, 2)
        forge.wait(wait)
        move.done(0, (None, 1, 0, 0))
        assert is_quiet(RULE, forge.traffic()) is quiet


def test_is_quiet_about_sound_counters_and_about_none() -> None:
    forge = TrafficForge()
    delivered(forge)
    Move(forge, study="1.2.4").done(0)
    assert is_quiet(RULE, forge.traffic())


def test_fires_on_a_real_capture() -> None:
    assert "from 4 to 5" in root("counters", "DS-RET-008").message
