"""Storage commitments: every result finds its request by Transaction UID, whichever way it came."""

import pytest

from dicomsniff.association.commitment import Way, commitments
from dicomsniff.association.values import Traffic
from tests.captures import real
from tests.forge.traffic import TrafficForge
from tests.forge.workflow import COMMITMENT, Day


@real.here
def test_the_result_of_the_real_workflow_is_that_of_its_request() -> None:
    traffic = real.analysis("workflow_mwl_mpps_commit").traffic
    [one], strays = commitments(traffic)
    assert len(one.references) == len(one.committed) == 3 and not strays
    assert [(r.exchange.id, r.way, r.delivered) for r in one.results] == [(8, Way.REVERSED, True)]


def _same() -> Traffic:
    day = Day()
    association = day.associate(COMMITMENT)
    day.request("1.1", association=association)
    day.result(["1.1"], association=association)
    return day.traffic()


def _later() -> Traffic:
    day = Day()
    day.request("1.1")
    day.result(["1.1"], association=day.associate(COMMITMENT))
    return day.traffic()


def _reversed() -> Traffic:
    day = Day()
    day.request("1.1")
    day.result(["1.1"])
    return day.traffic()


@pytest.mark.parametrize(("make", "way"), [(_same, Way.SAME), (_later, Way.LATER), (_reversed, Way.REVERSED)])
def test_a_result_is_joined_on_each_of_the_three_ways(make: "object", way: Way) -> None:
    [one], strays = commitments(make())  # type: ignore[operator]
    assert [result.way for result in one.results] == [way] and not strays
    assert one.committed == {"1.1"}


def test_results_in_parts_add_up_and_a_later_commitment_outdoes_a_refusal() -> None:
    day = Day()
    day.request("1.1", "1.2", "1.3")
    day.result(["1.1"], ["1.2"])
    day.result(["1.2"])
    [one], _ = commitments(day.traffic())
    assert one.committed == {"1.1", "1.2"} and not one.failed
    assert one.results[0].failed[0].reason == 0x0112


def test_a_result_of_another_transaction_is_not_joined() -> None:
    day = Day()
    day.request("1.1", transaction="9.1")
    day.result(["1.1"], transaction="9.2")
    [one], strays = commitments(day.traffic())
    assert not one.results and [stray.transaction for stray in strays] == ["9.2"]
    assert strays[0].way is None


def test_a_transaction_uid_used_again_gives_its_result_to_the_latest_request() -> None:
    day = Day()
    day.request("1.1")
    day.result(["1.1"])
    day.request("1.2")
    day.result(["1.2"])
    (first, second), _ = commitments(day.traffic())
    assert first.committed == {"1.1"} and second.committed == {"1.2"}
    assert second.again == (first.request,) and not first.again


def test_what_cannot_be_read_is_not_readable_and_names_nothing() -> None:
    day = Day()
    day.request(body=b"\x08\x00\x16\x00\xff\xff\xff\x7f" * 4)
    [one], _ = commitments(day.traffic())
    assert not one.readable and not one.whole and one.transaction is None and not one.references


def test_other_services_of_the_same_operations_are_not_commitments() -> None:
    forge = TrafficForge()
    forge.exchange(
        forge.association(contexts=[("1.2.840.10008.5.1.1.1", ["1.2.840.10008.1.2"], 0)]), "N-ACTION", status=0
    )
    assert commitments(forge.traffic()) == ((), ())
