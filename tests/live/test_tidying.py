"""What refers to itself goes, and where the C library cannot give back memory nothing happens."""

import ctypes
import gc
import weakref

import pytest

from dicomsniff.live import tidying
from dicomsniff.live.tidying import tidy


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = self


def test_what_only_refers_to_itself_is_gone_afterwards() -> None:
    gc.disable()
    try:
        gone = weakref.ref(Ring())
        assert gone() is not None
        tidy()
        assert gone() is None
    finally:
        gc.enable()


def test_another_c_library_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_name: object) -> object:
        return object()

    tidying._trim.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", nothing)
    assert tidying._trim() is None
    tidy()
    tidying._trim.cache_clear()
