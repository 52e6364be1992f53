"""Who left an association is said where that is known; what a box, a proxy or a hole leaves open is said to be open."""

from pathlib import Path

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.rules.finding import Finding, Side
from dicomsniff.rules.leaving import doubt, foreign_reset, leaving, left_by, who_left
from tests.captures import real
from tests.captures.forged_endings import forged
from tests.forge.capture_files import pcap
from tests.forge.dialogue import Dialogue
from tests.forge.traffic import CT, IMPLICIT
from tests.forge.wire import ACK, BACK, OUT, RST, Wire, write_pcap


def _analysis(directory: Path, kind: str, *lost: int) -> Analysis:
    kept = [packet for place, packet in enumerate(forged(kind)) if place not in lost]
    path = directory / "c.pcap"
    path.write_bytes(pcap(kept, magic=0xA1B23C4D, link_type=1))
    return analyze(path)


def _with_data(kind: str) -> list[int]:
    """The places of the packets that carry a whole PDU or more."""
    return [place for place, packet in enumerate(forged(kind)) if len(packet.data) > 120]


def _found(analysis: Analysis, rule: str) -> list[Finding]:
    return [f for f in real.flat(analysis.findings) if f.rule == rule]


def test_the_side_that_reset_is_named(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, "reset")
    association, traffic = analysis.associations[0], analysis.traffic
    assert (who_left(association, traffic), doubt(association, traffic)) == ("acceptor", None)
    assert leaving(association, traffic) == "PACS (10.0.0.2:104) closed the connection"
    assert {f.act for rule in ("DS-TCP-005", "DS-STORE-006") for f in _found(analysis, rule)} == {Side.ACCEPTOR}


def test_a_hole_in_its_connection_leaves_open_who_reset_first(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, "reset", _with_data("reset")[3])
    association, traffic = analysis.associations[0], analysis.traffic
    assert (who_left(association, traffic), left_by(association)) == (None, "acceptor")
    [finding] = _found(analysis, "DS-TCP-005")
    assert (finding.act, finding.actor) == (Side.UNKNOWN, None)
    assert finding.message.startswith(
        "The association of PACS (10.0.0.2:104) with CT01 (10.0.0.1) was cut in the middle of"
    )
    assert "By whom is open: packets of the connection were not captured" in finding.message


def test_the_numbers_of_a_reset_tell_of_bytes_before_it_that_were_not_captured(tmp_path: Path) -> None:
    whole = forged("reset")
    analysis = _analysis(tmp_path, "reset", *range(40, len(whole) - 1))
    assert _found(analysis, "DS-TCP-005") == _found(analysis, "DS-STORE-006") == []


def test_a_box_whose_resets_show_another_distance_is_the_networks(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, "box in an object")
    association, traffic = analysis.associations[0], analysis.traffic
    assert foreign_reset(association, traffic) is not None and who_left(association, traffic) is None
    assert leaving(association, traffic) == "a device in between reset the connection"
    assert {f.act for rule in ("DS-TCP-005", "DS-STORE-006") for f in _found(analysis, rule)} == {Side.NETWORK}


def test_resets_of_both_sides_accuse_neither(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, "box at the same distance")
    [finding] = _found(analysis, "DS-TCP-005")
    assert finding.act is Side.UNKNOWN and "both sides were reset" in finding.message


@pytest.mark.parametrize("ttl", [61, 64])
def test_a_reset_from_a_host_seen_at_several_distances_is_anybodys_where_it_shows_another(
    ttl: int, tmp_path: Path
) -> None:
    wire = Wire()
    talk = Dialogue(wire, "CT01", "PACS", (CT, (IMPLICIT,), 0)).request()
    wire.packet(BACK, ACK, b"", ttl=64)
    wire.wait(11).packet(BACK, ACK, b"", ttl=63)
    talk.accept()
    wire.packet(BACK, RST | ACK, ttl=ttl)
    analysis = analyze(write_pcap(tmp_path / "c.pcap", wire.frames))
    [finding] = _found(analysis, "DS-TCP-005")
    assert finding.act is (Side.ACCEPTOR if ttl == 64 else Side.UNKNOWN)


@pytest.mark.parametrize("kind", ["proxy resets both", "proxy resets both in an object"])
def test_a_proxy_that_resets_both_of_its_connections_is_named_where_it_is_proved_to_be_one(
    kind: str, tmp_path: Path
) -> None:
    findings = _found(_analysis(tmp_path, kind), "DS-TCP-005")
    assert [(f.act, f.actor) for f in findings] == [(Side.ACCEPTOR, "PACS (203.0.113.9:104)")]


@pytest.mark.parametrize("lost", _with_data("proxy resets both in an object")[8:-4])
def test_what_may_be_its_other_side_accuses_nobody_more(lost: int, tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, "proxy resets both in an object", lost)
    assert [c.relays for c in analysis.connections] == [None, 1]
    for rule in ("DS-TCP-005", "DS-STORE-006"):
        assert {f.act for f in _found(analysis, rule)} <= {Side.ACCEPTOR, Side.UNKNOWN}
    assert not _found(analysis, "DS-ASSOC-019")
    association, traffic = analysis.associations[1], analysis.traffic
    assert leaving(association, traffic) == "the connection was closed"
    assert (doubt(association, traffic) or "").startswith("203.0.113.9 may be a proxy")


def test_an_open_association_was_left_by_nobody(tmp_path: Path) -> None:
    wire = Wire()
    Dialogue(wire, "CT01", "PACS", (CT, (IMPLICIT,), 0)).request().accept()
    analysis = analyze(write_pcap(tmp_path / "c.pcap", wire.frames))
    association, traffic = analysis.associations[0], analysis.traffic
    assert (who_left(association, traffic), doubt(association, traffic)) == (None, None)
    assert leaving(association, traffic) == "the capture ended"
    assert OUT is association.to_acceptor
