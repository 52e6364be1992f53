"""A receive window that is full."""

from dicomsniff.association.throughput import Rates
from dicomsniff.core import Direction
from dicomsniff.rules.finding import Inconclusive, Side
from dicomsniff.rules.performance.small_window import RULE
from tests.rules.performance.made_jobs import asked, hit

OUT = Direction.TO_RESPONDER
FULL = {OUT: Rates(3e6, 65_535, 3.3e6, 60_000)}


def test_fires_where_it_is_most_of_the_time() -> None:
    told = hit(RULE, receive_window=6, rates=FULL)
    assert told.act is Side.ACCEPTOR
    assert "Without that the 10 s would be 4 s" in told.message
    assert told.packets and told.facts["share_percent"] == 60


def test_names_what_took_as_long() -> None:
    assert "About as much went to" in hit(RULE, receive_window=4.2, wire=4.5, rates=FULL).message


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, receive_window=4.1, wire=5.9, rates=FULL) is None
    assert asked(RULE, receive_window=0.1, wire=9) is None


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, receive_window=6, doubt="packets are missing"), Inconclusive)


def test_cannot_tell_where_the_scale_of_the_window_is_not_known() -> None:
    assert isinstance(asked(RULE, receive_window=6, rates={OUT: Rates(3e6, None, None, None)}), Inconclusive)


def test_is_quiet_where_the_window_allows_far_more_than_was_sent() -> None:
    assert asked(RULE, receive_window=6, rates={OUT: Rates(3e6, 1 << 20, 50e6, 60_000)}) is None


def test_says_what_the_window_allows() -> None:
    assert "more than 65,535 bytes" in hit(RULE, receive_window=6, rates=FULL).message
