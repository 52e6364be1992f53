"""Where the time of whole associations went: the components are all of it, what ran at once counts once."""

import pytest

from dicomsniff.association.time_sums import COMPONENTS, sums
from dicomsniff.association.timing import timing
from tests.captures import real
from tests.forge.traffic import TrafficForge

MS = 1_000_000


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
