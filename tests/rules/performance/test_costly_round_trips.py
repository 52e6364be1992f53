"""A distance that costs most of the time."""

from dicomsniff.rules.finding import Inconclusive, Side
from dicomsniff.rules.performance.costly_round_trips import RULE
from tests.rules.performance.made_jobs import SECOND, asked, hit


def test_fires_where_it_is_most_of_the_time() -> None:
    told = hit(RULE, round_trip=6, round_trip_ns=SECOND // 20)
    assert told.act is Side.UNKNOWN
    assert "Without that the 10 s would be 4 s" in told.message
    assert told.packets and told.facts["share_percent"] == 60


def test_names_what_took_as_long() -> None:
    assert "About as much went to" in hit(RULE, round_trip=4.2, wire=4.5, round_trip_ns=SECOND // 20).message


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, round_trip=4.1, wire=5.9, round_trip_ns=SECOND // 20) is None
    assert asked(RULE, round_trip=0.1, wire=9, round_trip_ns=SECOND // 20) is None


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, round_trip=6, doubt="packets are missing", round_trip_ns=SECOND // 20), Inconclusive)


def test_is_quiet_in_a_local_network() -> None:
    assert asked(RULE, round_trip=6, round_trip_ns=SECOND // 1000) is None


def test_cannot_tell_where_the_way_seems_longer_than_any_is() -> None:
    assert isinstance(asked(RULE, round_trip=6, round_trip_ns=6 * SECOND), Inconclusive)
