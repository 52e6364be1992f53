"""Where the time of whole associations went: the components are all of it, what ran at once counts once."""

from dataclasses import replace

import pytest

from dicomsniff.association.time_sums import COMPONENTS, sums
from dicomsniff.association.timing import timing
from tests.captures import real
from tests.forge.traffic import TrafficForge

MS = 1_000_000


def at_once(requests: int, waits: list[float]) -> TrafficForge:
    """So many C-STORE requests one after the other, then an answer after each of these times (in s)."""
    forge = TrafficForge()
    association = forge.association()
    sent = [forge.exchange(association, "C-STORE", dataset_bytes=1000) for _ in range(requests)]
    for exchange, wait in zip(sent, waits, strict=True):
        forge.wait(wait)
        forge.answer(exchange, 0)
    return forge


@pytest.mark.parametrize("requests", [2, 3, 30])
def test_operations_that_ran_at_once_count_for_the_time_in_which_one_of_them_waited(requests: int) -> None:
    traffic = at_once(requests, [1.0] * requests).traffic()
    [association] = traffic.associations
    made, times = sums(association, timing(traffic)), timing(traffic).of(association)
    assert made is not None and all(times[e.id].overlaps for e in association.exchanges)
    assert requests * 1000 * MS - 5 * MS <= made.server <= requests * 1000 * MS + requests * 5 * MS
    assert made.together == made.server <= made.total
    both = [(e.request, e.first_response) for e in association.exchanges]
    waited = sum(told.first_ns - asked.last_ns for asked, told in both if asked and told)
    assert waited > 1.4 * made.server  # what adding would have made of it


def test_of_what_ran_at_once_nobody_is_said_to_have_thought_or_answered_for_longer() -> None:
    traffic = at_once(3, [1.0] * 3).traffic()
    times = timing(traffic).of(traffic.associations[0])
    assert [(each.server, each.server_min, each.think) for each in times.values()][1:] == [(None, None, None)] * 2


def test_one_after_the_other_and_at_once_in_one_association_are_added_to_each_other_once() -> None:
    forge = at_once(2, [1.0, 0.5])
    forge.exchange(1, "C-STORE", status=0, after=2.0)
    traffic = forge.traffic()
    made = sums(traffic.associations[0], timing(traffic))
    assert made is not None and 3490 * MS < made.server < 3510 * MS and 1490 * MS < made.together < 1510 * MS


@real.here
@pytest.mark.parametrize(
    "name", ["slow_server", "slow_client", "slow_link", "slow_nagle", "lossy_network", "query_retrieve"]
)
def test_the_components_of_an_association_are_its_time(name: str) -> None:
    traffic = real.analysis(name).traffic
    for association in traffic.associations:
        made = sums(association, timing(traffic))
        assert made is not None
        assert abs(sum(getattr(made, component) for component in COMPONENTS) - made.total) < 30 * MS


def test_an_association_without_a_whole_exchange_has_no_sums() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE")
    traffic = forge.traffic()
    assert sums(traffic.associations[0], timing(traffic)) is None


def test_a_request_that_passed_before_its_sender_can_have_heard_the_answer_ran_beside_it() -> None:
    """Captured at the server, 500 ms from the sender: it answers at once, and the third request comes 100 ms later."""
    forge = at_once(2, [0.0, 0.1])
    forge.wait(0.1)
    forge.exchange(1, "C-STORE", status=0, after=0.2)
    forge.wait(2.0)
    forge.exchange(1, "C-STORE", status=0, after=0.3)
    traffic = forge.traffic()
    for way, overlap in ((0, [True, True, False, False]), (500, [True, True, True, False])):
        tcp = replace(traffic.conversations[0].tcp, rtt_initiator_ns=way * MS)
        far = replace(traffic, conversations=(replace(traffic.conversations[0], tcp=tcp),))
        times = timing(far).of(far.associations[0])
        assert [each.overlaps for each in times.values()] == overlap
        assert times[3].server is None if overlap[2] else times[3].server is not None
