"""Times of pairs of application entities: every association in one pair, added up, and what ran at once told."""

from dicomsniff.association.pair_times import added, pair_times, whole_time
from dicomsniff.association.time_sums import TimeSums
from tests.captures import real
from tests.forge.traffic import TrafficForge

MS = 1_000_000


@real.here
def test_a_slow_server_is_slow_in_the_sum_and_in_its_answers() -> None:
    traffic = real.analysis("slow_server").traffic
    (pair,) = pair_times(traffic)
    assert pair.associations == [1] and pair.measured == 1 and pair.called_ae == "PYPACS"
    assert 4400 * MS < pair.sums.server < 4700 * MS and whole_time(traffic).server == pair.sums.server
    (answers,) = pair.answers
    assert (answers.service, answers.performed_by, len(answers.known)) == ("C-STORE", "acceptor", 3)
    assert all(1480 * MS < each < 1550 * MS for each in answers.known)


@real.here
def test_many_associations_of_one_pair_are_one_row() -> None:
    (pair,) = pair_times(real.analysis("association_per_image").traffic)
    assert len(pair.associations) == pair.measured == 12 and pair.wall_ns == pair.open_ns > 0


def test_associations_that_were_open_at_once_share_their_time() -> None:
    forge = TrafficForge()
    for _ in range(2):
        forge.exchange(forge.association(), "C-ECHO", status=0)
    one, other = forge.traffic().associations
    both = pair_times(forge.traffic())
    assert [pair.associations for pair in both] == [[one.id, other.id]] and both[0].wall_ns <= both[0].open_ns


def test_what_is_added_up_is_as_sure_as_the_least_sure_of_it() -> None:
    several = [TimeSums(server=3, total=5, confidence="high"), TimeSums(server=4, total=4, confidence="low")]
    assert added(several) == TimeSums(server=7, total=9, confidence="low") and added([]) == TimeSums()
