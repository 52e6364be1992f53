"""A retrieve that waits for the archive."""

from dataclasses import replace

from dicomsniff.rules.finding import Inconclusive, Side
from dicomsniff.rules.performance.waiting_retrieve import RULE, check
from dicomsniff.rules.rule import Thresholds
from tests.captures import real
from tests.rules.applying import is_quiet


@real.here
def test_fires_where_the_first_object_comes_late() -> None:
    traffic = real.analysis("query_retrieve").traffic
    move = next(r for r in traffic.retrievals if r.stores)
    told = check(move, traffic, replace(Thresholds(), srv_slow_move=0.0001))
    assert told is not None and not hasattr(told, "reason")
    assert told.act is Side.ACCEPTOR and "first of 3 objects" in told.message


@real.here
def test_is_quiet_where_it_comes_soon() -> None:
    assert is_quiet(RULE, real.analysis("query_retrieve").traffic)


@real.here
def test_is_inconclusive_where_the_clock_was_set_meanwhile() -> None:
    traffic = real.analysis("query_retrieve").traffic
    capture = replace(traffic.captures[0], clock_breaks=((0, 1 << 40),))
    broken = replace(traffic, captures=(capture,))
    move = next(r for r in broken.retrievals if r.stores)
    assert isinstance(check(move, broken, replace(Thresholds(), srv_slow_move=0.0001)), Inconclusive)
