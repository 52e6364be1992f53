"""Incidents: the minutes around a finding as a capture of their own, with a report, while the ring goes on."""

from pathlib import Path

import numpy as np
import pytest

from dicomsniff.capture import PacketBlock
from dicomsniff.live import incidents as module
from dicomsniff.live.incidents import AFTER_NS, BEFORE_NS, Incidents, copy_packets
from dicomsniff.live.ring import Ring, Sizes
from tests.capture.test_writer import blocks, packets
from tests.cli.running import dialogue


@pytest.fixture
def block(tmp_path: Path) -> PacketBlock:
    [only] = blocks(dialogue(0, 0xA700, 0, 0, 0).save(tmp_path / "c.pcap"))
    return only


def recorded(block: PacketBlock, tmp_path: Path, each: int = 5, files: int = 100) -> Ring:
    ring = Ring(tmp_path / "r", Sizes(files, 1500))
    for at in range(0, len(block), each):
        ring.write(block.take(np.arange(at, min(at + each, len(block)))))
    return ring


def test_packets_of_a_stretch_are_copied_from_all_files(block: PacketBlock, tmp_path: Path) -> None:
    ring = recorded(block, tmp_path)
    files = sorted((tmp_path / "r").glob("*.pcapng"))
    assert len(files) > 2
    since, until = int(block.time_ns[6]), int(block.time_ns[-3])
    assert copy_packets(files, tmp_path / "part.pcapng", (since, until)) == len(block) - 8
    assert packets(blocks(tmp_path / "part.pcapng")) == packets([block])[6:-2]
    ring.close()


def test_an_incident_is_kept_with_its_report(block: PacketBlock, tmp_path: Path) -> None:
    ring = recorded(block, tmp_path)
    made = Incidents(ring, redact=True)
    now = int(block.time_ns[-1])
    path = made.begin("DS-STORE-001", now, now)
    assert made.begin("DS-STORE-003", now, now) == path, "one incident gathers what belongs together"
    assert made.tick(now + AFTER_NS // 2) == [] and not path.exists()
    [said] = made.tick(now + AFTER_NS, last=True)
    assert str(path) in said and f"({len(block)} packets) with its report" in said
    assert packets(blocks(path)) == packets([block])
    assert "DS-STORE-001" in path.with_suffix(".html").read_text()
    assert path.parent == tmp_path / "r" / "incidents"


def test_what_an_incident_needs_is_not_overwritten_meanwhile(block: PacketBlock, tmp_path: Path) -> None:
    ring = recorded(block, tmp_path, files=50)
    made, now = Incidents(ring, redact=True), int(block.time_ns[-1])
    needed = ring.files(now - BEFORE_NS, now)
    made.begin("DS-STORE-001", now, now)
    ring._sizes = Sizes(2, 1500)
    ring.write(block)
    ring.write(block)
    assert all(path.exists() for path in needed)


def test_what_cannot_be_kept_is_said(block: PacketBlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = recorded(block, tmp_path)
    made, now = Incidents(ring, redact=True), int(block.time_ns[-1])
    made.begin("DS-STORE-001", now, now)

    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "copy_packets", refuse)
    [said] = made.tick(now, last=True)
    assert "could not be kept: No space left on device" in said


def test_only_so_many_are_kept(block: PacketBlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    ring = recorded(block, tmp_path)
    made = Incidents(ring, redact=True)
    made.folder.mkdir()
    for number in range(4):
        (made.folder / f"2020010{number}T000000-X.pcapng").write_bytes(b"")
        (made.folder / f"2020010{number}T000000-X.html").write_bytes(b"")
    made._make_room()
    assert [path.name for path in sorted(made.folder.iterdir())] == [
        "20200103T000000-X.html",
        "20200103T000000-X.pcapng",
    ]
