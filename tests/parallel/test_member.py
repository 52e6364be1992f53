"""One process of the crew, spoken to as the crew does."""

import pickle
from dataclasses import replace
from itertools import accumulate, pairwise
from multiprocessing import Pipe
from pathlib import Path

import pytest

from dicomsniff.capture import PacketBlock, open_captures
from dicomsniff.core import LIMITS
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.member import Orders, follow, share_of
from dicomsniff.parallel.part import load, numbers
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.tcp.sighting import Sighting

SAMPLE = Path(__file__).parents[2] / "sample_captures" / "healthy_study.pcap"
SMALL = replace(LIMITS, block_bytes=20_000)


@pytest.mark.parametrize("members", [1, 2, 3])
def test_an_outline_is_left_and_then_the_part_in_pieces(
    members: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gc.disable", lambda: None)  # the member has a process of its own
    monkeypatch.setattr("dicomsniff.parallel.part.TOGETHER", 1)
    options = Options(fence=False, limits=SMALL)
    outlines, parts = [], []
    for member in range(members):
        own, other = Pipe()
        log, part = tmp_path / f"log{member}", tmp_path / f"part{member}"
        follow(other, Orders([str(SAMPLE)], member, members, str(log), str(part)), options)
        content = part.read_bytes()
        lengths = list(iter(own.recv, 0))
        places = [0, *accumulate(lengths)]
        assert places[-1] == len(content)
        outline, *rest = (content[begin:end] for begin, end in pairwise(places))
        outlines.append(pickle.loads(outline))
        parts.append((rest, str(log)))
    done = []
    for own_numbers, (rest, path) in zip(numbers(outlines), parts, strict=True):
        store = PayloadStore().adopt(path)
        for piece in rest:
            some = load(piece, store, own_numbers)
            assert len(some) == 1
            done += some
    with open_captures([SAMPLE], SMALL) as source, PayloadStore() as store:
        alone = Pipeline(source, store, options).run()
    assert sorted(conversation.id for conversation, _ in done) == [each.id for each in alone.conversations]
    assert sum(len(associations) for _, associations in done) == len(alone.associations)


def test_what_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gc.disable", lambda: None)
    own, other = Pipe()
    follow(other, Orders([str(tmp_path / "gone")], 1, 2, str(tmp_path / "log"), str(tmp_path / "part")), Options())
    assert "gone" in own.recv()


def test_where_nobody_listens_any_more_nothing_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gc.disable", lambda: None)
    own, other = Pipe()
    own.close()
    follow(other, Orders([str(SAMPLE)], 0, 1, str(tmp_path / "log"), str(tmp_path / "part")), Options(limits=SMALL))
    assert (tmp_path / "part").stat().st_size


def test_every_block_is_shown_and_who_looks_may_end_it() -> None:
    class EnoughError(Exception):
        pass

    shown: list[int] = []

    def look(block: PacketBlock) -> None:
        shown.append(len(block))
        if len(shown) == 2:
            raise EnoughError

    with open_captures([SAMPLE], SMALL) as source, PayloadStore() as store, pytest.raises(EnoughError):
        share_of(source, 0, 1, store, Options(), Sighting(), look)
    assert len(shown) == 2
