"""The sliding window: every byte once, in order, however the stream hands it out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.capture import window as window_module
from dicomsniff.capture.window import SLACK, Window, gather


class Drips:
    """A stream that gives a few bytes at a time."""

    compression = ""
    cut = False

    def __init__(self, data: bytes, drip: int) -> None:
        self.notes: list[str] = []
        self._data = data
        self._drip = drip

    def readinto(self, target: memoryview) -> int:
        piece = self._data[: min(self._drip, len(target))]
        target[: len(piece)] = piece
        self._data = self._data[len(piece) :]
        return len(piece)

    def close(self) -> None: ...


@given(st.binary(max_size=200), st.integers(1, 9), st.integers(1, 60), st.integers(1, 60), st.floats(0, 1))
def test_every_byte_comes_once_and_in_order(data: bytes, drip: int, block: int, wanted: int, share: float) -> None:
    window = Window(Drips(data, drip), block)
    seen, consumed = b"", 0
    while window.advance(consumed, window.length - consumed + wanted):
        assert window.padded[window.length :].tolist() == [0] * SLACK
        consumed = int(window.length * share)
        seen += window.content[:consumed].tobytes()
    assert seen + window.content[consumed:].tobytes() == data


def test_a_window_is_not_overwritten_by_the_next() -> None:
    window = Window(Drips(b"abcdefgh", 8), 4)
    assert window.advance(0, 1)
    first = window.content
    assert window.advance(4, 1)
    assert (first.tobytes(), window.content.tobytes()) == (b"abcd", b"efgh")


def test_a_window_reads_as_much_as_is_wanted() -> None:
    window = Window(Drips(bytes(100), 7), 10)
    assert window.advance(0, 64)
    assert window.length == 64


def test_headers_are_gathered_at_any_offset() -> None:
    data = np.arange(64, dtype=np.uint8)
    found = gather(data, np.array([0, 7, 48, 60]), 4)
    assert found.tolist() == [[o, o + 1, o + 2, o + 3] for o in (0, 7, 48, 60)]


def test_a_window_that_is_nearly_empty_keeps_no_room_for_what_did_not_come() -> None:
    def room(data: bytes) -> int:
        window = Window(Drips(data, 100), 100_000)
        assert window.advance(0, 1) and window.content.tobytes() == data
        base = window.padded.base
        return len(window.padded) if base is None else len(np.asarray(base))

    assert room(bytes(1000)) == 1000 + SLACK
    assert room(bytes(90_000)) >= 100_000


def test_what_a_block_is_made_of_is_shown_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_module, "PIECE", 4)
    shown: list[bytes] = []
    window = Window(Drips(b"abcdefghij", 3), 9)
    look = lambda view, length: shown.append(bytes(view[:length]))  # noqa: E731
    assert window.advance(0, 1, look)
    assert shown == [b"abcd", b"abcdefgh", b"abcdefghi"]
    assert window.advance(8, 1, look)
    assert (shown[3:], window.content.tobytes()) == ([b"ij"], b"ij")
