"""A line that is full."""

from dicomsniff.rules.finding import Inconclusive, Side
from dicomsniff.rules.performance.narrow_line import RULE
from tests.rules.performance.made_jobs import asked, hit

EVEN = [(100_000, 400_000_000)] * 3


def test_fires_where_it_is_most_of_the_time() -> None:
    told = hit(RULE, wire=6, transfers=EVEN)
    assert told.act is Side.NETWORK
    assert "Without that the 10 s would be 4 s" in told.message
    assert told.packets and told.facts["share_percent"] == 60


def test_names_what_took_as_long() -> None:
    assert "About as much went to" in hit(RULE, wire=4.2, sender=4.5, transfers=EVEN).message


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, wire=4.1, sender=5.9, transfers=EVEN) is None
    assert asked(RULE, wire=0.1, sender=9, transfers=EVEN) is None


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, wire=6, doubt="packets are missing", transfers=EVEN), Inconclusive)


def test_is_quiet_where_the_rate_is_uneven_or_that_of_a_local_network() -> None:
    assert asked(RULE, wire=6, transfers=()) is None
    assert asked(RULE, wire=6, transfers=[(100_000, 2_000_000)] * 3) is None
