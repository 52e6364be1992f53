"""What lies between archive and requester."""

from dicomsniff.association.values import Outcome
from dicomsniff.rules.commitment.call_backs import between, call_backs, delivered_after
from tests.forge.workflow import COMMITMENT, Day


def test_only_associations_of_the_archive_are_call_backs() -> None:
    day = Day()
    day.request("1.1")
    day.call_back(outcome=Outcome.REJECTED)
    day.call_back()
    day.associate(COMMITMENT, result=3)
    found = call_backs(day.traffic())
    assert found.count == 2 and [association.id for association in found.suspects] == [2]


def test_pairs_are_archive_and_requester() -> None:
    day = Day()
    day.request("1.1")
    day.result(["1.1"])
    traffic = day.traffic()
    assert list(between(traffic)) == [("10.0.0.2", "10.0.0.1")]
    assert delivered_after(0, ("10.0.0.2", "10.0.0.1"), traffic)
    assert not delivered_after(traffic.last_ns, ("10.0.0.2", "10.0.0.1"), traffic)
