"""A sender that pauses inside its messages."""

from dicomsniff.rules.finding import Inconclusive, Side
from dicomsniff.rules.performance.stalled_sender import RULE
from dicomsniff.tcp.position import Place, Position
from tests.rules.performance.made_jobs import SECOND, asked, hit


def test_fires_where_it_is_most_of_the_time() -> None:
    told = hit(RULE, sender=6)
    assert told.act is Side.REQUESTOR
    assert "Without that the 10 s would be 4 s" in told.message
    assert told.packets and told.facts["share_percent"] == 60


def test_names_what_took_as_long() -> None:
    assert "About as much went to" in hit(RULE, sender=4.2, wire=4.5).message


def test_is_quiet_where_something_else_took_the_time() -> None:
    assert asked(RULE, sender=4.1, wire=5.9) is None
    assert asked(RULE, sender=0.1, wire=9) is None


def test_cannot_tell_where_packets_are_missing() -> None:
    assert isinstance(asked(RULE, sender=6, doubt="packets are missing"), Inconclusive)


def test_one_long_stop_is_told_by_itself() -> None:
    assert "2.5 s at once" in hit(RULE, sender=2.5, wire=7, longest_stall_ns=5 * SECOND // 2).message


def test_a_way_that_may_have_held_it_up_is_named_where_the_capture_is_far_from_the_sender() -> None:
    assert "lost all of them" in hit(RULE, sender=6, position=None).message
    near = Position(Place.INITIATOR, 0.1, 20_000, 200_000, False)
    assert "lost all of them" not in hit(RULE, sender=6, position=near).message
