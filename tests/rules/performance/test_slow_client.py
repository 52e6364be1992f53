"""A sender that pauses between objects."""

from dicomsniff.rules.finding import Inconclusive, Side
from dicomsniff.rules.performance.slow_client import RULE
from tests.captures import real
from tests.forge.traffic import TrafficForge
from tests.rules.applying import hits, is_quiet
from tests.rules.performance.made_jobs import asked


@real.here
def test_fires_on_a_sender_that_sleeps() -> None:
    [told] = hits(RULE, real.analysis("slow_client").traffic)
    assert told.severity is None and told.act is Side.REQUESTOR and told.facts["requests"] == 3
    assert "network waited for it" in told.message


@real.here
def test_is_quiet_where_the_server_the_line_or_small_writes_are_slow() -> None:
    for name in ("slow_server", "slow_link", "slow_nagle", "lossy_network"):
        assert is_quiet(RULE, real.analysis(name).traffic)


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, think=3, server=7) is None


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, think=6, doubt="packets are missing"), Inconclusive)


def test_two_pauses_are_no_habit_and_other_services_no_objects() -> None:
    forge = TrafficForge()
    queries = forge.association()
    for _ in range(6):
        forge.exchange(queries, "C-ECHO", status=0, after=0.2)
    assert asked(RULE, forge.traffic(), think=6) is None
