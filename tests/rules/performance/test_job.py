"""Which associations are looked at, and what is proven of them."""

from dataclasses import replace

from dicomsniff.association.values import Traffic
from dicomsniff.rules.performance.job import jobs
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


def test_a_clock_that_was_set_leaves_a_doubt() -> None:
    traffic = stores(after=2.0)
    capture = replace(traffic.captures[0], clock_breaks=((0, 1 << 40),))
    [job] = jobs(replace(traffic, captures=(capture,)))
    assert job.doubt is not None and "clock" in job.doubt
