"""The ring: bounded, nothing lost where one file follows another, a full disk survived."""

import os
import subprocess
from errno import ENOSPC
from pathlib import Path

import numpy as np
import pytest

from dicomsniff.capture import PacketBlock, open_captures
from dicomsniff.live import ring as module
from dicomsniff.live.ring import Ring, Sizes, sizes
from tests.capture.test_writer import blocks, packets
from tests.cli.running import dialogue


@pytest.fixture
def block(tmp_path: Path) -> PacketBlock:
    [only] = blocks(dialogue(*[0] * 20).save(tmp_path / "c.pcap"))
    return only


def pieces(block: PacketBlock, size: int = 7) -> list[PacketBlock]:
    return [block.take(np.arange(at, min(at + size, len(block)))) for at in range(0, len(block), size)]


def read(folder: Path) -> list[tuple[int, int, int, bytes]]:
    with open_captures(sorted(folder.glob("*.pcapng"))) as source:
        return packets(list(source.blocks()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10x100MB", (10, 10**8)), ("2x5kB", (2, 5000)), ("3x1gb", (3, 10**9)), ("4x9000", (4, 9000))],
)
def test_sizes_are_how_many_of_which(text: str, expected: tuple[int, int]) -> None:
    assert sizes(text) == Sizes(*expected)


@pytest.mark.parametrize("text", ["", "10", "1x100MB", "10x", "x5MB", "10x0MB", "10x5TB"])
def test_anything_else_is_no_ring(text: str) -> None:
    with pytest.raises(ValueError, match="is no ring"):
        sizes(text)


def test_nothing_is_lost_where_one_file_follows_another(block: PacketBlock, tmp_path: Path) -> None:
    ring = Ring(tmp_path / "r", Sizes(1000, 2000))
    assert not any(ring.write(each) for each in pieces(block))
    ring.close()
    assert len(list((tmp_path / "r").glob("*.pcapng"))) > 5
    assert read(tmp_path / "r") == packets([block])


def test_the_oldest_go_and_what_is_pinned_stays(block: PacketBlock, tmp_path: Path) -> None:
    ring = Ring(tmp_path / "r", Sizes(3, 2000))
    parts = pieces(block)
    for each in parts[: len(parts) // 2]:
        ring.write(each)
    since, until = int(block.time_ns[0]), int(block.time_ns[-1])
    kept = ring.files(since, until)
    assert len(kept) == 3 and read(tmp_path / "r") == packets(parts[: len(parts) // 2])[-len(read(tmp_path / "r")) :]
    ring.pin(kept[:1])
    for each in parts[len(parts) // 2 :]:
        ring.write(each)
    assert kept[0].exists() and not kept[1].exists()
    assert len(list((tmp_path / "r").glob("*.pcapng"))) <= 3


def test_files_of_an_earlier_ring_are_counted(block: PacketBlock, tmp_path: Path) -> None:
    for _ in range(3):
        ring = Ring(tmp_path / "r", Sizes(3, 2000))
        for each in pieces(block)[:20]:
            ring.write(each)
        ring.close()
    assert len(list((tmp_path / "r").glob("*.pcapng"))) <= 4


def test_a_disk_that_is_full_is_said_once_and_then_that_it_is_not(
    block: PacketBlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)
    ring, parts = Ring(tmp_path / "r", Sizes(3, 10**6)), pieces(block)
    ring.write(parts[0])
    with monkeypatch.context() as full:

        def write(*_: object) -> None:
            raise OSError(ENOSPC, "No space left on device")

        full.setattr("dicomsniff.capture.writer.PcapngWriter.write", write)
        assert "No space left on device: packets are not recorded" in ring.write(parts[1])
        assert ring.write(parts[2]) == "" and ring.missed == len(parts[1]) + len(parts[2])
    said = ring.write(parts[3])
    assert said.startswith("recording again") and f"{len(parts[1]) + len(parts[2])} packets were not recorded" in said
    assert read(tmp_path / "r") == packets([parts[0], parts[3]])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_on_a_small_file_system_the_oldest_make_room_and_every_file_stays_readable(
    block: PacketBlock, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(small)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        ring = Ring(small / "r", Sizes(50, 4000))
        said = [ring.write(each) for each in 4 * pieces(block)]
        ring.close()
        held = read(small / "r")
        assert len(held) > 10 and held[-1] in packets([block])
        assert not [one for one in said if "not recorded" in one], "older files made room"
    finally:
        subprocess.run(["umount", str(small)], check=True)
