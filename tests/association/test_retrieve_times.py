"""Where the time of real retrieves went, in both layers."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.retrieve_times import RetrieveTimes, retrieve_times
from dicomsniff.association.timing import timing
from dicomsniff.association.values import Traffic
from tests.captures import real

DATA = Path(__file__).parents[1] / "captures" / "data" / "attribution"
MS = 1_000_000


def times(traffic: Traffic) -> RetrieveTimes:
    return retrieve_times(next(r for r in traffic.retrievals if r.stores), traffic, timing(traffic))


def played(name: str) -> RetrieveTimes:
    return times(analyze(DATA / f"{name}.pcap.gz").traffic)


def test_an_archive_that_recalls_is_slow_at_the_start() -> None:
    made = played("slow_recall_server")
    assert made.start is not None and abs(made.start - 11_000 * MS) < 100 * MS
    assert made.between is not None and made.between < 100 * MS and made.stores == 6


def test_an_archive_that_fetches_each_object_is_slow_between_them() -> None:
    made = played("slow_fetch_middle")
    assert made.between is not None and abs(made.between - 2500 * MS) < 200 * MS
    assert made.start is not None and made.start < 100 * MS


def test_a_destination_that_is_slow_shows_in_the_delivery() -> None:
    made = played("slow_destination_client")
    assert made.delivered is not None and abs(made.delivered.server - 3000 * MS) < 100 * MS
    assert made.between is not None and made.between < 200 * MS


@real.here
def test_the_layers_add_up() -> None:
    made = times(real.analysis("query_retrieve").traffic)
    parts = made.start, made.setup, made.storing, made.between, made.tail
    assert made.whole is not None and all(part is not None for part in parts)
    assert abs(made.whole - sum(part or 0 for part in parts)) < 5 * MS


@pytest.mark.parametrize("name", ["slow_fetch_middle"])
def test_a_clock_that_was_set_makes_them_unknown(name: str) -> None:
    traffic = analyze(DATA / f"{name}.pcap.gz").traffic
    capture = replace(traffic.captures[0], clock_breaks=((0, 1 << 40),))
    made = times(replace(traffic, captures=(capture,)))
    assert (made.whole, made.start, made.between, made.delivered) == (None, None, None, None)
