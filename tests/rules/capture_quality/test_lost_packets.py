"""Packets that the capture missed."""

from dicomsniff.association.values import Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.capture_quality.lost_packets import RULE
from dicomsniff.rules.finding import Verdict
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.traffic import TrafficForge
from tests.rules.judging import found, only, verdict


def lost(acknowledged: int = 100_000, cause: GapCause = GapCause.LOST) -> Traffic:
    forge = TrafficForge()
    gap = Gap(1, Direction.TO_RESPONDER, 2000, 1448, cause, 12, 0)
    line = forge.connection(gaps=[gap], to_responder={"acknowledged": acknowledged})
    forge.exchange(forge.association(line), "C-STORE", status=0)
    return forge.traffic()


def healthy() -> Traffic:
    forge = TrafficForge().capture(dropped=0)
    forge.association()
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, lost()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_bytes_and_messages_are_counted() -> None:
    finding = only(RULE, lost())
    assert (
        "1448 bytes on 10.0.0.1:40000 -> 10.0.0.2:104 were delivered but not captured (1 message affected)"
        in finding.message
    )
    assert finding.display_filter == "tcp.stream eq 0 and frame.number eq 12"


def test_bytes_that_were_never_confirmed_may_be_lost_for_real() -> None:
    assert found(RULE, lost(acknowledged=2500)) == ()


def test_bytes_cut_by_the_snap_length_are_another_matter() -> None:
    assert found(RULE, lost(cause=GapCause.SNAPLEN)) == ()


def test_the_drops_the_tool_itself_counted_are_told() -> None:
    forge = TrafficForge().capture(dropped=17)
    forge.association()
    assert "counted 17 packets that it dropped" in only(RULE, forge.traffic()).message
