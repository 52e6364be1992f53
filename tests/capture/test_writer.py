"""The pcapng writer: what was read is read again, while the file grows and after a disk was full."""

from errno import ENOSPC
from pathlib import Path

import numpy as np
import pytest

from dicomsniff.capture import PacketBlock, open_captures
from dicomsniff.capture.writer import PcapngWriter
from tests.cli.running import dialogue


def blocks(path: Path) -> list[PacketBlock]:
    with open_captures([path]) as source:
        return list(source.blocks())


@pytest.fixture
def block(tmp_path: Path) -> PacketBlock:
    [only] = blocks(dialogue(0, 0).save(tmp_path / "c.pcap"))
    return only


def packets(made: list[PacketBlock]) -> list[tuple[int, int, int, bytes]]:
    return [
        (int(t), int(w), int(link), bytes(block.data[o : o + c]))
        for block in made
        for t, w, link, o, c in zip(
            block.time_ns, block.wire, block.link_type, block.offset, block.captured, strict=True
        )
    ]


def test_packets_come_back_as_they_were_though_the_file_is_still_open(block: PacketBlock, tmp_path: Path) -> None:
    writer = PcapngWriter(str(tmp_path / "w.pcapng"))
    for start in range(0, len(block), 5):
        writer.write(block.take(np.arange(start, min(start + 5, len(block)))))
        assert packets(blocks(tmp_path / "w.pcapng")) == packets([block])[: start + 5]
    assert writer.size == (tmp_path / "w.pcapng").stat().st_size
    assert (writer.first_ns, writer.last_ns) == (block.time_ns[0], block.time_ns[-1])
    writer.close()


def test_each_link_type_has_an_interface(block: PacketBlock, tmp_path: Path) -> None:
    from dataclasses import replace

    writer = PcapngWriter(str(tmp_path / "w.pcapng"))
    links = np.where(np.arange(len(block)) % 2, 1, 113)
    mixed = replace(block, link_type=links)
    writer.write(mixed)
    writer.write(mixed)
    assert packets(blocks(tmp_path / "w.pcapng")) == 2 * packets([mixed])


def test_a_write_that_fails_leaves_whole_packets(
    block: PacketBlock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = PcapngWriter(str(tmp_path / "w.pcapng"))
    writer.write(block)

    class Full:
        def __init__(self, file: object) -> None:
            self._file = file

        def __getattr__(self, name: str) -> object:
            return getattr(self._file, name)

        def write(self, data: memoryview) -> int:
            if len(data) > 100:
                return int(self._file.write(data[:100]))  # type: ignore[attr-defined]
            raise OSError(ENOSPC, "No space left on device")

    whole, writer._file = writer._file, Full(writer._file)  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space"):
        writer.write(block)
    writer._file = whole
    writer.write(block)
    assert packets(blocks(tmp_path / "w.pcapng")) == 2 * packets([block])
