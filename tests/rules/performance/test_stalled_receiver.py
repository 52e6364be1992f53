"""A receiver that does not read."""

from dicomsniff.rules.finding import Inconclusive, Severity, Side
from dicomsniff.rules.performance.stalled_receiver import RULE
from tests.rules.performance.made_jobs import SECOND, asked, hit


def test_fires_where_it_is_most_of_the_time() -> None:
    told = hit(RULE, zero_window=6, longest_closed_ns=SECOND)
    assert told.act is Side.ACCEPTOR
    assert "Without that the 10 s would be 4 s" in told.message
    assert told.packets and told.facts["share_percent"] == 60


def test_names_what_took_as_long() -> None:
    assert "About as much went to" in hit(RULE, zero_window=4.2, wire=4.5, longest_closed_ns=SECOND).message


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, zero_window=4.1, wire=5.9, longest_closed_ns=SECOND) is None
    assert asked(RULE, zero_window=0.1, wire=9, longest_closed_ns=SECOND) is None


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, zero_window=6, doubt="packets are missing", longest_closed_ns=SECOND), Inconclusive)


def test_a_long_stop_is_an_error_and_a_short_one_nothing() -> None:
    assert hit(RULE, zero_window=6, longest_closed_ns=6 * SECOND).severity is Severity.ERROR
    assert asked(RULE, zero_window=6, longest_closed_ns=SECOND // 10) is None
