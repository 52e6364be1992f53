"""A conversation over several paths is read as one; where a path was not captured it has holes, and nobody is accused of them."""

from pathlib import Path

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.association.values import Outcome
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.tcp.multipath import _option, _Told, _told
from tests.captures import real
from tests.captures.test_field_conditions import payload_hashes
from tests.forge import pdus
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.field import merged, over_two_paths, sealed
from tests.forge.wire import BACK, OUT, Frame, Wire, write_pcap
from tests.tcp.assembling import assemble

CT = "1.2.840.10008.5.1.4.1.1.2"
SERVER, OTHER = ("10.0.0.2", 104), ("172.16.0.9", 51000)


def _stored() -> list[Frame]:
    dialogue = Dialogue(Wire(), "CT1", "PACS", (CT, (pdus.IMPLICIT_LITTLE,), 0)).request().accept()
    for number in range(3):
        image = data_set(SOPClassUID=CT, SOPInstanceUID=f"1.2.3.{number}", ImageComments="text" * 9_000 + str(number))
        dialogue.store(CT, f"1.2.3.{number}", image, 0)
    return dialogue.release().wire.frames


def _analysis(directory: Path, *captures: list[Frame]) -> Analysis:
    return analyze(write_pcap(directory / "c.pcap", sealed(merged(*captures), None)))


def _accused(analysis: Analysis) -> list[str]:
    findings = [
        f for f in real.flat(analysis.findings) if f.severity is not Severity.INFO and not f.rule.startswith("DS-DATA")
    ]
    return [f.rule for f in findings if f.act is not Side.CAPTURE]


@pytest.mark.parametrize("every", [0, 2, 3])
def test_what_goes_over_two_paths_is_one_conversation(tmp_path: Path, every: int) -> None:
    plain = _analysis(tmp_path, _stored())
    analysis = _analysis(tmp_path, *over_two_paths(_stored(), OTHER, SERVER, every))
    assert list(payload_hashes(analysis.traffic)) == list(payload_hashes(plain.traffic)) != []
    assert [a.outcome for a in analysis.associations] == [Outcome.RELEASED]
    assert [e.status for e in analysis.exchanges] == [0, 0, 0]
    assert all(c.gaps == () for c in analysis.connections)
    assert _accused(analysis) == _accused(plain)


@pytest.mark.parametrize("path", [0, 1])
def test_where_one_path_was_not_captured_there_are_holes_and_no_wrong_object(tmp_path: Path, path: int) -> None:
    whole = set(payload_hashes(_analysis(tmp_path, _stored()).traffic))
    analysis = _analysis(tmp_path, over_two_paths(_stored(), OTHER, SERVER)[path])
    assert set(payload_hashes(analysis.traffic)) <= whole
    assert _accused(analysis) == []


@pytest.mark.parametrize("cut", [1, 2, 4, 7, 20, 60])
def test_where_the_beginning_was_not_captured_no_object_is_made_up(tmp_path: Path, cut: int) -> None:
    whole = set(payload_hashes(_analysis(tmp_path, _stored()).traffic))
    analysis = _analysis(tmp_path, merged(*over_two_paths(_stored(), OTHER, SERVER))[cut:])
    assert set(payload_hashes(analysis.traffic)) <= whole
    assert _accused(analysis) == []


@pytest.mark.parametrize("size", [1, 2, 9])
def test_it_is_the_same_for_blocks_of_any_size(size: int) -> None:
    frames = merged(*over_two_paths(_stored(), OTHER, SERVER))
    assert assemble(frames, size) == assemble(frames)


def test_options_cut_or_of_another_kind_tell_nothing() -> None:
    option = bytes.fromhex("1e14 2005 00000007 00000009 00000001 0064 0000")
    assert _told(_option(option, 2)) == (7, 9, 1, None, False)
    assert _told(_option(b"\1\1" + option, 2)) == (7, 9, 1, None, False)
    for length in range(len(option)):
        assert _told(_option(option[:length], 2)) == _Told()
    assert _option(bytes.fromhex("1e03 20 1e00"), 2) == b""
    assert _told(bytes.fromhex("1e14 2005 00000007 00000009 00000001 0000 0000")) == _Told(7, plain=True)
    assert _told(bytes.fromhex("1e14 2015 00000007 00000009 00000001 0065 0000")) == _Told(7, 9, 1, 109)
    assert _told(bytes.fromhex("1e14 2015 00000007 00000009 00000000 0001 0000")) == _Told(7, end=9)
    assert _told(bytes.fromhex("1e1c 200f 0000000100000007 0000000100000009 00000001 0064 0000")) == _Told(7, 9, 1)


@pytest.mark.parametrize("lost", [range(6, 9), range(10, 12), range(30, 60, 7), range(80, 85)])
def test_what_is_missing_is_a_hole_of_its_length(lost: range) -> None:
    frames = merged(*over_two_paths(_stored(), OTHER, SERVER))
    whole = assemble(frames)
    outcome = assemble([frame for place, frame in enumerate(frames) if place not in lost])
    for way in (OUT, BACK):
        assert outcome.line(1, way).length == whole.line(1, way).length
        at = 0
        for part in outcome.parts(way):
            size = len(part) if isinstance(part, bytes) else part[1]
            assert not isinstance(part, bytes) or part == whole.data(way)[at : at + size]
            at += size


def test_the_end_of_a_path_is_not_the_end_of_the_whole() -> None:
    """Both paths are closed, but that the whole is over nobody said, or the packet that did was not captured."""
    first, second = over_two_paths(_stored(), OTHER, SERVER)
    ending = [frame for frame in first if frame[1][54 + 3 : 54 + 4] == b"\x15"]
    assert len(ending) == 2
    outcome = assemble(merged([frame for frame in first if frame not in ending], second))
    assert outcome.connections[0].closed == "open"
    assert assemble(merged(first, second)).connections[0].closed == "fin"


def test_a_syn_that_is_captured_behind_the_first_bytes_tells_where_these_stand() -> None:
    frames = merged(*over_two_paths(_stored(), OTHER, SERVER))
    data = next(place for place, frame in enumerate(frames) if len(frame[1]) > 200)
    late = [*frames[1:data], frames[data], frames[0], *frames[data + 1 :]]
    whole, outcome = assemble(frames), assemble(late)
    assert outcome.data(BACK) == whole.data(BACK)
    [(start, length, _)] = outcome.holes(OUT)
    assert (start, b"".join(p for p in outcome.parts(OUT) if isinstance(p, bytes))) == (0, whole.data(OUT)[length:])
