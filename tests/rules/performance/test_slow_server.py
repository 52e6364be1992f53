"""Answers that come late."""

from dicomsniff.rules.finding import Inconclusive, Severity, Side
from dicomsniff.rules.performance.slow_server import RULE
from tests.captures import real
from tests.forge.dialogue import Dialogue
from tests.rules.applying import hits, is_quiet
from tests.rules.performance.made_jobs import asked, hit
from tests.rules.spoken import CT, traffic_of


def test_fires_as_a_note_where_answers_are_most_of_the_time_but_none_is_slow() -> None:
    told = hit(RULE, server=6)
    assert (told.severity, told.act) == (Severity.NOTE, Side.ACCEPTOR)
    assert "are not the cause" in told.message and "Without that the 10 s would be 4 s" in told.message


@real.here
def test_fires_on_a_server_that_sleeps() -> None:
    [told] = hits(RULE, real.analysis("slow_server").traffic)
    assert told.severity is None and told.act is Side.ACCEPTOR and told.facts["slow"] == 3


def test_names_what_took_as_long_and_then_acquits_nobody() -> None:
    told = hit(RULE, server=4.5, think=4.4)
    assert "About as much went to" in told.message and "not the cause" not in told.message


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, server=2, think=7) is None


@real.here
def test_is_quiet_where_the_sender_the_line_or_small_writes_are_slow() -> None:
    for name in ("slow_client", "slow_link", "slow_nagle", "lossy_network"):
        assert is_quiet(RULE, real.analysis(name).traffic)


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, server=6, doubt="packets are missing"), Inconclusive)


def test_leaves_open_whose_time_it_was_where_nobody_confirmed_the_requests() -> None:
    told = hit(RULE, server=2, open={"server": 5_000_000_000})
    assert (told.severity, told.act, told.actor) == (Severity.NOTE, Side.UNKNOWN, None)
    assert "Between 2 s and 7 s of 10 s" in told.message and "a capture at" in told.message


def test_what_would_gain_nothing_is_not_said_to() -> None:
    told = hit(RULE, server=0, open={"server": 7_000_000_000})
    assert "Without that" not in told.message


def test_says_nothing_of_the_open_part_where_another_cause_took_more_or_little_is_open() -> None:
    assert asked(RULE, server=1, open={"server": 4_000_000_000}, loss=6) is None
    assert asked(RULE, server=1, open={"server": 1_000_000_000}) is None


def test_no_request_of_a_slow_server_that_was_confirmed_is_left_open() -> None:
    assert hit(RULE, server=8, open={"server": 1_000_000_000}).act is Side.ACCEPTOR


def test_what_is_slow_once_is_told_by_its_own_time() -> None:
    def talk(d: Dialogue) -> None:
        for number, after in enumerate((6.0, 0.001, 0.001, 0.001)):
            d.store(CT, f"1.2.{number}", bytes(3000), after=after)

    [told] = hits(RULE, traffic_of(talk, CT))
    assert "PACS (10.0.0.2:104) took 6 s to answer one of 4 C-STOREs (usually under 1 ms)" in told.message
