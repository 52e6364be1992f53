"""Dropped packets: counted, and nobody is accused of silence while there were any."""

from pathlib import Path

from dicomsniff.association.gathering import Done
from dicomsniff.association.values import Traffic
from dicomsniff.live.drops import SLACK_NS, STRETCHES, Drops
from tests.association.dialogue import Dialogue, read

SECOND = 10**9


def silent(tmp_path: Path) -> tuple[Traffic, Done]:
    """A request without an answer."""
    traffic = read(tmp_path / "c.pcap", Dialogue().open().echo(1, None).release())
    return traffic, (traffic.conversations[0], traffic.associations)


def test_who_lived_while_packets_were_dropped_may_have_answered(tmp_path: Path) -> None:
    traffic, done = silent(tmp_path)
    begun, over = traffic.associations[0].first_ns, traffic.last_ns
    drops = Drops()
    assert drops.see(None, begun) == 0 and drops.blind(done, over) is done
    assert drops.see(0, begun) == 0 and drops.blind(done, over) is done
    assert drops.see(5, over) == 5
    _, [association] = drops.blind(done, over)
    assert {"hole-to-requestor", "hole-to-acceptor"} <= association.blind
    assert association.exchanges[0].unseen


def test_what_ended_before_or_began_after_is_judged_as_ever(tmp_path: Path) -> None:
    traffic, done = silent(tmp_path)
    begun, over = traffic.associations[0].first_ns, traffic.last_ns
    after, before = Drops(), Drops()
    after.see(0, over + 10 * SECOND)
    after.see(3, over + 11 * SECOND)
    assert not after.blind(done, over)[1][0].blind
    before.see(3, begun - 10 * SECOND)
    assert not before.blind(done, over)[1][0].blind and SLACK_NS < 10 * SECOND


def test_the_counter_is_a_total_and_stretches_are_bounded() -> None:
    drops = Drops()
    assert [drops.see(total, n * SECOND) for n, total in enumerate((1, 1, 4, None, 4, 6))] == [1, 0, 3, 0, 0, 2]
    for n in range(2 * STRETCHES):
        drops.see(10 + n, 10 * n * SECOND)
    assert len(drops._stretches) <= STRETCHES


def test_stretches_that_touch_are_one() -> None:
    drops = Drops()
    for n in range(100):
        drops.unseen(5 * SECOND, (6 + n) * SECOND)
    assert list(drops._stretches) == [(5 * SECOND - SLACK_NS, 105 * SECOND)]


def test_while_nothing_could_be_seen_nobody_kept_silent(tmp_path: Path) -> None:
    traffic, done = silent(tmp_path)
    drops = Drops()
    drops.unseen(traffic.associations[0].first_ns, traffic.last_ns)
    assert drops.blind(done, traffic.last_ns)[1][0].exchanges[0].unseen


def test_a_connection_is_doubtful_if_it_still_waited_when_packets_were_dropped(tmp_path: Path) -> None:
    traffic, done = silent(tmp_path)
    soon, late = Drops(), Drops()
    soon.unseen(traffic.last_ns + 4 * SECOND, traffic.last_ns + 5 * SECOND)
    late.unseen(traffic.last_ns + 20 * SECOND, traffic.last_ns + 30 * SECOND)
    assert soon.doubtful(done[0]) and not late.doubtful(done[0])
