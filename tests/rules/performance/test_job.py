"""Which associations are looked at, and what is proven of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.association.timing import out_of_order
from dicomsniff.association.values import Traffic
from dicomsniff.rules.performance.jobs import jobs
from tests.captures import real
from tests.forge.traffic import TrafficForge
from tests.rules.performance.made_jobs import stores


def one(service: str, wait: float) -> Traffic:
    forge = TrafficForge()
    number = forge.association()
    for _ in range(4):
        forge.exchange(number, service, status=0, after=0.01)
        forge.wait(wait)
    return forge.traffic()


def test_a_short_association_is_not_looked_at() -> None:
    assert not jobs(stores(after=0.001))


def test_time_in_which_nobody_wanted_anything_does_not_count() -> None:
    [job] = jobs(one("C-ECHO", 20.0))
    assert job.amounts["think"] == 0 and job.total < 1_000_000_000


def test_a_wait_without_an_acknowledgement_proves_nothing_against_the_server() -> None:
    [job] = jobs(stores(after=2.0))
    assert job.amounts["server"] == 0


@real.here
def test_what_was_sent_again_behind_the_capture_point_is_loss() -> None:
    [job] = jobs(real.analysis("lossy_network").traffic)
    assert job.amounts["loss"] > 0.3 * job.total


def test_a_capture_that_is_out_of_order_leaves_a_doubt() -> None:
    traffic = stores(after=2.0)
    [conversation], tcp = traffic.conversations, traffic.conversations[0].tcp
    for facts, doubt in (({"early": 1}, False), ({"early": 9}, True), ({"early": 1, "early_ns": 10**10}, True)):
        sent = replace(tcp.to_responder, data_packets=100, **facts)
        disordered = replace(conversation, tcp=replace(tcp, to_responder=sent))
        [job] = jobs(replace(traffic, conversations=(disordered,)))
        assert (job.doubt is not None and "another order" in job.doubt) is doubt


def test_a_part_that_is_longer_than_the_whole_leaves_a_doubt() -> None:
    traffic = stores(after=2.0)
    [conversation], tcp = traffic.conversations, traffic.conversations[0].tcp
    for round_trip_ns, doubt in ((20_000_000, False), (10_000_000_000, True)):
        far = replace(conversation, tcp=replace(tcp, rtt_initiator_ns=round_trip_ns, rtt_responder_ns=1000))
        [job] = jobs(replace(traffic, conversations=(far,)))
        assert (job.doubt is not None and "do not add up" in job.doubt) is doubt, (job.amounts, job.total)


def test_holes_of_which_nothing_tells_how_they_were_filled_leave_a_doubt() -> None:
    traffic = stores(after=2.0)
    [conversation], tcp = traffic.conversations, traffic.conversations[0].tcp
    for count, longest_ns, doubt in ((1, 0, False), (9, 0, True), (1, 10**10, True)):
        sent = replace(tcp.to_responder, data_packets=100)
        side = tcp.segments[0]._replace(unclear=count, unclear_ns=longest_ns)
        unclear = replace(tcp, to_responder=sent, segments=(side, tcp.segments[1]))
        [job] = jobs(replace(traffic, conversations=(replace(conversation, tcp=unclear),)))
        assert (job.doubt is not None and "another order" in job.doubt) is doubt


@real.here
@pytest.mark.parametrize("name", ["slow_server", "slow_client", "slow_link", "slow_nagle", "lossy_network"])
def test_a_real_capture_put_out_of_order_is_not_said_to_be_fast(name: str, tmp_path: Path) -> None:
    real.mutate("shuffle", real.capture(name), tmp_path / "shuffled.pcap")
    [job, *_] = jobs(real.read([tmp_path / "shuffled.pcap"]))
    assert job.doubt is not None
    assert all(job.doubt is None for job in jobs(real.analysis(name).traffic))


def test_an_answer_captured_clearly_before_its_request_is_out_of_order() -> None:
    exchanges = stores(after=2.0).exchanges
    assert not out_of_order(exchanges)
    request, first = exchanges[1].request, exchanges[1].first_response
    assert request is not None and first is not None
    exchanges[1].first_response = first._replace(first_ns=request.last_ns - 5_000_000, heard=request.end)
    assert out_of_order(exchanges)


def test_a_clock_that_was_set_leaves_a_doubt() -> None:
    traffic = stores(after=2.0)
    capture = replace(traffic.captures[0], clock_breaks=((0, 1 << 40),))
    [job] = jobs(replace(traffic, captures=(capture,)))
    assert job.doubt is not None and "clock" in job.doubt
