"""Another process, started and listened to."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.core import LIMITS
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.helper import CrewLostError, Helper
from dicomsniff.parallel.member import Orders
from dicomsniff.parallel.part import load, numbers
from dicomsniff.pipeline import Options

SAMPLE = Path(__file__).parents[2] / "sample_captures" / "healthy_study.pcap"
OPTIONS = Options(fence=False, limits=replace(LIMITS, block_bytes=20_000))


def helper(path: Path, folder: Path) -> Helper:
    return Helper(Orders([str(path)], 0, 1, str(folder / "log"), str(folder / "part")), OPTIONS)


def test_an_outline_comes_then_pieces_then_nothing(tmp_path: Path) -> None:
    one = helper(SAMPLE, tmp_path)
    [own] = numbers([one.outline()])
    done = [each for piece in iter(one.piece, b"") for each in load(piece, PayloadStore(), own)]
    assert done and sorted(conversation.id for conversation, _ in done) == sorted(own.ids.values())
    assert Path(one.log).exists() and not (tmp_path / "part").exists()
    one.end()


def test_what_it_cannot_do_is_said(tmp_path: Path) -> None:
    one = helper(tmp_path / "gone", tmp_path)
    with pytest.raises(CrewLostError, match="gone"):
        one.outline()
    one.end()


def test_no_room_for_its_part_is_said(tmp_path: Path) -> None:
    (tmp_path / "part").touch()
    one = helper(SAMPLE, tmp_path)
    with pytest.raises(CrewLostError, match="part"):
        one.outline()
    one.end()


def test_a_helper_that_is_ended_is_gone_and_says_nothing_more(tmp_path: Path) -> None:
    one = helper(SAMPLE, tmp_path)
    one.end()
    assert not one.process.is_alive()
    with pytest.raises((CrewLostError, OSError)):
        one.piece()
