"""Several files as one timeline: order, merging, numbers, and that nothing of it depends on block sizes."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dicomsniff.capture import CaptureFacts, open_captures
from dicomsniff.core import LIMITS, Limits
from tests.capture.reading import Row, rows
from tests.forge.capture_files import (
    NS,
    Packet,
    block,
    comment,
    enhanced,
    interface,
    packets,
    pcap,
    pcapng,
    section,
    simple,
)

START = 1_700_000_000


def _read(directory: Path, contents: Sequence[bytes], limits: Limits = LIMITS) -> tuple[list[Row], list[CaptureFacts]]:
    """Rows and facts of files named 0, 1, 2 …"""
    paths = [directory / str(i) for i in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    with open_captures(paths, limits) as source:
        return rows(source), list(source.facts())


def _at(*milliseconds: int, tag: bytes = b"x") -> list[Packet]:
    return [Packet(START * NS + ms * 1_000_000, tag + bytes([i])) for i, ms in enumerate(milliseconds)]


def test_files_that_follow_one_another_are_ordered_by_time_not_by_name(tmp_path: Path) -> None:
    first, second, third = packets(5, START), packets(6, START + 10), packets(7, START + 20)
    found, facts = _read(tmp_path, [pcap(third), pcap(first), pcapng(second)])
    assert [(row.number, row.data) for row in found] == [(i + 1, p.data) for i, p in enumerate(first + second + third)]
    assert [(Path(f.path).name, f.first_packet, f.packets) for f in facts] == [("1", 1, 5), ("2", 6, 6), ("0", 12, 7)]


@pytest.mark.parametrize("block_bytes", [1, 40, 8 << 20])
def test_overlapping_files_are_merged_by_time(tmp_path: Path, block_bytes: int) -> None:
    left, right = _at(0, 2, 4, 6, 8, tag=b"l"), _at(1, 3, 5, 7, tag=b"r")
    found, facts = _read(tmp_path, [pcap(left), pcap(right, ">", link_type=101)], Limits(block_bytes=block_bytes))
    assert [row.data[:1] for row in found] == [b"l", b"r"] * 4 + [b"l"]
    assert [row.link_type for row in found] == [1, 101] * 4 + [1]
    assert [row.number for row in found] == list(range(1, 10))
    assert [f.first_packet for f in facts] == [1, 2]


@pytest.mark.parametrize("block_bytes", [1, 40, 8 << 20])
def test_packets_of_one_time_come_in_the_order_of_the_files(tmp_path: Path, block_bytes: int) -> None:
    contents = [pcap(_at(0, 0, 1, 1, tag=tag)) for tag in (b"a", b"b", b"c")]
    found, _ = _read(tmp_path, contents, Limits(block_bytes=block_bytes))
    assert b"".join(row.data[:1] for row in found) == b"aabbccaabbcc"


@pytest.mark.parametrize("block_bytes", [1, 40, 8 << 20])
def test_a_time_that_steps_back_does_not_reorder_its_file(tmp_path: Path, block_bytes: int) -> None:
    left, right = _at(0, 10, 5, 11, tag=b"l"), _at(6, 10, 12, tag=b"r")
    found, _ = _read(tmp_path, [pcap(left), pcap(right)], Limits(block_bytes=block_bytes))
    assert [row.data for row in found] == [b"l\0", b"r\0", b"l\1", b"l\2", b"r\1", b"l\3", b"r\2"]
    assert found[3].time_ns == left[2].time_ns


def test_a_packet_without_time_stays_behind_the_one_before_it(tmp_path: Path) -> None:
    left, right = _at(0, 4, tag=b"l"), _at(1, 5, tag=b"r")
    mixed = section() + interface() + enhanced(left[0]) + simple(Packet(0, b"s\0")) + enhanced(left[1])
    found, _ = _read(tmp_path, [mixed, pcap(right)])
    assert b"".join(row.data[:1] for row in found) == b"lsrlr"


def test_empty_files_are_part_of_the_timeline_with_their_note(tmp_path: Path) -> None:
    found, facts = _read(tmp_path, [pcap(_at(0)), pcap([]), pcap(_at(1))])
    assert len(found) == 2
    assert sorted(f.packets for f in facts) == [0, 1, 1]
    assert [bool(f.notes) for f in facts] == [not f.packets for f in facts]


def test_comments_follow_their_packets_into_the_timeline(tmp_path: Path) -> None:
    left = section() + interface() + b"".join(enhanced(p, options=comment(f"{p.time_ns}")) for p in _at(0, 2, 4))
    found, facts = _read(tmp_path, [left, pcap(_at(1, 3))])
    times = {row.number: str(row.time_ns) for row in found}
    assert facts[0].comments == tuple((number, times[number]) for number in (1, 3, 5))


def test_frames_that_wireshark_numbers_keep_their_place_when_files_are_joined(tmp_path: Path) -> None:
    first, second = _at(0, 10)
    custom = block(0xBAD, bytes(8))
    data = section() + interface() + enhanced(first) + custom + enhanced(second)
    found, _ = _read(tmp_path, [data, pcap(_at(20, 30))])
    assert [row.number for row in found] == [1, 3, 4, 5]


def test_a_cut_file_does_not_stop_the_others(tmp_path: Path) -> None:
    found, facts = _read(tmp_path, [pcap(_at(0, 2, 4))[:-1], pcap(_at(1, 3, 5))])
    assert [row.number for row in found] == [1, 2, 3, 4, 5]
    assert [f.cut for f in facts] == [True, False]


def test_a_directory_of_many_files_is_read_in_order(tmp_path: Path) -> None:
    contents = [pcap(_at(ms, ms + 9)) for ms in range(1500, 0, -1)]
    found, _ = _read(tmp_path, contents)
    times = [row.time_ns for row in found]
    assert len(found) == 3000
    assert times == sorted(times)


@given(
    files=st.lists(st.lists(st.integers(0, 12), max_size=8), min_size=1, max_size=4),
    block_bytes=st.integers(1, 120),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merging_equals_a_stable_sort_by_the_latest_time_so_far(
    tmp_path: Path, files: list[list[int]], block_bytes: int
) -> None:
    contents = [pcap(_at(*times, tag=bytes([i]))) for i, times in enumerate(files)]
    # Files in the order of their first packet (those without one do not matter), each packet as late as those before it.
    order = sorted((i for i, times in enumerate(files) if times), key=lambda i: files[i][0])
    expected = [(max(files[i][: k + 1]), bytes([i, k])) for i in order for k in range(len(files[i]))]
    expected.sort(key=lambda pair: pair[0])
    found, _ = _read(tmp_path, contents, Limits(block_bytes=block_bytes))
    assert [row.data for row in found] == [data for _, data in expected]
    assert [row.number for row in found] == list(range(1, len(expected) + 1))
