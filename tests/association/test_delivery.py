"""Deliveries: what each sender brought to each receiver, and the best that each instance came to."""

from dicomsniff.association.delivery import Delivery, Fate, deliveries, stored
from dicomsniff.association.values import Blind, ExchangeOutcome, Outcome, Traffic
from tests.captures import real
from tests.forge.traffic import CT, IMPLICIT, MR
from tests.forge.workflow import Day


def _deliveries(traffic: Traffic) -> list[Delivery]:
    return deliveries(stored(traffic), traffic)


def _counts(delivery: Delivery) -> dict[str, int]:
    return {str(fate): number for fate, number in delivery.fates.items() if number}


@real.here
def test_seven_objects_of_six_classes_arrived() -> None:
    traffic = real.analysis("store_series").traffic
    [delivery] = _deliveries(traffic)
    assert (delivery.attempts, delivery.instances, _counts(delivery)) == (7, 6, {"success": 6})
    assert delivery.retried == 1 and not delivery.refused


@real.here
def test_an_object_that_was_never_answered_came_to_nothing() -> None:
    for name in ("scp_dies", "abort_by_scp"):
        [delivery] = _deliveries(real.analysis(name).traffic)
        assert _counts(delivery) == {"success": 1, "nothing": 1}
        assert len(delivery.examples[Fate.NOTHING]) == 1


@real.here
def test_a_class_that_was_refused_beside_the_objects_is_named() -> None:
    [delivery] = _deliveries(real.analysis("dcmjs_store").traffic)
    assert delivery.refused == (MR,)


@real.here
def test_what_two_retrieves_asked_for_was_not_sent_again() -> None:
    pushed, retrieved = _deliveries(real.analysis("query_retrieve").traffic)
    assert (pushed.retrieved, pushed.instances, pushed.retried) == (False, 3, 0)
    assert (retrieved.retrieved, retrieved.attempts, retrieved.instances, retrieved.retried) == (True, 6, 3, 0)


def test_the_best_attempt_of_an_instance_counts() -> None:
    day = Day()
    day.stores("1.1", "1.2", status=0xA700)
    day.stores("1.1")
    [delivery] = _deliveries(day.traffic())
    assert _counts(delivery) == {"success": 1, "failure": 1} and delivery.retried == 1
    assert delivery.examples == {Fate.FAILURE: ("1.2",)}


def test_where_the_capture_is_blind_the_fate_is_unknown() -> None:
    day = Day()
    association = day.associate(CT, blind=[Blind.END], outcome=Outcome.OPEN)
    day.store(association, "1.1", status=None, unseen=True)
    [delivery] = _deliveries(day.traffic())
    assert _counts(delivery) == {"unknown": 1}


def test_a_catalogue_of_refused_classes_is_no_object_that_was_wanted() -> None:
    day = Day()
    offered = [(f"1.2.840.10008.5.1.4.1.1.{n}", [IMPLICIT], 3) for n in range(10, 60)]
    day.store(day.forge.association(contexts=[(CT, [IMPLICIT], 0), *offered]), "1.1")
    [delivery] = _deliveries(day.traffic())
    assert not delivery.refused


def test_an_answer_that_says_nothing_of_its_success_is_no_refusal() -> None:
    day = Day()
    day.stores("1.1")
    traffic = day.traffic()
    traffic.exchanges[0].status = traffic.exchanges[0].status_class = None
    traffic.exchanges[0].outcome = ExchangeOutcome.FAILED
    [delivery] = _deliveries(traffic)
    assert _counts(delivery) == {"unknown": 1}
