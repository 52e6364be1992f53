"""IP fragments in any order, over blocks, doubled and overlapping: whole packets or nothing, never other bytes."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
from scapy.layers.l2 import GRE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.fragments import STALE_NS, WAITING, FragmentTable
from tests.tcp import wrappings
from tests.tcp.assembling import blocks, payloads

KEY = (b"source and destination", 7, 6)
DATA = random.Random(5).randbytes(1300)


def _v4(size: int = 400) -> list[bytes]:
    return wrappings.fragments(wrappings.v4(DATA), size)


def _v6() -> list[bytes]:
    packet: Any = wrappings.v6(IPv6ExtHdrFragment(id=99), IPv6ExtHdrDestOpt())
    packet[Raw].load = DATA
    return wrappings.fragments(packet, 500)


def _found(pieces: list[bytes], size: int | None = None, step_ns: int = 1000) -> list[bytes]:
    decoder, found = Decoder(EndpointBook()), []
    for block in blocks([(number * step_ns, piece) for number, piece in enumerate(pieces)], size):
        found += payloads(decoder.decode(block))
    return found


@pytest.mark.parametrize("size", [1, 2, None])
@pytest.mark.parametrize("make", [_v4, _v6])
def test_fragments_in_any_order_make_the_packet(make: Any, size: int | None) -> None:
    pieces = make()
    assert len(pieces) >= 3
    for seed in range(6):
        random.Random(seed).shuffle(pieces)
        assert _found(pieces, size) == [DATA]


def test_the_packet_is_numbered_as_the_fragment_that_completed_it() -> None:
    decoded = Decoder(EndpointBook()).decode(blocks([(n, piece) for n, piece in enumerate(_v4())], None)[0])
    assert (decoded.segments.number.tolist(), decoded.segments.length.tolist()) == ([4], [len(DATA)])


def test_a_packet_with_a_fragment_missing_is_nothing() -> None:
    for missing in range(len(_v4())):
        pieces = _v4()
        del pieces[missing]
        assert _found(pieces) == []


def test_fragments_captured_twice_make_one_packet() -> None:
    assert _found([piece for piece in _v4() for _ in range(2)]) == [DATA]
    assert _found(_v4() + _v4(), 1) == [DATA]


def test_an_identification_used_again_later_does_not_mix_packets() -> None:
    first, second = _v4(), wrappings.fragments(wrappings.v4(DATA[::-1]), 400)
    assert _found([*first[:2], *second], step_ns=STALE_NS + 1) == []
    pieces = [(0, first[1]), *((2 * STALE_NS + n, piece) for n, piece in enumerate(second))]
    decoder = Decoder(EndpointBook())
    assert payloads(decoder.decode(blocks(pieces, None)[0])) == [DATA[::-1]]


def test_fragments_of_a_tunnel_packet_are_joined_and_followed() -> None:
    inner = wrappings.ethernet() / wrappings.v4(DATA)
    outer = IP(src="192.168.1.1", dst="192.168.1.2", id=3)
    for packet in (
        outer / UDP(dport=4789) / VXLAN(flags=8) / inner,
        outer / GRE() / wrappings.v4(DATA),
        outer / wrappings.v4(DATA),
    ):
        pieces = wrappings.fragments(packet, 600)
        assert len(pieces) == 3
        assert _found(pieces[::-1]) == [DATA]


def test_a_fragment_cut_by_the_snap_length_is_not_used() -> None:
    frames = [(number, piece) for number, piece in enumerate(_v4())]
    assert payloads(Decoder(EndpointBook()).decode(blocks(frames, None, snap=300)[0])) == []


@settings(max_examples=200, deadline=None)
@given(
    st.binary(min_size=9, max_size=200),
    st.lists(st.tuples(st.integers(0, 24), st.integers(1, 8)), max_size=30),
    st.randoms(),
)
def test_overlapping_fragments_of_one_packet_never_give_other_bytes(
    data: bytes, cuts: list[tuple[int, int]], rng: random.Random
) -> None:
    pieces = [(start, start + 8) for start in range(0, len(data), 8)]
    pieces += [(start * 8, start * 8 + count * 8) for start, count in cuts if start * 8 < len(data)]
    rng.shuffle(pieces)
    table = FragmentTable()
    found = [table.add(KEY, start, stop < len(data), data[start:stop], 0) for start, stop in pieces]
    assert [whole for whole in found if whole is not None] == [data]


def test_a_piece_beyond_the_longest_packet_is_refused() -> None:
    table = FragmentTable()
    assert table.add(KEY, 65_528, False, bytes(8), 0) is None
    assert table.add(KEY, 0, False, b"whole", 0) == b"whole"


def test_the_oldest_packet_gives_way_when_too_many_wait() -> None:
    table = FragmentTable()
    for number in range(WAITING + 1):
        assert table.add((b"", number, 6), 0, True, bytes(8), 0) is None
    assert table.add((b"", WAITING, 6), 8, False, b"end", 0) == bytes(8) + b"end"
    assert table.add((b"", 0, 6), 8, False, b"end", 0) is None


def test_where_fragments_overlap_the_bytes_that_came_first_win_and_a_contradiction_is_counted() -> None:
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        pieces = [(0, True, b"a" * 16), (8, True, b"b" * 16), (16, False, b"c" * 16)]
        table, known = FragmentTable(), dict[int, int]()
        found = None
        for place in order:
            offset, more, piece = pieces[place]
            for at, byte in enumerate(piece, offset):
                known.setdefault(at, byte)
            found = table.add(KEY, offset, more, piece, 0) or found
        wanted = bytes(known[at] for at in sorted(known))
        assert found is not None and wanted.startswith(found[:24]) and len(found) == 32
        assert table.differing == 1


def test_fragments_that_say_the_same_twice_contradict_nothing() -> None:
    table = FragmentTable()
    assert table.add(KEY, 0, True, b"a" * 16, 0) is None
    assert table.add(KEY, 8, True, b"a" * 16, 0) is None
    assert table.add(KEY, 0, True, b"a" * 16, 0) is None
    assert table.add(KEY, 24, False, b"b", 0) == b"a" * 24 + b"b"
    assert table.differing == 0


def test_two_ends_of_one_packet_contradict_each_other() -> None:
    table = FragmentTable()
    assert table.add(KEY, 8, False, b"end", 0) is None
    assert table.add(KEY, 16, False, b"another", 0) is None
    assert table.add(KEY, 0, True, b"a" * 8, 0) == b"a" * 8 + b"end"
    assert table.differing == 1


def test_a_hole_is_no_packet_however_much_lies_behind_it() -> None:
    table = FragmentTable()
    assert table.add(KEY, 16, False, b"end", 0) is None
    assert table.add(KEY, 24, True, b"x" * 64, 0) is None
    assert table.add(KEY, 0, True, b"a" * 8, 0) is None
    assert table.add(KEY, 8, True, b"a" * 8, 0) == b"a" * 16 + b"end"
