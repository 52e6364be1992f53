"""Small PDUs that are waited for."""

from dicomsniff.rules.finding import Inconclusive, Side
from dicomsniff.rules.performance.small_pdus import RULE
from tests.rules.performance.made_jobs import asked, hit


def test_fires_where_it_is_most_of_the_time() -> None:
    told = hit(RULE, congestion=6, small_pdus=4096)
    assert told.act is Side.ACCEPTOR
    assert "Without that the 10 s would be 4 s" in told.message
    assert told.packets and told.facts["share_percent"] == 60


def test_names_what_took_as_long() -> None:
    assert "About as much went to" in hit(RULE, congestion=4.2, wire=4.5, small_pdus=4096).message


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, congestion=4.1, wire=5.9, small_pdus=4096) is None
    assert asked(RULE, congestion=0.1, wire=9, small_pdus=4096) is None


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, congestion=6, doubt="packets are missing", small_pdus=4096), Inconclusive)


def test_is_quiet_where_small_pdus_follow_at_once() -> None:
    assert asked(RULE, congestion=6, small_pdus=None) is None
