"""Where the time of real retrieves went, in both layers."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.association.retrieve_times import RetrieveTimes, retrieve_times
from dicomsniff.association.timing import timing
from dicomsniff.association.values import Traffic
from tests.captures import real
from tests.forge.dialogue import MOVE, Dialogue, data_set
from tests.forge.reading import traffic_of
from tests.forge.traffic import CT, IMPLICIT, STUDY_MOVE
from tests.forge.wire import ACK, BACK, OUT, RST, SYN, Wire

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


@pytest.mark.parametrize("vainly", ["SYNs", "refused"])
def test_what_an_archive_tries_in_vain_is_no_time_of_its_own(vainly: str) -> None:
    """The destination is reached only after twelve seconds."""
    wire = Wire()
    move = Dialogue(wire, "WS1", "PACS", (STUDY_MOVE, (IMPLICIT,), 0)).request().accept()
    move.ask(MOVE, STUDY_MOVE, data_set(QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2.3"), MoveDestination="WS1")
    wire.acknowledge(OUT)
    back = Wire(("10.0.0.2", 50000), ("10.0.0.1", 11112), start_ns=wire.now + 10 * MS)
    frames = []
    if vainly == "SYNs":
        for pause in (1, 2, 4, 5):
            back.packet(OUT, SYN, seq=back.seq[OUT])
            back.wait(pause)
    else:
        for port in (50001, 50002):
            other = Wire(("10.0.0.2", port), ("10.0.0.1", 11112), start_ns=back.now)
            other.packet(OUT, SYN, seq=1)
            other.packet(BACK, RST | ACK, seq=0)
            frames += other.frames
            back.wait(6)
    delivery = Dialogue(back, "PACS", "WS1", (CT, (IMPLICIT,), 0)).request().accept()
    delivery.store(CT, "1.2.3.4", data_set(SOPInstanceUID="1.2.3.4", StudyInstanceUID="1.2.3"), origin=("WS1", 1))
    delivery.release()
    wire.now = back.now + MS
    move.answer(MOVE, STUDY_MOVE, 0).release()
    made = times(traffic_of(wire.frames, back.frames, frames))
    assert made.setup is not None and made.setup > 11_900 * MS
    assert made.start is not None and made.start < 100 * MS
