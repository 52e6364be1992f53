"""The measurements work: their smallest capture is made, timed and written down; how long it took is nobody's business here."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from bench.__main__ import line, main
from bench.captures import as_fragments, as_pcapng, as_vxlan, chatty, foreign, interleaved, small_stores
from bench.growth import Curve, picture
from bench.measuring import Run, measure, middle
from bench.works import Work, analyze, cat
from dicomsniff import analyze as read

QUICK, SLOW = Run(1.0, 0.9, 50), Run(12.0, 11.0, 700)


def test_the_smallest_capture_is_measured_and_written_down(tmp_path: Path) -> None:
    main([str(tmp_path), "--only", "tiny", "--runs", "1", "--output", str(tmp_path / "results.md")])
    text = (tmp_path / "results.md").read_text()
    assert "10 kB to a finding" in text
    assert "--version" in text
    assert "bulk" not in text.partition("| work |")[2]


@pytest.mark.parametrize(("bar", "met"), [(10, "met"), (13, "**missed**")])
def test_a_row_says_whether_its_bar_was_met(tmp_path: Path, bar: float, met: str) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(b"")
    row = line(Work("bulk", "bulk", analyze, bar, "faster", cat, "cat"), path, [QUICK], [SLOW])
    assert row.endswith(f"| 12 × faster (CPU: 12.2 ×) | ≥ {bar} × faster | {met} |")


def test_without_the_other_tool_nothing_is_claimed(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(b"")
    row = line(Work("bulk", "bulk", analyze, 10, "faster", cat, "cat"), path, [QUICK], [])
    assert "not measured" in row
    assert "not installed" in row


def test_a_command_that_fails_is_not_called_fast() -> None:
    with pytest.raises(RuntimeError, match="exit status 1"):
        measure(["false"], 10)


def test_a_command_without_end_is_stopped_and_said_so() -> None:
    assert not middle([measure(["sleep", "60"], 0.05)]).ended


def test_captures_hold_what_they_say(tmp_path: Path) -> None:
    chatty(tmp_path / "chatty.pcap", 3)
    interleaved(tmp_path / "interleaved.pcap", 4, 2)
    small_stores(tmp_path / "small.pcap", 5)
    foreign(tmp_path / "foreign.pcap", 1)
    as_pcapng(tmp_path / "small.pcap", tmp_path / "small.pcapng")
    as_vxlan(tmp_path / "small.pcap", tmp_path / "tunnelled.pcap")
    as_fragments(tmp_path / "small.pcap", tmp_path / "torn.pcap")
    counts = {
        path.name: (len(analysis.connections), len(analysis.exchanges))
        for path in sorted(tmp_path.iterdir())
        for analysis in (read(path, rules=False),)
    }
    assert counts == {
        "chatty.pcap": (3, 6),
        "foreign.pcap": (3, 1),
        "interleaved.pcap": (2, 4),
        "small.pcap": (1, 5),
        "small.pcapng": (1, 5),
        "torn.pcap": (1, 5),
        "tunnelled.pcap": (1, 5),
    }


def test_the_picture_is_an_svg_with_every_point() -> None:
    curves = [Curve("one", "red", [(0.1, 1.0), (1.0, 9.0)]), Curve("flat", "blue", [(0.1, 2.0)])]
    root = ElementTree.fromstring(picture([("seconds", curves), ("memory", curves)]))
    assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) == 6
