"""The front door: one pass, facts while and after reading, files closed."""

import os
import threading
from pathlib import Path

import pytest

from dicomsniff.capture import PacketSource, open_captures
from dicomsniff.core import Limits
from tests.capture.reading import rows
from tests.forge.capture_files import Packet, packets, pcap, pcapng


def _open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_capture_source_is_a_packet_source(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pcap(packets(3)))
    with open_captures([tmp_path / "a"]) as source:
        general: PacketSource = source
        assert sum(len(block) for block in general.blocks()) == 3
        assert general.facts()[0].path == str(tmp_path / "a")


def test_blocks_are_one_pass(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pcap(packets(3)))
    with open_captures([tmp_path / "a"]) as source:
        assert len(rows(source)) == 3
        assert rows(source) == []


def test_facts_grow_while_reading(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pcap(packets(200)))
    with open_captures([tmp_path / "a"], Limits(block_bytes=1000)) as source:
        counts = []
        for block in source.blocks():
            facts = source.facts()[0]
            counts.append(facts.packets)
            assert facts.packets == block.number[-1]
            assert facts.last_ns == block.time_ns[-1]
        assert counts == sorted(set(counts))
        assert counts[-1] == 200


def test_first_and_last_time_are_the_earliest_and_the_latest(tmp_path: Path) -> None:
    times = [5_000, 3_000, 9_000, 7_000]
    (tmp_path / "a").write_bytes(pcap([Packet(t, b"x") for t in times]))
    with open_captures([tmp_path / "a"]) as source:
        rows(source)
        facts = source.facts()[0]
    assert (facts.first_ns, facts.last_ns) == (3_000, 9_000)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_files_are_closed_at_the_end_and_when_left_early(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(pcapng(packets(50)))
    before = _open_descriptors()
    with open_captures([tmp_path], Limits(block_bytes=200)) as source:
        next(source.blocks())
        assert _open_descriptors() > before
    assert _open_descriptors() == before
    source = open_captures([tmp_path])
    rows(source)
    assert _open_descriptors() == before


@pytest.mark.parametrize("count", [1, 2])
def test_a_named_pipe_is_read_though_it_cannot_be_opened_twice(tmp_path: Path, count: int) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    file.write_bytes(pcap(packets(100)))
    written = packets(3000, start=1_800_000_000)
    writer = threading.Thread(target=pipe.write_bytes, args=(pcap(written),))
    writer.start()
    with open_captures([pipe, file][:count]) as source:
        assert len(rows(source)) == 3000 + 100 * (count - 1)
    writer.join()
