"""The index: the same exchanges and associations as a search through all of them, each looked up once."""

from collections.abc import Sequence
from typing import Any

from dicomsniff.association.index import once
from dicomsniff.association.values import Exchange, Kind, Outcome, Traffic
from tests.forge.traffic import TrafficForge


def mixed() -> Traffic:
    forge = TrafficForge()
    first = forge.association()
    forge.exchange(first, "C-STORE", status=0)
    forge.exchange(first, "C-FIND", status=0xA700)
    forge.exchange(first, "C-STORE", status=0xB000)
    forge.exchange(first, "C-ECHO", status=None)
    second = forge.association(outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)])
    forge.exchange(second, "C-STORE", status=0xA900)
    return forge.traffic()


def ids(some: Sequence[Any]) -> list[int]:
    return [one.id for one in some]


def test_exchanges_of_services_come_in_the_order_of_the_capture() -> None:
    traffic = mixed()
    assert ids(traffic.index.of("C-STORE")) == [e.id for e in traffic.exchanges if e.service == "C-STORE"]
    assert ids(traffic.index.of("C-FIND", "C-STORE")) == sorted(
        e.id for e in traffic.exchanges if e.service in ("C-FIND", "C-STORE")
    )
    assert list(traffic.index.of("N-GET")) == []


def test_answered_failed_and_unanswered_are_told_by_response_and_status() -> None:
    index = mixed().index
    assert [hex(e.status or 0) for e in index.failed] == ["0xa700", "0xa900"]
    assert [e.status for e in index.warned] == [0xB000]
    assert [e.service for e in index.unanswered] == ["C-ECHO"]
    assert len(index.answered) == 4
    assert len(index.asked) == 5


def test_associations_and_conversations_are_found_by_what_became_of_them() -> None:
    traffic = mixed()
    assert [a.outcome for a in traffic.index.ended_badly] == [Outcome.ABORTED]
    assert ids(traffic.index.by_acceptor[traffic.associations[0].acceptor]) == [1, 2]
    assert ids(traffic.index.by_kind[Kind.DICOM]) == ids(traffic.conversations)
    assert list(traffic.index.blind) == []


def test_stores_are_found_by_instance() -> None:
    traffic = mixed()
    store = traffic.index.of("C-STORE")[0]
    assert store in traffic.index.stores_of[store.sop_instance or ""]


def test_what_rules_share_is_gathered_once_for_each_traffic() -> None:
    calls = []

    @once
    def stores(traffic: Traffic) -> Sequence[Exchange]:
        calls.append(traffic)
        return traffic.index.of("C-STORE")

    one, other = mixed(), mixed()
    assert stores(one) is stores(one)
    assert ids(stores(other)) == ids(stores(one))
    assert len(calls) == 2
