"""Durations across long silences: known where the hosts' clocks confirm them, unknown where these say that a clock was set."""

from pathlib import Path

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.rules.clock import clock_holds
from tests.forge import pdus
from tests.forge.dialogue import STORE, Dialogue, data_set
from tests.forge.wire import BACK, OUT, StampedWire, Wire, write_pcap

CT = "1.2.840.10008.5.1.4.1.1.2"
IMAGE = data_set(SOPClassUID=CT, SOPInstanceUID="1.2.3", ImageComments="text" * 4_000)


def _begun(wire: Wire) -> Dialogue:
    dialogue = Dialogue(wire, "CT1", "PACS", (CT, (pdus.IMPLICIT_LITTLE,), 0)).request().accept()
    return dialogue.store(CT, "1.2.3", IMAGE, 0)


def _answered_late(wire: Wire, clock_s: float, wait_s: float) -> Dialogue:
    """The second object is confirmed at once; its response comes behind a wait, or behind a clock that is set."""
    dialogue = _begun(wire)
    dialogue.ask(STORE, CT, IMAGE, MessageID=9, AffectedSOPInstanceUID="1.2.4", Priority=0)
    wire.wait(0.1).acknowledge(OUT).wait(wait_s)
    if isinstance(wire, StampedWire):
        wire.set_clock(clock_s)
    else:
        wire.wait(clock_s)
    return dialogue.answer(STORE, CT, 0, MessageIDBeingRespondedTo=9, AffectedSOPInstanceUID="1.2.4").release()


def _analysis(directory: Path, wire: Wire) -> Analysis:
    return analyze(write_pcap(directory / "c.pcap", wire.frames))


def _slow(analysis: Analysis) -> list[str]:
    return [f.message for f in analysis.findings if f.rule.startswith("DS-PERF")]


def test_a_clock_that_is_set_is_no_slow_server(tmp_path: Path) -> None:
    wire = StampedWire()
    _answered_late(wire, 600, 0)
    analysis = _analysis(tmp_path, wire)
    assert _slow(analysis) == []
    (note,) = (note for note in analysis.captures[0].notes if "the clock was set" in note)
    assert "by the time stamps of those who sent" in note
    assert any(f.rule == "DS-CAP-005" and "the clock was set" in f.message for f in analysis.findings)


def test_a_server_that_takes_as_long_is_slow(tmp_path: Path) -> None:
    for name, wire in (("stamped", StampedWire()), ("plain", Wire())):
        _answered_late(wire, 0, 600)
        (tmp_path / name).mkdir()
        analysis = _analysis(tmp_path / name, wire)
        assert any("at most 10 min" in message for message in _slow(analysis))
        assert not any("clock" in note for note in analysis.captures[0].notes)


@pytest.mark.parametrize("stamped", [True, False])
def test_an_association_held_open_over_lunch(tmp_path: Path, stamped: bool) -> None:
    wire = StampedWire() if stamped else Wire()
    dialogue = _begun(wire)
    wire.acknowledge(BACK).wait(5_400)
    last = len(wire.frames)
    dialogue.store(CT, "1.2.5", IMAGE, 0).release()
    analysis = _analysis(tmp_path, wire)
    assert clock_holds(analysis.traffic, last, last + 1) is stamped
    assert any("the time jumps forward once" in note for note in analysis.captures[0].notes) is not stamped
    assert bool(analysis.captures[0].clock_notes) is not stamped


def test_of_several_jumps_those_that_are_not_confirmed_are_told(tmp_path: Path) -> None:
    wire = StampedWire()
    dialogue = _begun(wire)
    wire.wait(5_000)
    dialogue.store(CT, "1.2.5", IMAGE, 0)
    wire.set_clock(9_000)
    last = len(wire.frames)
    dialogue.store(CT, "1.2.6", IMAGE, 0).release()
    analysis = _analysis(tmp_path, wire)
    notes = analysis.captures[0].notes
    assert any(f"forward once, first at packet {last + 1}, by up to 9000" in note for note in notes)
    assert [first for first, _ in analysis.captures[0].clock_breaks] == [last + 1]
