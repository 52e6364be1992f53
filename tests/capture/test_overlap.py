"""A packet that stands in several files with the same time counts once, whatever the blocks; one that only looks alike stays."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS, Limits
from tests.capture.reading import Row, rows
from tests.forge.capture_files import NS, Packet, packets, pcap, pcapng

START = 1_700_000_000


def _rows(directory: Path, contents: Sequence[bytes], limits: Limits = LIMITS) -> list[Row]:
    paths = [directory / f"{i}" for i in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    with open_captures(paths, limits) as source:
        return rows(source)


@pytest.mark.parametrize("block_bytes", [1, 300, 8 << 20])
def test_a_file_and_its_copy_in_another_format_are_read_once(tmp_path: Path, block_bytes: int) -> None:
    found = _rows(tmp_path, [pcap(packets(50)), pcapng(packets(50))], Limits(block_bytes=block_bytes))
    assert [row.data for row in found] == [p.data for p in packets(50)]


def test_the_copies_take_their_numbers_with_them(tmp_path: Path) -> None:
    found = _rows(tmp_path, [pcap(packets(3)), pcap(packets(3))])
    assert [row.number for row in found] == [1, 3, 5]


def test_the_note_says_how_many_packets_came_again(tmp_path: Path) -> None:
    path, again = tmp_path / "a", tmp_path / "b"
    path.write_bytes(pcap(packets(9)))
    again.write_bytes(pcap(packets(9)[4:]))
    with open_captures([path, again]) as source:
        assert len(rows(source)) == 9
        [note] = [note for facts in source.facts() for note in facts.notes]
    assert note.startswith("5 packets of this file stand with the same time in another")


def test_of_two_copies_the_longer_one_is_used(tmp_path: Path) -> None:
    whole = packets(4, length=200)
    short = [Packet(p.time_ns, p.data[:96], len(p.data)) for p in whole]
    for contents in ([pcap(short), pcap(whole)], [pcap(whole), pcap(short)]):
        assert [row.data for row in _rows(tmp_path, contents)] == [p.data for p in whole]


def test_what_each_file_holds_twice_stays_twice(tmp_path: Path) -> None:
    mirrored = [p for p in packets(5) for _ in range(2)]
    assert len(_rows(tmp_path, [pcap(mirrored), pcap(mirrored), pcap(packets(5))])) == 10


def test_packets_of_one_time_that_differ_and_packets_without_a_time_all_stay(tmp_path: Path) -> None:
    left, right = Packet(START * NS, b"l" * 60), Packet(START * NS, b"r" * 60)
    assert len(_rows(tmp_path, [pcap([left]), pcap([right])])) == 2
    assert len(_rows(tmp_path, [pcap([Packet(0, b"x" * 60)]), pcap([Packet(0, b"x" * 60)])])) == 2


@given(
    files=st.lists(st.sets(st.integers(0, 15)), min_size=2, max_size=4),
    block_bytes=st.sampled_from([1, 150, 1 << 20]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cuttings_of_a_capture_together_are_their_union(
    tmp_path: Path, files: list[set[int]], block_bytes: int
) -> None:
    whole = [Packet((START + at // 3) * NS, bytes([at]) * 70) for at in range(16)]  # three packets at each time
    found = _rows(tmp_path, [pcap([whole[at] for at in sorted(f)]) for f in files], Limits(block_bytes=block_bytes))
    assert sorted(row.data for row in found) == [whole[at].data for at in sorted(set().union(*files))]
