"""What a capture shows that the wire never carried."""

import random

from dicomsniff.association.values import Traffic
from dicomsniff.rules.capture_quality.artefacts import RULE
from dicomsniff.rules.finding import Severity, Side, Verdict
from tests.forge.dialogue import Dialogue
from tests.forge.reading import traffic_of
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.forge.wire import Frame, Wire
from tests.rules.judging import found, only, verdict

OPTIONS = b"\x02\x04\x05\xb4"


def stored(mss: int = 1448, **wire: object) -> list[Frame]:
    """A C-STORE between hosts that both accept 1460 bytes."""
    made = Wire(mss=mss, options=(OPTIONS, OPTIONS), **wire)  # type: ignore[arg-type]
    talk = Dialogue(made, "CT01", "PACS", (CT, (IMPLICIT,), 0)).request().accept()
    talk.store(CT, "1.2.3", random.Random(1).randbytes(60_000)).release()
    return made.frames


def test_fires() -> None:
    assert verdict(RULE, traffic_of(stored(mss=4344))) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, traffic_of(stored())) is Verdict.CLEAR
    assert verdict(RULE, traffic_of(stored(mss=1460))) is Verdict.CLEAR
    assert verdict(RULE, Traffic((), (), (), ())) is Verdict.NOT_APPLICABLE


def test_segments_longer_than_their_receiver_accepts_show_where_the_capture_was_made() -> None:
    other = stored(mss=4344, client=("10.0.0.9", 40_000), start_ns=1_700_000_100_000_000_000)
    finding = only(RULE, traffic_of(stored(mss=4344), other))
    assert finding.severity is Severity.NOTE
    assert finding.message.startswith(
        "2 connections show TCP segments of up to 4344 bytes, longer than their receiver accepts: the capture was made on"
        " 10.0.0.2, inside segmentation offload"
    )
    assert (finding.act, finding.facts["hosts"]) == (Side.CAPTURE, ["10.0.0.2"])


def test_copies_are_told_with_their_number() -> None:
    frames = stored()
    finding = only(RULE, traffic_of(frames, [(time + 1000, data) for time, data in frames[5:15]]))
    assert finding.message.startswith(
        f"{finding.facts['packets']} packets of 1 connection were captured more than once"
    )
    assert finding.facts["packets"] >= 6
    assert finding.packets and all(5 < packet < 30 for packet in finding.packets)


def test_a_clock_that_was_set_is_told_with_the_packets() -> None:
    sound = TrafficForge()
    sound.association()
    assert not found(RULE, sound.traffic())
    with_clock = TrafficForge().capture(clock_notes=("the clock steps back once",), clock_breaks=((21, 21),))
    with_clock.association()
    finding = only(RULE, with_clock.traffic())
    assert "forged.pcap: the clock steps back once." in finding.message
    assert finding.packets == (21,)


def test_second_views_are_told() -> None:
    finding = only(RULE, traffic_of(stored(), _behind_nat()))
    assert "1 conversation was captured again behind an address translation" in finding.message


def _behind_nat() -> list[Frame]:
    """The same conversation a moment later under another address; answers a moment earlier."""
    frames = stored(client=("192.168.0.1", 50_000))
    return [(time + (100 if data[26:30] == bytes([192, 168, 0, 1]) else -100), data) for time, data in frames]
