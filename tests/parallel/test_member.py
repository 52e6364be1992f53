"""One process of the crew, spoken to as the crew does."""

import threading
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import pytest

from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.member import Orders, follow
from dicomsniff.parallel.part import load, numbers
from dicomsniff.pipeline import Options, Pipeline

SAMPLE = Path(__file__).parents[2] / "sample_captures" / "healthy_study.pcap"
SMALL = replace(LIMITS, block_bytes=20_000)


@pytest.mark.parametrize("members", [1, 2, 3])
def test_sizes_come_then_an_outline_then_the_part_in_pieces(
    members: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gc.disable", lambda: None)  # the member has a process of its own
    monkeypatch.setattr("dicomsniff.parallel.part.TOGETHER", 1)
    options = Options(fence=False, limits=SMALL)
    doors, threads, outlines = [], [], []
    for member in range(members):
        own, other = Pipe()
        orders = Orders([str(SAMPLE)], member, members, str(tmp_path / str(member)))
        threads.append(threading.Thread(target=follow, args=(other, orders, options)))
        threads[-1].start()
        sizes = []
        while isinstance(answer := own.recv(), int):
            sizes.append(answer)
        assert bool(sizes) is (member == 0)
        outlines.append(answer)
        doors.append(own)
    for door, own_numbers in zip(doors, numbers([outline for outline, _ in outlines]), strict=True):
        door.send(own_numbers)
    done = []
    for member, door in enumerate(doors):
        store = None
        while piece := door.recv_bytes():
            store = store or PayloadStore().adopt(str(tmp_path / str(member)))
            part = load(piece, store)
            assert len(part) == 1
            done += part
    for thread in threads:
        thread.join()
    with open_captures([SAMPLE], SMALL) as source, PayloadStore() as store:
        alone = Pipeline(source, store, options).run()
    assert sorted(conversation.id for conversation, _ in done) == [each.id for each in alone.conversations]
    assert sum(len(associations) for _, associations in done) == len(alone.associations)
    assert outlines[0][1].captures == alone.captures
