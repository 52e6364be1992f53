"""Two points joined: each packet once, at its time at the first point, in its place among its neighbours; the fuller copy."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from dicomsniff.capture.block import I64, ORIGIN, PacketBlock
from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.joining import join_points
from dicomsniff.tcp.points import Journey
from tests.forge.field import sealed
from tests.forge.wire import BACK, OUT, Frame, Wire
from tests.tcp.assembling import block

CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 104)
MS = 1_000_000
DELAY = 3 * MS


def _talk() -> list[Frame]:
    wire = Wire(CLIENT, SERVER).connect().send(OUT, bytes(range(250)) * 40).acknowledge(OUT)
    return sealed(wire.send(BACK, b"answer" * 99).acknowledge(BACK).close().frames)


def _there(frame: bytes) -> bool:
    return frame[26:30] == bytes((10, 0, 0, 1))


def _second(frames: list[Frame], jitter_ns: int = 0) -> list[Frame]:
    """As seen near the server, on the same clock."""
    late = [DELAY + (place % 5) * jitter_ns for place in range(len(frames))]
    moved = [(t + (d if _there(f) else -d), f) for (t, f), d in zip(frames, late, strict=True)]
    return sorted(moved, key=lambda frame: frame[0])


def _blocks(frames: list[Frame], file: int, size: int) -> Iterator[PacketBlock]:
    for at in range(0, len(frames), size):
        own = block(frames[at : at + size])
        number = at + np.arange(1, len(own) + 1)
        yield replace(own, number=number, origin=file << ORIGIN | number)


def _joined(a: list[Frame], b: list[Frame], size: int = 7) -> tuple[list[Frame], dict[int, int]]:
    book = EndpointBook()
    Decoder(book).decode(block(_talk()))
    client, server = (book.find(bytes(map(int, ip.split("."))), 0) for ip, _ in (CLIENT, SERVER))
    assert client is not None and server is not None
    ways = np.array([(client >> 16) << 32 | server >> 16, (server >> 16) << 32 | client >> 16])
    order = np.argsort(ways)
    journey = Journey(DELAY, 20 * MS, ways[order], np.array([1, -1])[order])
    settled: dict[int, int] = {}

    def settle(origin: I64, number: I64) -> None:
        settled.update(zip(origin.tolist(), number.tolist(), strict=True))

    frames: list[Frame] = []
    for each in join_points(_blocks(a, 0, size), _blocks(b, 1, size), journey, book, settle):
        assert each.number.tolist() == list(range(len(frames) + 1, len(frames) + len(each) + 1))
        for time, at, length in zip(each.time_ns.tolist(), each.offset.tolist(), each.captured.tolist(), strict=True):
            frames.append((time, bytes(each.data[at : at + length])))
    return frames, settled


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_what_both_captured_comes_once_at_its_time_at_the_first_point(size: int) -> None:
    frames = _talk()
    joined, settled = _joined(frames, _second(frames), size)
    assert joined == frames
    assert len(settled) == 2 * len(frames)
    assert sorted(settled.values()) == sorted([*range(1, len(frames) + 1)] * 2)


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("jitter", [0, 400_000])
def test_what_only_one_captured_takes_its_place(size: int, jitter: int) -> None:
    frames = _talk()
    second = _second([f for place, f in enumerate(frames) if place % 4 != 1], jitter)
    joined, _ = _joined([f for place, f in enumerate(frames) if place % 4 != 3], second, size)
    assert sorted(f for _, f in joined) == sorted(f for _, f in frames)
    if not jitter:
        assert joined == frames
    for way in (True, False):
        if not jitter:
            assert [f for _, f in joined if _there(f) is way] == [f for _, f in frames if _there(f) is way]


def test_the_copy_with_more_bytes_stays_at_the_time_of_the_first() -> None:
    frames = _talk()
    own = _second(frames)
    book_short = [(time, frame[:70]) for time, frame in frames]
    joined, _ = _joined(book_short, own)
    assert joined == frames


def test_one_point_that_ends_or_begins_earlier_leaves_the_rest_to_the_other() -> None:
    frames = _talk()
    assert _joined(frames[:9], _second(frames))[0] == frames
    assert _joined(frames, _second(frames[9:]))[0] == frames
    assert _joined([], _second(frames))[0] == frames
    assert _joined(frames, [])[0] == frames
