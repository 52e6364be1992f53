"""A retrieve that waits for the archive."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.values import Retrieval, Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.performance.waiting_retrieve import RULE, check
from dicomsniff.rules.rule import Thresholds
from dicomsniff.tcp.events import Gap, GapCause
from tests.captures import real
from tests.captures.losses import SAMPLES
from tests.forge.traffic import STUDY_MOVE, TrafficForge
from tests.rules.applying import is_quiet, only

PLAYED = Path(__file__).parents[2] / "captures" / "data" / "attribution"


@real.here
def test_fires_where_the_first_object_comes_late() -> None:
    traffic = real.analysis("query_retrieve").traffic
    move = next(r for r in traffic.retrievals if r.stores)
    told = check(move, traffic, replace(Thresholds(), srv_slow_move=0.0001))
    assert told is not None and not hasattr(told, "reason")
    assert told.act is Side.ACCEPTOR and "first of 3 objects" in told.message


@real.here
def test_is_quiet_where_it_comes_soon() -> None:
    assert is_quiet(RULE, real.analysis("query_retrieve").traffic)


@real.here
def test_is_inconclusive_where_the_clock_was_set_meanwhile() -> None:
    traffic = real.analysis("query_retrieve").traffic
    capture = replace(traffic.captures[0], clock_breaks=((0, 1 << 40),))
    broken = replace(traffic, captures=(capture,))
    move = next(r for r in broken.retrievals if r.stores)
    assert isinstance(check(move, broken, replace(Thresholds(), srv_slow_move=0.0001)), Inconclusive)


def undelivered(seconds: float, completed: int | None = 3) -> Traffic:
    """A C-MOVE that reports this many objects, none of which the capture shows."""
    forge = TrafficForge()
    number = forge.association(contexts=[(STUDY_MOVE, ["1.2.840.10008.1.2"], 0)])
    counts = None if completed is None else (0, completed, 0, 0)
    forge.exchange(number, "C-MOVE", status=0, after=seconds, suboperations=counts, move_destination="STATION")
    return forge.traffic()


def test_does_not_decide_who_was_slow_where_the_delivery_was_not_captured() -> None:
    told = only(RULE, undelivered(60.0))
    assert (told.severity, told.act, told.actor) == (Severity.NOTE, Side.UNKNOWN, None)
    assert "Their delivery is not in the capture" in told.message and "A capture at" in told.message


@pytest.mark.parametrize(("seconds", "completed"), [(1.0, 3), (60.0, 0), (60.0, None)])
def test_is_quiet_where_nothing_was_delivered_or_that_took_no_time(seconds: float, completed: int | None) -> None:
    assert is_quiet(RULE, undelivered(seconds, completed))


def test_fires_where_the_archive_pauses_between_objects() -> None:
    told = only(RULE, analyze(PLAYED / "slow_fetch_middle.pcap.gz").traffic)
    assert told.act is Side.ACCEPTOR and "the archive took most" in told.message


def sample(name: str) -> list[str]:
    findings = real.flat(analyze(SAMPLES / f"{name}.pcap").findings)
    return [finding.message for finding in findings if finding.rule == RULE.id]


def test_a_single_object_has_no_time_between_objects() -> None:
    [told] = sample("slow_associations")
    assert "until it sent the only object: the archive took most" in told and "one and the next" not in told


def test_the_whole_is_known_without_a_final_response() -> None:
    [told] = sample("retrieves")
    assert "Without its pauses the 40.1 s would be 10 ms." in told


def test_a_slow_destination_is_not_the_archive() -> None:
    assert is_quiet(RULE, analyze(PLAYED / "slow_destination_client.pcap.gz").traffic)


@real.here
def test_is_inconclusive_where_packets_of_the_delivery_are_missing() -> None:
    traffic = real.analysis("query_retrieve").traffic
    move = next(r for r in traffic.retrievals if r.stores)
    answer = check(move, with_a_hole(traffic, move), replace(Thresholds(), srv_slow_move=0.0001))
    assert isinstance(answer, Inconclusive) and "missing" in answer.reason
    assert isinstance(check(move, traffic, replace(Thresholds(), srv_slow_move=0.0001)), Hit)


def with_a_hole(traffic: Traffic, move: Retrieval) -> Traffic:
    """The same with bytes missing from the connection of the first delivery."""
    delivery = traffic.association(traffic.exchange(move.stores[0]).association)
    hole = Gap(
        delivery.connection, Direction.TO_RESPONDER, 0, 100, GapCause.LOST, delivery.first_packet, delivery.first_ns
    )
    conversations = tuple(
        replace(each, gaps=(*each.gaps, hole)) if each.tcp.id == delivery.connection else each
        for each in traffic.conversations
    )
    return replace(traffic, conversations=conversations)
