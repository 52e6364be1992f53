"""What is open now: with its rate, until it is seen to end; a moment that does not show it changes nothing."""

from pathlib import Path

from dicomsniff.association.values import Outcome
from dicomsniff.core.records import replace
from dicomsniff.live.open_now import OpenNow
from dicomsniff.live.window import Bounds, Moment, Window
from tests.association.dialogue import Dialogue, read


def moment(tmp_path: Path) -> Moment:
    traffic = read(tmp_path / "c.pcap", Dialogue().open().echo().store("1.2.3", bytes(5000)))
    assert traffic.associations[0].outcome is Outcome.OPEN
    return Window(Bounds()).moment([((traffic.conversations[0], traffic.associations), False)], traffic.captures[0])


def test_an_association_is_there_until_it_is_seen_to_end(tmp_path: Path) -> None:
    now, opened = moment(tmp_path), OpenNow()
    opened.see(now, 1.0)
    [row] = opened.rows()
    assert (row.id, row.operations, row.doing) == (1, 2, "C-STORE completed") and row.bytes > 5000 and row.rate > 1000
    nothing = Window(Bounds()).moment((), now.traffic.captures[0], whole=False)
    opened.see(nothing, 2.0)
    assert opened.rows() == (row,), "nothing is known of it"
    opened.see(replace(now, whole=False), 3.0)
    assert [each.rate for each in opened.rows()] == [0.0], "and nothing came in two seconds"
    opened.see(replace(now, whole=False, ended=frozenset({1})), 4.0)
    assert opened.rows() == ()


def test_what_a_whole_moment_does_not_show_is_over(tmp_path: Path) -> None:
    now, opened = moment(tmp_path), OpenNow()
    opened.see(now, 1.0)
    opened.see(Window(Bounds()).moment((), now.traffic.captures[0]), 2.0)
    assert opened.rows() == ()
