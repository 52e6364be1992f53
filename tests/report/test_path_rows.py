"""What a connection showed of the way between its ends, as plain rows."""

from pathlib import Path
from typing import Any

import pytest

from dicomsniff.api import analyze

DATA = Path(__file__).parents[1] / "captures" / "data" / "attribution"


def connection(name: str) -> dict[str, Any]:
    row: dict[str, Any] = analyze(DATA / f"{name}.pcap.gz").report().connections[0]
    return row


@pytest.mark.parametrize(("name", "before", "behind"), [("loss_near_client", 0, 29), ("loss_near_server", 29, 0)])
def test_what_was_lost_is_told_with_its_place_on_the_path(name: str, before: int, behind: int) -> None:
    row = connection(name)["to_responder"]
    assert abs(row["resent_after_hole"] - before) < 15 and abs(row["resent_after_passing"] - behind) < 15
    assert (row["resent_after_hole"] > 0) == (before > 0) and (row["resent_after_passing"] > 0) == (behind > 0)


def test_a_small_window_shows_in_window_flight_and_the_time_it_was_full() -> None:
    row = connection("small_window_middle")["to_responder"]
    assert row["flight_bytes"] <= row["window_bytes"] < 25_000 and row["mss"] == 1460
    assert row["round_trips"]["samples"] > 500 and 15 < row["round_trips"]["least_ms"] < 20


def test_the_place_of_the_capture_is_told() -> None:
    row = connection("small_window_server")["position"]
    assert row["place"] == "responder" and row["share"] > 0.95 and row["to_initiator_and_back_ms"] > 19
