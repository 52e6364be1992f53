"""Where on its way a connection was captured."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.api import analyze
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.position import Place, position
from tests.forge.traffic import TrafficForge

DATA = Path(__file__).parents[1] / "captures" / "data" / "attribution"
MS = 1_000_000


def connection(**changed: Any) -> Connection:
    forge = TrafficForge()
    forge.association()
    return replace(forge.traffic().conversations[0].tcp, **changed)


@pytest.mark.parametrize(
    ("point", "place", "share"),
    [("client", Place.INITIATOR, 0.0), ("middle", Place.BETWEEN, 0.2), ("server", Place.RESPONDER, 1.0)],
)
def test_the_three_points_of_the_lab_are_told_apart(point: str, place: Place, share: float) -> None:
    found = position(analyze(DATA / f"nagle_{point}.pcap.gz").traffic.conversations[0].tcp)
    assert found.place is place and found.share is not None and abs(found.share - share) < 0.05


def test_on_a_fast_network_the_place_makes_no_difference() -> None:
    assert position(connection(rtt_initiator_ns=20_000, rtt_responder_ns=200_000)).place is Place.SAME_NETWORK


def test_without_a_handshake_it_is_not_known() -> None:
    assert position(connection(rtt_initiator_ns=None)).place is Place.UNKNOWN
