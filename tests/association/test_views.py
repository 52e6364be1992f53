"""One conversation captured twice on its way is shown as two views of one; two conversations that look alike are not."""

from pathlib import Path

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.core import Direction
from tests.captures import real
from tests.forge import pdus
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.field import End, merged, relayed, sealed, translated
from tests.forge.wire import Frame, Wire, write_pcap

CT = "1.2.840.10008.5.1.4.1.1.2"
PROPOSALS = ((pdus.VERIFICATION, (pdus.IMPLICIT_LITTLE,), 0), (CT, (pdus.IMPLICIT_LITTLE,), 0))
CLIENT, GATE, SERVER = ("192.168.1.5", 40000), ("203.0.113.9", 104), ("10.1.1.7", 104)
NAT = {CLIENT: ("203.0.113.1", 61000)}
PROXY = {CLIENT: ("203.0.113.9", 52000), GATE: SERVER}
IMAGE = data_set(SOPClassUID=CT, SOPInstanceUID="1.2.3", ImageComments="text" * 9_000)


def _stored(
    client: End = CLIENT, server: End = GATE, *, start_s: float = 0, status: int = 0, image: bytes = IMAGE, isn: int = 5
) -> list[Frame]:
    wire = Wire(client, server, start_ns=1_700_000_000_000_000_000 + int(start_s * 1e9), isn=(isn, isn * 3))
    dialogue = Dialogue(wire, "CT1", "PACS", *PROPOSALS).request().accept()
    return dialogue.echo().store(CT, "1.2.3", image, status).release().wire.frames


def _analysis(directory: Path, *captures: list[Frame]) -> Analysis:
    return analyze(write_pcap(directory / "c.pcap", sealed(merged(*captures))))


def _views(analysis: Analysis) -> list[tuple[int, int | None]]:
    return [(c.id, c.view_of) for c in analysis.connections]


def test_the_other_side_of_an_address_translation_is_a_view(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _stored(), translated(_stored(), NAT))
    assert _views(analysis) == [(1, None), (2, 1)]
    assert "sequence numbers" in analysis.connections[1].view_proof
    assert [a.view_of for a in analysis.associations] == [None, 1]


def test_the_other_side_of_a_proxy_is_a_view(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _stored(), relayed(_stored(), PROXY))
    assert _views(analysis) == [(1, None), (2, 1)]
    assert "proxy" in analysis.connections[1].view_proof


def test_views_of_views_are_views_of_the_first(tmp_path: Path) -> None:
    first = _stored()
    second = relayed(first, PROXY)
    third = translated(second, {PROXY[CLIENT]: ("10.1.1.1", 9999)}, 1_000)
    analysis = _analysis(tmp_path, first, second, third)
    assert _views(analysis) == [(1, None), (2, 1), (3, 1)]
    assert "connection 2:" in analysis.connections[2].view_proof


def test_what_was_captured_twice_is_judged_and_counted_once(tmp_path: Path) -> None:
    once = _analysis(tmp_path, _stored(status=0xA700))
    twice = _analysis(tmp_path, _stored(status=0xA700), translated(_stored(status=0xA700), NAT))
    told = [[(f.rule, f.message) for f in each.findings if f.rule != "DS-CAP-005"] for each in (twice, once)]
    assert sorted(told[0]) == sorted(told[1]) != []
    report = twice.report()
    changed = {"packets": 0, "views": 0, "findings": 0}  # a note tells of the view itself
    assert report.summary | changed == once.report().summary | changed
    assert (report.summary["views"], len(report.objects), len(report.associations)) == (1, 1, 2)
    assert any("judged once: 1" in note for note in twice.captures[0].notes)


def test_ids_are_positions_in_the_whole_traffic_also_without_views(tmp_path: Path) -> None:
    other = _stored(("192.168.1.6", 40001), start_s=1)
    traffic = _analysis(tmp_path, _stored(), translated(_stored(), NAT), other).traffic.without_views()
    assert [c.id for c in traffic.conversations] == [a.id for a in traffic.associations] == [1, 3]
    assert [traffic.exchange(e.id) for e in traffic.exchanges] == list(traffic.exchanges)
    assert traffic.association(3).requestor.port == 40001 and traffic.conversation(3).id == 3
    assert traffic.without_views() is traffic


def test_objects_are_exported_once(tmp_path: Path) -> None:
    assert len(_analysis(tmp_path, _stored(), relayed(_stored(), PROXY)).export(tmp_path / "out")) == 1


DIFFERENT = {
    "two clients side by side": (_stored(), _stored(("192.168.1.6", 40001), start_s=0.0001, isn=77)),
    "the same even in sequence numbers": (_stored(), _stored(("192.168.1.6", 40001), start_s=0.0001)),
    "one after the other": (_stored(), _stored(("192.168.1.5", 40001), start_s=5)),
    "forwarded after it was received": (_stored(), _stored(("203.0.113.9", 52000), SERVER, start_s=0.02, isn=77)),
    "two servers": (_stored(), _stored(("203.0.113.9", 52000), SERVER, start_s=0.000005, isn=77)),
    "hosts that are not joined": (_stored(), relayed(_stored(), {CLIENT: ("10.9.9.9", 5), GATE: SERVER})),
    "the very same server": (_stored(), relayed(_stored(), {CLIENT: ("203.0.113.9", 52000)})),
    "other bytes": (_stored(), relayed(_stored(image=IMAGE[:-1] + b"\1"), PROXY)),
    "another status": (_stored(), translated(_stored(status=0xB000), NAT)),
    "a proxy that also speaks for itself": (
        _stored(),
        relayed(_stored(), PROXY),
        _stored(("203.0.113.9", 52001), SERVER, start_s=3),
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_only_looks_alike_is_no_view(name: str, tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, *DIFFERENT[name])
    assert {view for _, view in _views(analysis)} == {None}
    assert analysis.report().summary["views"] == 0
    assert analysis.traffic.without_views() is analysis.traffic


def test_a_view_with_a_hole_is_not_proved(tmp_path: Path) -> None:
    holed = [frame for place, frame in enumerate(relayed(_stored(), PROXY)) if place != 30]
    analysis = _analysis(tmp_path, _stored(), holed)
    assert analysis.connections[1].tcp.facts(Direction.TO_RESPONDER).lost_bytes
    assert _views(analysis) == [(1, None), (2, None)]


def test_many_alike_conversations_through_a_proxy_each_find_their_own(tmp_path: Path) -> None:
    captures = []
    for number in range(12):
        frames = _stored(("192.168.1.5", 40000 + number), start_s=number * 0.001, isn=100 + number)
        sides = {("192.168.1.5", 40000 + number): ("203.0.113.9", 52000 + number), GATE: SERVER}
        captures += [frames, relayed(frames, sides)]
    analysis = _analysis(tmp_path, *captures)
    partners = {
        (c.tcp.initiator.port - 12000, analysis.traffic.conversation(c.view_of).tcp.initiator.port)
        for c in analysis.connections
        if c.view_of
    }
    assert partners == {(port, port) for port in range(40000, 40012)}


def test_the_page_and_the_terminal_say_that_it_was_seen_again(tmp_path: Path) -> None:
    from dicomsniff.report.text import summary_lines

    analysis = _analysis(tmp_path, _stored(), relayed(_stored(), PROXY))
    analysis.to_html(tmp_path / "page.html")
    assert "Seen again, counted and judged once: association #1." in (tmp_path / "page.html").read_text()
    lines = ["".join(segment.text for segment in line) for line in summary_lines(analysis.report(), 160)]
    assert sum("#1 seen again" in line for line in lines) == 1


@real.here
def test_the_real_proxy_is_one_conversation_seen_twice() -> None:
    analysis = real.analysis("ipv6_any_interface")
    assert _views(analysis) == [(1, None), (2, 1)]
    assert (analysis.report().summary["objects"], len(analysis.report().objects)) == (1, 1)
    assert analysis.report().connections[1]["note"].endswith("a proxy's other side")


@real.here
def test_no_other_real_capture_has_views() -> None:
    for name in real.names():
        if "ipv6_any" not in name and not name.startswith("edge/"):
            assert {c.view_of for c in real.analysis(name).connections} <= {None}, name
