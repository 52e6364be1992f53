"""DS-DIMSE-007: more outstanding than negotiated."""

import dataclasses
from typing import Any

import pytest

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.pdu.values import AsyncWindow, UserInformation
from dicomsniff.rules.dimse.exceeded_window import RULE
from tests.captures import real
from tests.forge.dialogue import ECHO, Dialogue
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.rules.applying import hits, is_quiet, only
from tests.rules.spoken import VERIFICATION, traffic_of


def _pipelined(d: Dialogue, count: int = 3, ids: tuple[int, ...] = ()) -> None:
    for place in range(count):
        d.ask(ECHO, VERIFICATION, MessageID=ids[place] if ids else place + 1)
    for place in range(count):
        d.answer(ECHO, VERIFICATION, 0, MessageIDBeingRespondedTo=ids[place] if ids else place + 1)


def _with_window(traffic: Traffic, asked: AsyncWindow | None, agreed: AsyncWindow | None) -> Traffic:
    """The same traffic as if this had been negotiated."""
    (association,) = traffic.associations
    assert association.request and association.accept

    def told(pdu: Any, window: AsyncWindow | None) -> Any:
        return dataclasses.replace(pdu, user_information=UserInformation(async_window=window))

    changed = dataclasses.replace(
        association, request=told(association.request, asked), accept=told(association.accept, agreed)
    )
    return dataclasses.replace(traffic, associations=(changed,))


def test_fires_for_requests_that_did_not_wait() -> None:
    hit = only(RULE, traffic_of(_pipelined))
    assert "has 3 requests (C-ECHO) outstanding at once; only 1 was negotiated" in hit.message
    assert (hit.severity, hit.act, hit.facts["window"]) == ("warning", "requestor", 1)


def test_fires_for_a_message_id_that_is_under_way_twice() -> None:
    traffic = _with_window(traffic_of(lambda d: _pipelined(d, 2, (7, 7))), AsyncWindow(0, 0), AsyncWindow(0, 0))
    assert "used message ID 7" in only(RULE, traffic).message


@pytest.mark.parametrize("window", [AsyncWindow(3, 1), AsyncWindow(0, 1), AsyncWindow(1, 5)])
def test_is_quiet_within_what_was_negotiated(window: AsyncWindow) -> None:
    assert is_quiet(RULE, _with_window(traffic_of(_pipelined), AsyncWindow(9, 9), window))


def test_is_quiet_where_requests_wait_or_were_never_answered() -> None:
    assert not hits(RULE, traffic_of(lambda d: d.echo().echo().ask(ECHO, VERIFICATION)))


def test_is_quiet_where_responses_may_be_missing_in_the_capture() -> None:
    forge = TrafficForge()
    association = forge.association(contexts=[(CT, [IMPLICIT], 0)], blind=[Blind.HOLE_TO_REQUESTOR])
    for _ in range(3):
        forge.exchange(association, "C-STORE", status=0)
    assert is_quiet(RULE, forge.traffic())


@real.here
def test_is_quiet_about_sub_operations_of_a_c_get() -> None:
    assert not hits(RULE, real.analysis("query_retrieve").traffic)


@pytest.mark.parametrize("harmed", [{"outcome": Outcome.ABORTED, "aborts": [("acceptor", 2, 2)]}, {}])
def test_fires_as_an_error_where_it_did_harm(harmed: dict[str, Any]) -> None:
    forge = TrafficForge()
    association = forge.association(**harmed)
    for _ in range(2):
        forge.exchange(association, "C-STORE", status=0 if harmed else 0x0210)
    traffic = forge.traffic()
    first, second = traffic.exchanges
    assert first.request and first.final and second.request and second.final
    first.final = second.final._replace(start=second.final.end, end=second.final.end + 100)
    hit = only(RULE, traffic)
    assert hit.severity == "error" and set(hit.tells_of) == {1, 2}
