"""Fragments joined a block at a time: the packets that one fragment after another gives, whatever a block holds."""

import random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from scapy.layers.inet6 import IPv6ExtHdrFragment
from scapy.packet import Raw

from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.fragment_groups import groups
from dicomsniff.tcp.fragments import STALE_NS
from dicomsniff.tcp.link import network_headers
from tests.tcp import wrappings
from tests.tcp.assembling import blocks, payloads


def _packet(number: int, data: bytes, size: int, v6: bool) -> list[bytes]:
    if v6:
        packet: Any = wrappings.v6(IPv6ExtHdrFragment(id=number))
        packet[Raw].load = data
    else:
        packet = wrappings.v4(data)
        packet.id = number
    return wrappings.fragments(packet, size)


def _found(frames: list[tuple[int, bytes]], size: int | None) -> list[tuple[int, bytes]]:
    decoder, found = Decoder(EndpointBook()), []
    for block in blocks(frames, size):
        decoded = decoder.decode(block)
        found += list(zip(decoded.segments.number.tolist(), payloads(decoded), strict=True))
    return found


def _grouped(frames: list[tuple[int, bytes]]) -> int:
    [block] = blocks(frames, None)
    header, ether = network_headers(1, block.data, block.offset, block.offset + block.captured)
    return len(groups(block, block.number - 1, ether, header)[0])


def test_ordinary_packets_are_joined_without_looking_at_each_fragment() -> None:
    said = [random.Random(number).randbytes(1200) for number in range(20)]
    pieces = [_packet(number, data, 500, number % 2 > 0) for number, data in enumerate(said, 1)]
    frames = [(0, piece) for packet in pieces for piece in packet]
    assert _grouped(frames) == 20
    assert [data for _, data in _found(frames, None)] == said


def test_doubled_overlapping_late_and_missing_fragments_are_left_to_the_table() -> None:
    first, second, third = _packet(1, bytes(1200), 500, False)
    assert _grouped([(0, first), (0, second), (0, third)]) == 1
    assert _grouped([(0, first), (0, second), (0, second), (0, third)]) == 0
    assert _grouped([(0, first), (0, third)]) == 0
    assert _grouped([(0, first), (0, second), (STALE_NS + 1, third)]) == 0
    longer = _packet(1, bytes(1200), 700, False)[0]
    assert _grouped([(0, longer), (0, second), (0, third)]) == 0


def test_fragments_that_come_again_in_the_next_block_make_no_second_packet() -> None:
    frames = [(0, piece) for piece in _packet(1, bytes(1200), 500, False)]
    assert _found(frames + frames, len(frames)) == [(3, bytes(1200))]


def test_the_rest_of_a_packet_that_another_block_began_is_added_to_it() -> None:
    mine, other = _packet(1, b"m" * 1200, 500, False), _packet(1, b"o" * 1200, 500, False)
    [found] = _found([(0, mine[0]), *((1, piece) for piece in other)], 1)
    assert _found([(0, mine[0]), *((1, piece) for piece in other)], None) == [found]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([2, 5, 30, None]))
@example(23558, 5)  # the first three of four fragments complete a packet of the block before, the last begins another
def test_any_fragments_give_what_they_give_one_by_one(seed: int, size: int | None) -> None:
    rng = random.Random(seed)
    frames: list[tuple[int, bytes]] = []
    for _ in range(rng.randrange(1, 12)):
        data = rng.randbytes(rng.randrange(50, 900))
        pieces = _packet(rng.randrange(1, 5), data, rng.choice((100, 200, 400)), rng.random() < 0.3)
        pieces = [p for p in pieces if rng.random() > 0.03] + [p for p in pieces if rng.random() < 0.05]
        if rng.random() < 0.3:
            rng.shuffle(pieces)
        frames += [(0, piece) for piece in pieces]
    if rng.random() < 0.3:
        rng.shuffle(frames)
    step = rng.choice((1000, STALE_NS // 5))
    timed = [(number * step, frame) for number, (_, frame) in enumerate(frames)]
    assert sorted(_found(timed, size)) == sorted(_found(timed, 1))
