"""The same packet at two points is paired once; a packet sent again is another one; offloaded segments are compared by bytes."""

from dataclasses import replace

import numpy as np
import pytest

from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.matching import Rows, offloaded, packet_keys, pairs
from tests.forge.field import behind_router, sealed
from tests.forge.wire import BACK, OUT, Frame, Wire
from tests.tcp.assembling import block

MS = 1_000_000
BOOK = EndpointBook()


def _talk(identification: int | None = 1) -> list[Frame]:
    wire = Wire(("10.0.0.1", 40000), ("10.0.0.2", 104)).connect().send(OUT, bytes(9_000)).acknowledge(OUT)
    return sealed(wire.send(BACK, b"answer").acknowledge(BACK).close().frames, identification)


def _rows(frames: list[Frame]) -> Rows:
    own = block(frames)
    return packet_keys(own, Decoder(BOOK).decode(own))


def _plain(*segments: tuple[int, int, int]) -> Rows:
    """Rows of one flow with these sequence numbers, lengths and times in ms."""
    seq, length, time = (np.array(column, np.int64) for column in zip(*segments, strict=True))
    one = np.ones(len(seq), np.int64)
    return Rows(seq.astype(np.uint64) + np.uint64(1), time * MS, 2 * np.arange(len(seq)), one, 2 * one, seq, length)


def _paired(a: Rows, b: Rows, spread_ms: int = 20) -> list[tuple[int, int]]:
    mine, theirs = pairs(a, b, spread_ms * MS)
    return sorted(zip(mine.tolist(), theirs.tolist(), strict=True))


@pytest.mark.parametrize("identification", [1, None])
def test_every_packet_is_paired_with_itself_on_the_other_side_of_a_router(identification: int | None) -> None:
    frames = _talk(identification)
    a, b = _rows(frames), _rows(behind_router(frames, MS))
    assert _paired(a, b) == [(i, i) for i in range(len(frames))]


def test_packets_other_than_tcp_are_paired_too() -> None:
    fragments = [(time, frame[:20] + b"\x20\x01" + frame[22:]) for time, frame in _talk()]
    assert _paired(_rows(fragments), _rows(behind_router(fragments, MS))) == [(i, i) for i in range(len(fragments))]


def test_a_segment_sent_again_is_paired_with_its_own_sending() -> None:
    a = _plain((0, 100, 0), (0, 100, 200))
    assert _paired(a, _plain((0, 100, 201))) == [(1, 0)]
    assert _paired(a, _plain((0, 100, 1))) == [(0, 0)]
    assert _paired(_plain((0, 100, 0)), _plain((0, 100, 300))) == []


def test_packets_that_look_alike_are_paired_in_order_however_badly_the_clocks_are_known() -> None:
    alike = _plain((0, 100, 0), (0, 100, 2), (0, 100, 4))
    assert _paired(alike, replace(alike, time_ns=alike.time_ns - 2 * MS)) == [(0, 0), (1, 1), (2, 2)]
    assert _paired(alike, alike.take(np.array([1]))) == [(1, 0)]
    assert _paired(alike.take(np.array([2])), alike) == [(0, 2)]


def test_segments_that_a_network_card_cut_up_or_joined_are_known_by_their_bytes() -> None:
    large, small = _plain((0, 6_000, 0)), _plain(*((at, 1_500, 1) for at in range(0, 7_500, 1_500)))
    assert offloaded(large, small, np.arange(5), 20 * MS).tolist() == [0, 1, 2, 3]
    assert offloaded(small, large, np.arange(1), 20 * MS).tolist() == [0]
    assert offloaded(small.take(np.array([0, 2, 3])), large, np.arange(1), 20 * MS).tolist() == []


def test_without_offload_a_segment_within_others_is_one_sent_again() -> None:
    a = _plain((0, 1_000, 0), (1_000, 1_000, 0))
    assert offloaded(a, _plain((500, 1_000, 1)), np.arange(1), 20 * MS).tolist() == []
    b = _plain((0, 6_000, 0), (6_000, 6_000, 0))
    assert offloaded(b, _plain((6_000, 6_000, 5)), np.arange(1), 20 * MS).tolist() == []
    assert offloaded(b, _plain((6_000, 1_448, 500)), np.arange(1), 20 * MS).tolist() == []


def test_offload_across_the_end_of_the_sequence_space() -> None:
    start = (1 << 32) - 3_000
    large = _plain((start, 6_000, 0))
    small = _plain((start, 1_500, 0), ((start + 3_000) % (1 << 32), 1_500, 0), (5_000, 1_500, 0))
    assert offloaded(large, small, np.arange(3), 20 * MS).tolist() == [0, 1]
