"""Who looks at every block knows when one process must follow them."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS
from dicomsniff.parallel.helper import CrewLostError
from dicomsniff.parallel.lookout import Lookout
from dicomsniff.tcp.sighting import Sighting
from tests.forge.wire import OUT, Wire, write_pcap


def written(tmp_path: Path, *delays_ns: int) -> list[Path]:
    wire = Wire(("10.0.0.9", 40_000), ("10.0.0.2", 104)).connect().send(OUT, bytes(range(256)) * 400).close()
    return [
        write_pcap(tmp_path / f"{delay}.pcap", [(time + delay, packet) for time, packet in wire.frames])
        for delay in delays_ns
    ]


def watched(paths: list[Path]) -> tuple[Lookout, list[int]]:
    told: list[int] = []
    with open_captures(paths, replace(LIMITS, block_bytes=20_000)) as source:
        sighting = Sighting()
        lookout = Lookout(sighting, [file.path for file in source.files], told.append)
        for block in source.blocks():
            sighting.sight(block)
            lookout.see(block)
    return lookout, told


def test_what_is_read_is_told_and_taken_back_where_it_is_read_again(tmp_path: Path) -> None:
    [path] = paths = written(tmp_path, 0)
    lookout, told = watched(paths)
    lookout.finish()
    assert sum(told) >= path.stat().st_size - 24
    lookout.forget()
    assert sum(told) == 0


def test_of_one_file_nobody_asks_where_its_packets_stand(tmp_path: Path) -> None:
    assert not watched(written(tmp_path, 0))[0].places


def test_files_of_several_points_are_for_one_process(tmp_path: Path) -> None:
    lookout, _ = watched(written(tmp_path, 0, 50_000_000))
    with pytest.raises(CrewLostError, match="several points"):
        lookout.finish()
