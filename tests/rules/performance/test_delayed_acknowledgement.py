"""Writes in pieces that wait for a delayed acknowledgement."""

from dicomsniff.rules.finding import Inconclusive, Side
from dicomsniff.rules.performance.delayed_acknowledgement import RULE
from tests.rules.performance.made_jobs import asked, hit

MS = 1_000_000


def test_fires_where_it_is_most_of_the_time() -> None:
    told = hit(RULE, nagle=6, nagle_waits=[40 * MS] * 40)
    assert told.act is Side.REQUESTOR
    assert "Without that the 10 s would be 4 s" in told.message
    assert told.packets and told.facts["share_percent"] == 60


def test_names_what_took_as_long() -> None:
    assert "About as much went to" in hit(RULE, nagle=4.2, wire=4.5, nagle_waits=[40 * MS] * 40).message


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, nagle=4.1, wire=5.9, nagle_waits=[40 * MS] * 40) is None
    assert asked(RULE, nagle=0.1, wire=9, nagle_waits=[40 * MS] * 40) is None


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, nagle=6, doubt="packets are missing", nagle_waits=[40 * MS] * 40), Inconclusive)


def test_is_quiet_where_it_happened_once() -> None:
    assert asked(RULE, nagle=6, nagle_waits=[40 * MS]) is None


def test_waits_that_no_delayed_acknowledgement_explains_do_not_count() -> None:
    assert asked(RULE, nagle=6, nagle_waits=[900 * MS] * 40) is None
    assert asked(RULE, nagle=6, nagle_waits=[4 * MS] * 40) is None
