"""A packet number of the timeline leads to its file and its number there."""

import numpy as np
import pytest

from dicomsniff.capture import places as module
from dicomsniff.capture.block import I64, ORIGIN
from dicomsniff.capture.places import Place, Places


def _origin(file: int, *packets: int) -> I64:
    return np.array([file << ORIGIN | packet for packet in packets], np.int64)


def test_files_one_after_the_other_need_one_run_each() -> None:
    places = Places()
    places.add(np.arange(1, 4), _origin(0, 1, 2, 3))
    places.add(np.arange(4, 6), _origin(0, 4, 5))
    places.add(np.arange(6, 9), _origin(1, 1, 2, 4))
    assert [places.find(n) for n in (1, 5, 6, 7, 8)] == [(1, 1), (1, 5), (2, 1), (2, 2), (2, 4)]
    assert places.find(0) is None


def test_interleaved_files_are_told_apart_and_numbers_may_be_left_out() -> None:
    places = Places()
    places.add(np.array([1, 2, 5]), np.concatenate([_origin(0, 1), _origin(1, 1), _origin(0, 2)]))
    assert [places.find(n) for n in (1, 2, 5)] == [Place(1, 1), Place(2, 1), Place(1, 2)]


def test_a_single_file_has_no_places() -> None:
    assert not Places()


def test_what_is_not_remembered_is_not_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RUNS", 2)
    places = Places()
    places.add(np.arange(1, 3), np.concatenate([_origin(0, 1), _origin(1, 1)]))
    places.add(np.arange(3, 5), np.concatenate([_origin(0, 2), _origin(1, 2)]))
    assert places.find(2) == Place(2, 1)
    assert places.find(3) is places.find(9) is None
