"""Small segments: announced, assumed, or only seen."""

import random

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.transport.small_segments import RULE
from tests.forge.dialogue import Dialogue
from tests.forge.reading import traffic_of
from tests.forge.traffic import CT, IMPLICIT
from tests.forge.wire import Wire
from tests.rules.judging import found, only, verdict

ORDINARY = b"\x02\x04\x05\xb4"  # 1460
SMALL = b"\x02\x04\x02\x18"  # 536


def stored(mss: int, there: bytes = b"", back: bytes = b"", size: int = 200_000) -> Traffic:
    """A C-STORE in segments of `mss` bytes."""
    wire = Wire(mss=mss, options=(there, back))
    talk = Dialogue(wire, "CT01", "PACS", (CT, (IMPLICIT,), 0)).request().accept()
    talk.store(CT, "1.2.3", random.Random(1).randbytes(size)).release()
    return traffic_of(wire.frames)


def test_fires() -> None:
    assert verdict(RULE, stored(536, ORDINARY, SMALL)) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, stored(1448, ORDINARY, ORDINARY)) is Verdict.CLEAR
    assert verdict(RULE, stored(1448)) is Verdict.CLEAR


def test_the_host_whose_syn_asks_for_small_segments_is_named() -> None:
    finding = only(RULE, stored(536, ORDINARY, SMALL))
    assert finding.severity is Severity.NOTE
    assert finding.message == (
        "TCP segments limited to 536 bytes between 10.0.0.1 and 10.0.0.2:104 (the SYN of 10.0.0.2 asks for it): 2.7 times as"
        " many packets as usual."
    )
    assert finding.facts["announced"] == [1460, 536]
    assert finding.facts["sizes"]["to_responder"]["largest"] == 536
    assert finding.packets == (1, 2)


def test_a_syn_without_the_option_explains_segments_of_the_assumed_size() -> None:
    finding = only(RULE, stored(536, b"", b""))
    assert "does not say a size" in finding.message
    assert finding.act is Side.NETWORK


def test_bulk_data_in_small_segments_tell_without_the_syns() -> None:
    assert "(no longer ones were seen)" in only(RULE, stored(512, ORDINARY, ORDINARY)).message


def test_a_few_small_segments_and_ordinary_tunnels_say_nothing() -> None:
    assert not found(RULE, stored(500, ORDINARY, ORDINARY, size=10_000))
    assert not found(RULE, stored(1340, b"\x02\x04\x05\x50", b"\x02\x04\x05\x50"))


def test_an_announcement_that_the_segments_do_not_keep_is_not_believed() -> None:
    assert not found(RULE, stored(1448, ORDINARY, SMALL))
