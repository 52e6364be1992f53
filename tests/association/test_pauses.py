"""What a pause waited for: lost bytes, a shut or full window, an acknowledgement, or its sender's application."""

from typing import Any

import pytest

from dicomsniff.association.pauses import PARTS, Sorter
from dicomsniff.core import Direction
from dicomsniff.tcp.events import Connection
from dicomsniff.tcp.options import MSS, WINDOW_SCALE
from dicomsniff.tcp.pace import Pause
from dicomsniff.tcp.segment_facts import SegmentFacts
from tests.forge.traffic import TrafficForge

MS = 1_000_000
OUT = Direction.TO_RESPONDER
SYN = bytes([MSS, 4, 5, 180, WINDOW_SCALE, 3, 0, 1])


def connection(back_ms: int = 0, round_ms: int = 20, recoveries: tuple[tuple[int, int], ...] = ()) -> Connection:
    forge = TrafficForge()
    forge.association()
    tcp = forge.traffic().conversations[0].tcp
    facts = SegmentFacts(syn_options=SYN, recoveries=recoveries)
    values = {name: getattr(tcp, name) for name in Connection.__dataclass_fields__}
    changed = {
        "rtt_initiator_ns": back_ms * MS,
        "rtt_responder_ns": (round_ms - back_ms) * MS,
        "segments": (facts, facts),
    }
    return Connection(**{**values, **changed})


def pause(**changed: Any) -> Pause:
    """40 ms after a full segment that was all acknowledged after 39 ms; the window is wide."""
    made = {
        "direction": OUT, "turn": False, "again": False, "since_ns": 0, "time_ns": 40 * MS, "since_packet": 1, "packet": 3,
        "before": 1460, "flight": 1460, "window": 60_000, "nearly_ns": 0, "acked_ns": 39 * MS, "last_ack_ns": 39 * MS, "closed_ns": 0,
    }  # fmt: skip
    return Pause(**{**made, **changed})


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("congestion", {}),
        ("nagle", {"before": 12, "flight": 12}),
        ("receive_window", {"window": 700, "flight": 1300}),
        ("zero_window", {"closed_ns": 39 * MS}),
        ("loss", {"again": True}),
        ("sender", {"acked_ns": 1 * MS, "last_ack_ns": 1 * MS}),
        ("wire", {"acked_ns": None, "last_ack_ns": None, "nearly_ns": None}),
    ],
)
def test_most_of_a_pause_is_of_one_kind(kind: str, changed: dict[str, Any]) -> None:
    parts = Sorter(connection(), OUT).parts([pause(**changed)], 50 * MS)
    amounts = {name: getattr(parts, name) for name in PARTS}
    assert sum(amounts.values()) == 50 * MS
    assert amounts[kind] >= 38 * MS


def test_an_acknowledgement_that_cannot_have_reached_the_sender_released_nothing() -> None:
    parts = Sorter(connection(back_ms=60, round_ms=60), OUT).parts([pause()], 40 * MS)
    assert (parts.congestion, parts.wire) == (0, 40 * MS)


def test_a_stretch_of_recovery_is_loss() -> None:
    sorter = Sorter(connection(recoveries=((10 * MS, 30 * MS),)), OUT)
    assert sorter.recovering(pause()) and not sorter.recovering(pause(since_ns=31 * MS))


def test_without_round_trips_nobody_is_accused() -> None:
    tcp = connection()
    values = {name: getattr(tcp, name) for name in Connection.__dataclass_fields__}
    blind = Connection(**{**values, "rtt_initiator_ns": None})
    assert Sorter(blind, OUT).parts([pause(acked_ns=1 * MS, last_ack_ns=1 * MS)], 40 * MS).wire == 40 * MS
