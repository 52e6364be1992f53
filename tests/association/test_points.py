"""A conversation captured at two points is judged once, where more of it is held; another conversation stays."""

from dataclasses import replace
from pathlib import Path

from dicomsniff.api import Analysis, analyze
from dicomsniff.association.points import end_ns
from tests.forge import pdus
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.field import sealed, translated
from tests.forge.wire import Frame, Wire, write_pcap

CT = "1.2.840.10008.5.1.4.1.1.2"
CLIENT, SERVER = ("192.168.1.5", 40000), ("10.1.1.7", 104)
IMAGE = data_set(SOPClassUID=CT, SOPInstanceUID="1.2.3", ImageComments="text" * 3_000)
HOUR = 3_600_000_000_000


def _stored(port: int = 40000, start_s: int = 0, isn: int = 5) -> list[Frame]:
    start = 1_700_000_000_000_000_000 + start_s * 10**9
    wire = Wire((CLIENT[0], port), SERVER, start_ns=start, isn=(isn, isn * 3))
    dialogue = Dialogue(wire, "CT1", "PACS", (CT, (pdus.IMPLICIT_LITTLE,), 0)).request().accept()
    return sealed(dialogue.store(CT, "1.2.3", IMAGE, 0xA700).release().wire.frames, isn)


def _later(frames: list[Frame], ns: int) -> list[Frame]:
    return [(time + ns, frame) for time, frame in frames]


def _analysis(directory: Path, *captures: list[Frame]) -> Analysis:
    return analyze(*(write_pcap(directory / f"{'abc'[i]}.pcap", frames) for i, frames in enumerate(captures)))


def _views(analysis: Analysis) -> list[tuple[int | None, list[int | None]]]:
    association = analysis.traffic.association
    return [(c.view_of, [association(a).view_of for a in c.associations]) for c in analysis.connections]


def _said(analysis: Analysis) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(f.rule, f.message, f.packets) for f in analysis.findings if not f.rule.startswith("DS-CAP")]


def test_the_second_point_is_a_view_and_judged_once(tmp_path: Path) -> None:
    once, twice = _analysis(tmp_path, _stored()), _analysis(tmp_path, _stored(), _later(_stored(), HOUR))
    assert _views(twice) == [(None, [None]), (1, [1])]
    assert "point 1" in twice.connections[1].view_proof
    assert _said(twice) == _said(once) != []
    assert twice.connections[1].tcp.first_ns == once.connections[0].tcp.first_ns
    assert any("judged once: 1" in note for note in twice.captures[0].notes)


def test_the_view_that_holds_more_is_the_one_that_counts(tmp_path: Path) -> None:
    assert _views(_analysis(tmp_path, _stored()[4:], _later(_stored(), -HOUR))) == [(2, [2]), (None, [None])]


def test_a_conversation_that_only_one_point_captured_stays(tmp_path: Path) -> None:
    other = _stored(40001, 30, isn=77)
    analysis = _analysis(tmp_path, _stored(), _later([*_stored(), *other], HOUR))
    assert _views(analysis) == [(None, [None]), (1, [1]), (None, [None])]


def test_a_port_used_again_is_another_conversation(tmp_path: Path) -> None:
    again = _stored(start_s=3, isn=900)
    analysis = _analysis(tmp_path, [*_stored(), *again], _later([*_stored(), *again], HOUR))
    assert _views(analysis) == [(None, [None]), (None, [None]), (1, [1]), (2, [2])]


def test_behind_an_address_translation_at_another_point(tmp_path: Path) -> None:
    inside = _stored()
    outside = translated(inside, {CLIENT: ("203.0.113.1", 61000)})
    assert _views(_analysis(tmp_path, inside, _later(outside, 3 * HOUR))) == [(None, [None]), (1, [1])]


def test_what_a_point_did_not_live_to_see_is_held_against_nobody(tmp_path: Path) -> None:
    """The first capture ends after the request; the second goes on for an hour with something else."""
    frames = _stored()
    alone = _stored(40009, 1, isn=333)[:6]
    late = _stored(40001, 3600, isn=77)
    first = sorted([*frames, *alone], key=lambda frame: frame[0])
    analysis = _analysis(tmp_path, first, [*_later(frames, 9_000_000), *_later(late, 9_000_000)])
    assert {f.association for f in analysis.findings} <= {
        1,
        None,
        *(a.id for a in analysis.associations if a.view_of is None),
    }
    assert end_ns(analysis.traffic, 2) < end_ns(analysis.traffic, len(analysis.connections))
    assert not [f for f in analysis.findings if "until the capture ended" in f.message]
    joined = replace(analysis.traffic, joined=True)
    assert end_ns(joined, len(joined.conversations)) == end_ns(joined, 1) == joined.last_ns
